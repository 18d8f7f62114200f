import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { percentile } from './events.ts';
import { POLICIES } from './policies.ts';
import { play } from './simulation.ts';
import { EXCERPT, ceilingOf, readTrace } from './trace.ts';

const trace = readTrace(EXCERPT);
const played = (name: string, replicas = 4) => {
  const policy = POLICIES[name]?.();
  assert(policy !== undefined);
  const { hitShare, firstTokenMs } = play(trace, policy, { replicas, cacheBlocks: 8_000 });
  return { hitShare, p50: percentile(firstTokenMs, 0.5), p99: percentile(firstTokenMs, 0.99) };
};

describe('the choice of a replica on a public trace', () => {
  const flywheel = played('flywheel (new prefill × batch)');

  it('finds nine tenths of all reuse there is', () => {
    assert.ok(flywheel.hitShare >= 0.9 * ceilingOf(trace), String(flywheel.hitShare));
  });

  it('has more hits and an earlier first token than choices that do not look at prompts', () => {
    for (const name of ['round-robin', 'least-outstanding']) {
      const other = played(name);
      assert.ok(flywheel.hitShare > other.hitShare, name);
      assert.ok(flywheel.p50 < other.p50, name);
      assert.ok(flywheel.p99 <= other.p99, name);
    }
  });

  it('answers every request, whoever chooses', () => {
    for (const [name, create] of Object.entries(POLICIES)) {
      assert.equal(play(trace, create(), { replicas: 3 }).firstTokenMs.length, trace.length, name);
    }
  });
});
