import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rateName, readRate } from './cost-rate.ts';

describe('a rate of what a provider asks', () => {
  it('is read as it is typed', () => {
    const of = (text: string) => {
      const { per, tiers } = readRate(text);
      return [rateName(readRate(text)), per, tiers[0]?.amount];
    };

    assert.deepEqual(of('token/cache_write/1h=6'), ['token/cache_write/1h', 1_000_000, '6']);
    assert.deepEqual(of('character/input=20'), ['character/input', 1_000_000, '20']);
    assert.deepEqual(of('image/output=0.2'), ['image/output', 1, '0.2']);
  });

  it('is refused where it says no unit, no direction or no amount', () => {
    for (const text of [
      '',
      'image=1',
      'hours/input=1',
      'image/up=1',
      'image/output=-1',
      'image/output',
    ]) {
      assert.throws(() => readRate(text), { message: /UNIT\/DIRECTION=AMOUNT/ }, text);
    }
  });
});
