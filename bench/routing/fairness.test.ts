import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { percentile } from './events.ts';
import { simulateFairness } from './fairness.ts';

describe('a quiet tenant beside a flood', () => {
  for (const seed of [1, 2, 3]) {
    it(`has its first token within one and a half times of alone, at p99 (seed ${seed})`, async () => {
      const scene = { seconds: 400, seed };
      const alone = await simulateFairness({ ...scene, floodPerSecond: 0, isFair: true });
      const beside = await simulateFairness({ ...scene, floodPerSecond: 40, isFair: true });
      const unfair = await simulateFairness({ ...scene, floodPerSecond: 40, isFair: false });

      const [own, shared, blind] = [alone, beside, unfair].map(({ firstTokenMs }) =>
        percentile(firstTokenMs, 0.99),
      );
      assert(own !== undefined && shared !== undefined && blind !== undefined);
      assert.equal(beside.firstTokenMs.length, alone.firstTokenMs.length, 'all were served');
      assert.ok(shared <= 1.5 * own, `${shared} ms beside, ${own} ms alone`);
      // Without telling tenants apart the same load is a catastrophe, or this would prove nothing.
      assert.ok(blind > 20 * own, `${blind} ms first come first served`);
      assert.ok(beside.busyShare > 0.9, `${beside.busyShare} of the slots in use`);
    });
  }
});
