/** Shares over any schedule of asks, returns, lost answers and gateways that vanish, on a clock that is moved. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { shareSize } from './share.ts';

const ASK = { limit: 100n, others: 0n, mine: 0n, used: 0n, want: 100n, least: 1n };

describe('a share', () => {
  it('is half of what is free, so that the next gateway finds something', () => {
    assert.equal(shareSize(ASK), 50n);
    assert.equal(shareSize({ ...ASK, others: 50n }), 25n);
  });

  it('is as large as the request that waits needs, when that is there', () => {
    assert.equal(shareSize({ ...ASK, least: 90n }), 90n);
    assert.equal(shareSize({ ...ASK, others: 20n, least: 90n }), 0n);
  });

  it('reaches the whole limit where nobody else wants any', () => {
    let mine = 0n;
    while (mine < 100n) mine = shareSize({ ...ASK, mine, used: mine, least: mine + 1n });
    assert.equal(mine, 100n);
  });

  it('gives back what it does not need and keeps what it has used', () => {
    assert.equal(shareSize({ ...ASK, mine: 80n, used: 30n, want: 40n }), 40n);
    assert.equal(shareSize({ ...ASK, mine: 80n, used: 30n, want: 0n }), 30n);
  });

  it('shrinks to what was used when the limit is lowered beneath it', () => {
    assert.equal(shareSize({ ...ASK, limit: 20n, mine: 80n, used: 30n }), 30n);
    assert.equal(shareSize({ ...ASK, limit: 20n, mine: 80n, used: 5n }), 20n);
  });
});

const TTL_MS = 120_000;
const WINDOW_MS = 60_000;

type Held = { amount: bigint; expiresAtMs: number; uses: { atMs: number; amount: bigint }[] };

const step = fc.record({
  gateway: fc.integer({ min: 0, max: 3 }),
  kind: fc.constantFrom('ask', 'ask', 'ask', 'use', 'use', 'give back', 'vanish', 'wait'),
  amount: fc.bigInt({ min: 1n, max: 40n }),
  /** The answer gets lost: control knows of it and the gateway does not. */
  isLost: fc.boolean(),
  ms: fc.integer({ min: 0, max: 90_000 }),
});

describe('shares over several gateways', () => {
  it('never add up to more than the limit, and neither does what is done in any minute', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 100n }),
        fc.array(step, { maxLength: 120 }),
        (limit, steps) => {
          let nowMs = 0;
          /** What control counts; those that ended count for a minute more. */
          let counted: { gateway: number; amount: bigint; expiresAtMs: number }[] = [];
          const gateways = new Map<number, Held>();
          const done: { atMs: number; amount: bigint }[] = [];
          const usedBy = (held: Held): bigint =>
            held.uses.reduce(
              (sum, { atMs, amount }) => (atMs > nowMs - WINDOW_MS ? sum + amount : sum),
              0n,
            );

          for (const { gateway, kind, amount, isLost, ms } of steps) {
            counted = counted.filter(({ expiresAtMs }) => expiresAtMs + WINDOW_MS > nowMs);
            const held = gateways.get(gateway);
            const isLive = held !== undefined && held.expiresAtMs > nowMs;
            if (kind === 'wait') nowMs += ms;
            else if (kind === 'vanish') gateways.delete(gateway);
            else if (kind === 'use' && isLive && usedBy(held) + amount <= held.amount) {
              held.uses.push({ atMs: nowMs, amount });
              done.push({ atMs: nowMs, amount });
            } else if (kind === 'ask' || kind === 'give back') {
              const own = isLive
                ? counted.find((each) => each.gateway === gateway && each.expiresAtMs > nowMs)
                : undefined;
              const used = isLive ? usedBy(held) : 0n;
              const least = used + amount;
              const want = kind === 'ask' ? least * 2n : used;
              // As a gateway does: what it is about to give back it no longer uses.
              if (isLive && want < held.amount) held.amount = want;
              const others = counted.reduce(
                (sum, each) => (each === own ? sum : sum + each.amount),
                0n,
              );
              const size = shareSize({ limit, others, mine: own?.amount ?? 0n, used, want, least });
              const expiresAtMs = nowMs + TTL_MS;
              if (own === undefined) counted.push({ gateway, amount: size, expiresAtMs });
              else Object.assign(own, { amount: size, expiresAtMs });
              if (!isLost) {
                gateways.set(gateway, { amount: size, expiresAtMs, uses: isLive ? held.uses : [] });
              } else if (own === undefined) gateways.delete(gateway);
            }
            const total = counted.reduce((sum, each) => sum + each.amount, 0n);
            assert.ok(total <= limit, `${total} of ${limit} are out`);
          }
          for (const { atMs } of done) {
            const inMinute = done.reduce(
              (sum, each) =>
                each.atMs >= atMs && each.atMs < atMs + WINDOW_MS ? sum + each.amount : sum,
              0n,
            );
            assert.ok(inMinute <= limit, `${inMinute} of ${limit} in a minute`);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
