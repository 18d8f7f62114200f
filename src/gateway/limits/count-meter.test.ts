import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CountMeter } from './count-meter.ts';
import type { Draw } from './draw.ts';
import type { ShareGrant } from './meter.ts';

const ADDRESS = {
  tenantId: 'ten',
  level: 'tenant',
  scopeId: 'ten',
  metric: 'requests_per_minute',
} as const;
const GRANT: ShareGrant = {
  shareId: 'shr',
  amount: 100n,
  limit: 100n,
  others: 0n,
  fair: null,
  ttlMs: 120_000,
  resetsInMs: null,
};

function start(grant: Partial<ShareGrant> = {}) {
  const meter = new CountMeter(ADDRESS, 'requests_per_minute', 100n);
  meter.adopt({ ...GRANT, ...grant }, 0, 0);
  const take = (most: number, nowMs = 1_000): number => {
    let taken = 0;
    for (; taken < most; taken += 1) {
      const draw: Draw = { meters: [meter], tokens: 1, holdPico: 0n, takenAtMs: nowMs };
      if (!meter.fits(draw, nowMs)) break;
      meter.take(draw, nowMs);
    }
    return taken;
  };
  return { meter, take };
}

describe('a share at a gateway', () => {
  it('is not used any more as soon as it is offered back, answer or none', () => {
    const { meter, take } = start();
    take(10);
    meter.trim();

    const { want, used } = meter.wish(2_000);

    assert.equal(used, 10n);
    assert.ok(want < 30n, String(want));
    assert.equal(take(100, 2_000), Number(want) - 10);
  });

  it('comes down to the fair part, and never beneath what was done on it', () => {
    const { meter, take } = start({ fair: 50n });
    take(70);
    assert.equal(meter.wish(2_000).want, 70n);
    assert.equal(take(10, 2_000), 0);
    assert.equal(meter.wish(70_000).want, 50n);
  });

  it('ends by itself, and from when it was asked for', () => {
    const { take } = start();
    assert.equal(take(1, 119_999), 1);
    assert.equal(take(1, 120_000), 0);
  });
});
