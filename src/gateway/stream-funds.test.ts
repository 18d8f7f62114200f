import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as settled } from 'node:timers/promises';
import { StreamFunds } from './stream-funds.ts';

function start(covered: number, raise: (tokens: number) => boolean | Promise<boolean>) {
  const said: string[] = [];
  const funds = new StreamFunds(covered, raise);
  const stream = {
    pause: () => said.push('pause'),
    resume: () => said.push('resume'),
    stop: ({ code }: Readonly<{ code: string }>) => said.push(code),
  };
  return { said, funds, spoke: (delivered: number) => funds.spoke(delivered, stream) };
}

describe('the money behind a stream', () => {
  it('is raised ahead of what is delivered, and the stream hears nothing of it', () => {
    const asked: number[] = [];
    const { said, spoke } = start(100, (tokens) => asked.push(tokens) > 0);

    for (let delivered = 1; delivered <= 1_000; delivered += 1) spoke(delivered);

    assert.deepEqual(said, []);
    assert.ok(asked.length <= 6, `asked ${asked.length} times`);
    assert.ok((asked.at(-1) ?? 0) > 1_000);
  });

  it('stops the stream where it is used up and cannot be raised, not before', () => {
    const { said, spoke } = start(100, () => false);

    spoke(99);
    spoke(100);
    assert.deepEqual(said, []);
    spoke(101);
    assert.deepEqual(said, ['insufficient_quota']);
  });

  it('lets the stream wait while control is asked', async () => {
    const answer = Promise.withResolvers<boolean>();
    const { said, funds, spoke } = start(100, () => answer.promise);

    spoke(90);
    assert.deepEqual(said, []);
    spoke(100);
    assert.deepEqual(said, ['pause']);
    assert.equal(funds.isShort(100), true);
    answer.resolve(true);
    await settled();

    assert.deepEqual(said, ['pause', 'resume']);
    assert.equal(funds.isShort(100), false);
  });

  it('counts a control that fails as no money', async () => {
    const { said, spoke } = start(100, () => Promise.reject(new Error('away')));
    spoke(90);
    await settled();
    spoke(101);
    assert.deepEqual(said, ['resume', 'insufficient_quota']);
  });
});
