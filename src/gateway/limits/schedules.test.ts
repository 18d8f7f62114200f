/** Any schedule of calls, settlements, lost answers, absent control and lost gateways, on a clock that is moved. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createManualClock } from '#platform/clock.ts';
import { silentLog } from '#platform/log.ts';
import { graceMsOf, ttlMsOf } from '#limits/metric.ts';
import { shareSize } from '#limits/share.ts';
import { failRequest } from '../errors.ts';
import { createFeedState } from '../feed-state.ts';
import { type Draw, settleAll } from './draw.ts';
import { Limiter } from './limiter.ts';
import type { ShareGrant } from './meter.ts';
import type { ShareRequest } from './share-asker.ts';

const MINUTE_MS = 60_000;

type Limits = Readonly<{ requests: number; tokens: number; concurrency: number }>;

/** Control as it keeps shares, in memory: those that ended count for their while. */
class Shares {
  readonly held: { id: string; meter: string; amount: bigint; endsMs: number; graceMs: number }[] =
    [];
  #made = 0;

  grant(request: ShareRequest, limit: bigint, nowMs: number): ShareGrant {
    const { metric, used, want, least, shareId } = request;
    const counted = this.held.filter(
      ({ meter, endsMs, graceMs }) => meter === metric && endsMs + graceMs > nowMs,
    );
    const own = counted.find(({ id, endsMs }) => id === shareId && endsMs > nowMs);
    let others = 0n;
    for (const share of counted) if (share !== own) others += share.amount;
    const amount = shareSize({ limit, others, mine: own?.amount ?? 0n, used, want, least });
    const share = own ?? {
      id: `shr_${(this.#made += 1)}`,
      meter: metric,
      amount,
      endsMs: 0,
      graceMs: graceMsOf(metric),
    };
    if (own === undefined) this.held.push(share);
    share.amount = amount;
    share.endsMs = want === 0n ? nowMs : nowMs + ttlMsOf(metric);
    assert.ok(others + amount <= limit, `${others} and ${amount} of ${limit} ${metric} are out`);
    const ttlMs = ttlMsOf(metric);
    const fair = others > 0n ? limit / 2n + 1n : null;
    const kept = want === 0n ? null : share.id;
    return { shareId: kept, amount, limit, others, fair, ttlMs, resetsInMs: null };
  }
}

const step = fc.record({
  gateway: fc.nat({ max: 1 }),
  kind: fc.oneof(
    { weight: 10, arbitrary: fc.constant('call' as const) },
    { weight: 5, arbitrary: fc.constant('settle' as const) },
    { weight: 6, arbitrary: fc.constant('wait' as const) },
    { weight: 4, arbitrary: fc.constant('sync' as const) },
    { weight: 3, arbitrary: fc.constant('control' as const) },
    { weight: 1, arbitrary: fc.constant('kill' as const) },
  ),
  count: fc.integer({ min: 1, max: 12 }),
  tokens: fc.integer({ min: 1, max: 60 }),
  /** Around the ends of windows and shares, where mistakes would be. */
  ms: fc.constantFrom(0, 500, 5_000, 29_000, 59_000, 61_000, 119_000, 121_000),
  /** Of control's next answer: it is given, and never arrives. */
  isLost: fc.nat({ max: 7 }).map((number) => number === 0),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function run(limits: Limits, steps: readonly Step[]): Promise<void> {
  const clock = createManualClock();
  const feed = createFeedState(clock);
  const shares = new Shares();
  const limitOf = new Map<string, bigint>([
    ['requests_per_minute', BigInt(limits.requests)],
    ['tokens_per_minute', BigInt(limits.tokens)],
    ['concurrency', BigInt(limits.concurrency)],
  ]);
  const metrics = Object.fromEntries([...limitOf].map(([name, limit]) => [name, String(limit)]));
  const none = { models: null, regions: null, networks: null };
  const level = { level: 'tenant' as const, scopeId: 'ten', metrics, ...none };
  /** Gateways that cannot reach control. */
  const cutOff = new Set<number>();
  let losesNext = false;
  const create = (index: number): Limiter =>
    new Limiter({
      feed,
      clock,
      log: silentLog,
      readAddress: () => '',
      control: {
        readPolicy: async () => ({ version: 0, levels: [level] }),
        askShares: async (requests) => {
          if (cutOff.has(index)) throw failRequest('control_unavailable', 'away');
          const grants = requests.map((request) =>
            shares.grant(request, limitOf.get(request.metric) ?? 0n, clock.monotonicMs()),
          );
          // Long enough for calls that come while control is asked.
          for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
          if (losesNext) throw failRequest('control_unavailable', 'lost');
          return grants;
        },
      },
    });
  const key = {
    id: 'key',
    tenantId: 'ten',
    projectId: 'prj',
    models: null,
    expiresAtMs: null,
    role: 'developer',
  };
  const gateways = [create(0), create(1)];
  const running = new Map<Limiter, Draw[]>(gateways.map((gateway) => [gateway, []]));
  const letIn: { atMs: number; draw: Draw; tokens: number }[] = [];

  for (const { gateway: index, kind, count, tokens, ms, isLost } of steps) {
    const gateway = gateways[index] ?? assert.fail();
    const own = running.get(gateway) ?? assert.fail();
    losesNext = isLost && kind !== 'settle';
    if (kind === 'wait') clock.advance(ms);
    else if (kind === 'control') {
      if (!cutOff.delete(index)) cutOff.add(index);
    } else if (kind === 'sync') gateway.sync();
    else if (kind === 'kill') {
      const next = create(index);
      gateways[index] = next;
      cutOff.delete(index);
      running.delete(gateway);
      running.set(next, []);
    } else if (kind === 'settle') {
      for (const draw of own.splice(0, count)) {
        // Never more than was reserved: then the limit holds without "and one request".
        const real = Math.min(tokens, draw.tokens);
        settleAll(draw, { tokens: real, spentPico: 0n }, clock.monotonicMs());
        for (const each of letIn) if (each.draw === draw) each.tokens = real;
        gateway.ended();
      }
    } else {
      const { meters } = await gateway.policyOf(key);
      const tries = Array.from({ length: count }, async () => {
        const draw: Draw = { meters, tokens, holdPico: 0n, takenAtMs: null };
        try {
          await gateway.take(draw, { waitMs: 0, onWait: () => {} });
        } catch {
          return;
        }
        own.push(draw);
        letIn.push({ atMs: clock.monotonicMs(), draw, tokens: draw.tokens });
      });
      await Promise.all(tries);
    }
    // What was asked for in the background is answered before the next step, but after a sync.
    const turns = kind === 'sync' ? 0 : 40;
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    // What runs on after its gateway has not heard from control for as long as a share counts is forgotten.
    const sinceMs = clock.monotonicMs() - graceMsOf('concurrency');
    const draws = [...running.values()].flat();
    const now = draws.filter(({ takenAtMs }) => (takenAtMs ?? 0) > sinceMs).length;
    assert.ok(now <= limits.concurrency, `${now} of ${limits.concurrency} at the same time`);
  }
  for (const gateway of running.keys()) await gateway.stop(new Error('over'));
  for (const { atMs } of letIn) {
    const inMinute = letIn.filter((each) => each.atMs >= atMs && each.atMs < atMs + MINUTE_MS);
    assert.ok(inMinute.length <= limits.requests, `${inMinute.length} of ${limits.requests}`);
    const tokens = inMinute.reduce((sum, each) => sum + each.tokens, 0);
    assert.ok(tokens <= limits.tokens, `${tokens} of ${limits.tokens} tokens`);
  }
}

describe('limits over gateways that come and go', () => {
  it('hold in every schedule', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          requests: fc.integer({ min: 1, max: 24 }),
          tokens: fc.integer({ min: 60, max: 600 }),
          concurrency: fc.integer({ min: 1, max: 12 }),
        }),
        fc.array(step, { maxLength: 120 }),
        run,
      ),
      { numRuns: 1_000 },
    );
  });
});
