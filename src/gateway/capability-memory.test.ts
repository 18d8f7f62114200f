import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCapabilityMemory } from './capability-memory.ts';
import { feedModel } from './gateway-fixture.ts';

describe('what a model can do', () => {
  it('is still said of it while it sleeps, and forgotten with it', () => {
    const remember = createCapabilityMemory();
    const asleep = feedModel({ capabilities: [], contextLength: null });
    const awake = feedModel({ capabilities: ['chat'], contextLength: 2048 });
    assert.deepEqual(remember([asleep]), [asleep]);
    assert.deepEqual(remember([awake]), [awake]);
    assert.deepEqual(remember([asleep]), [awake]);
    assert.deepEqual(remember([]), []);
    assert.deepEqual(remember([asleep]), [asleep]);
  });
});
