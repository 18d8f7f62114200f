import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { SequencePool } from './sequence-pool.ts';

const never = new AbortController().signal;

function createPool(held: readonly (readonly number[])[], queueMax = 2) {
  const sequences = held.map((contextTokens, id) => ({ id, contextTokens }));
  return new SequencePool({ sequences, queueMax });
}

describe('the sequence pool', () => {
  it('gives the sequence that shares the longest beginning with the prompt', async () => {
    const pool = createPool([[], [1, 2, 9], [1, 2, 3, 4]]);

    const first = await pool.acquire([1, 2, 3, 4, 5], never);
    const second = await pool.acquire([1, 2, 3, 4, 5], never);

    assert.equal(first.sequence.id, 2);
    assert.equal(second.sequence.id, 1);
  });

  it('does not throw away a long past for a short common beginning', async () => {
    const long = Array.from({ length: 100 }, (_, i) => i);
    const pool = createPool([long, []]);

    const { sequence } = await pool.acquire([0, 1, 2, 777], never);

    assert.equal(sequence.id, 1);
  });

  it('prefers the one that has rested longest among equals', async () => {
    const pool = createPool([[], [], []]);
    const first = await pool.acquire([1], never);
    const second = await pool.acquire([1], never);
    second.release();
    first.release();

    const { sequence } = await pool.acquire([1], never);

    assert.equal(sequence.id, 2);
    assert.equal((await pool.acquire([1], never)).sequence.id, second.sequence.id);
  });

  it('serves those who wait in their order', async () => {
    const pool = createPool([[]]);
    const running = await pool.acquire([1], never);
    const order: string[] = [];
    const wait = async (name: string): Promise<void> => {
      const lease = await pool.acquire([1], never);
      order.push(name);
      if (name === 'first') lease.release();
    };
    const first = wait('first');
    const second = wait('second');
    assert.equal(pool.waiting(), 2);

    running.release();
    await Promise.all([first, second]);

    assert.deepEqual(order, ['first', 'second']);
    assert.equal(pool.running(), 1);
  });

  it('refuses at once beyond its queue, with a time to come back', async () => {
    const pool = createPool([[]], 0);
    await pool.acquire([1], never);

    await assert.rejects(pool.acquire([1], never), { code: 'engine_busy', retryAfterMs: 2_000 });
  });

  it('forgets a waiting caller who leaves, and only that one', async () => {
    const pool = createPool([[]]);
    const running = await pool.acquire([1], never);
    const abort = new AbortController();
    const leaving = pool.acquire([1], abort.signal);
    const staying = pool.acquire([1], never);

    abort.abort(new Error('left'));

    await assert.rejects(leaving, { message: 'left' });
    running.release();
    running.release();
    assert.equal((await staying).sequence.id, 0);
    assert.equal(pool.waiting(), 0);
  });

  it('counts the state of running sequences only', async () => {
    const pool = createPool([[1, 2, 3], [4]]);
    assert.equal(pool.tokensInUse(), 0);

    await pool.acquire([1, 2, 3], never);

    assert.equal(pool.tokensInUse(), 3);
  });
});
