import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Breaker, FAILURES_TO_OPEN, type Outcome } from './breaker.ts';

/** One request after the other, each ending at once. */
function attempt(breaker: Breaker, outcome: Outcome, nowMs: number): void {
  breaker.end(outcome, { isProbe: breaker.begin(nowMs), nowMs });
}

const fail = (breaker: Breaker, times: number, nowMs = 0): void => {
  for (let time = 0; time < times; time += 1) attempt(breaker, 'failed', nowMs);
};

describe('a breaker', () => {
  it('opens after three failures in a row and not before', () => {
    const breaker = new Breaker();
    fail(breaker, FAILURES_TO_OPEN - 1);
    attempt(breaker, 'ok', 0);
    fail(breaker, FAILURES_TO_OPEN - 1);
    assert.equal(breaker.state(0), 'closed');
    fail(breaker, 1);
    assert.equal(breaker.state(0), 'open');
    assert.ok(breaker.restMs(0) > 0);
  });

  it('ignores what says nothing about the replica: 4xx, 429, callers that leave', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('failed' as const, 'neutral' as const)), (outcomes) => {
        const [with4xx, without] = [new Breaker(), new Breaker()];
        for (const outcome of outcomes) {
          attempt(with4xx, outcome, 0);
          if (outcome === 'failed') attempt(without, outcome, 0);
        }
        assert.equal(with4xx.state(0), without.state(0));
      }),
    );
  });

  it('lets one request try it when its rest is over, and closes when that succeeds', () => {
    const breaker = new Breaker();
    fail(breaker, 3);
    const later = breaker.restMs(0);
    assert.equal(breaker.state(later), 'half_open');
    assert.equal(breaker.restMs(later), 0);
    assert.equal(breaker.begin(later), true);
    assert.equal(breaker.begin(later), false);
    assert.ok(breaker.restMs(later) > 0, 'a second probe');
    breaker.end('ok', { isProbe: true, nowMs: later });
    assert.equal(breaker.state(later), 'closed');
  });

  it('gives the place of a probe back that ended without a word', () => {
    const breaker = new Breaker();
    fail(breaker, 3);
    attempt(breaker, 'neutral', 1_000);
    assert.deepEqual([breaker.state(1_000), breaker.restMs(1_000)], ['half_open', 0]);
  });

  it('rests twice as long each time a probe fails, and thirty seconds at most', () => {
    const breaker = new Breaker();
    fail(breaker, 3);
    const rests: number[] = [];
    let nowMs = 0;
    for (let time = 0; time < 9; time += 1) {
      rests.push(breaker.restMs(nowMs));
      nowMs += breaker.restMs(nowMs);
      fail(breaker, 1, nowMs);
    }
    assert.deepEqual(rests, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is not opened longer by what was on its way when it opened', () => {
    const breaker = new Breaker();
    fail(breaker, 3);
    const rest = breaker.restMs(0);
    breaker.end('failed', { isProbe: false, nowMs: 0 });
    assert.equal(breaker.restMs(0), rest);
  });
});
