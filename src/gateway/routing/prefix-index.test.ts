import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PrefixIndex } from './prefix-index.ts';
import { BLOCK_BYTES, promptBlocks } from './prompt-blocks.ts';

const text = (blocks: number, letter: string): string => letter.repeat(blocks * BLOCK_BYTES);
const chat = (...contents: string[]) => ({
  messages: contents.map((content) => ({ role: 'user', content })),
});

/** How many blocks two lists share from their start. */
function shared(left: readonly number[], right: readonly number[]): number {
  const at = left.findIndex((block, index) => block !== right[index]);
  return at === -1 ? left.length : at;
}

describe('the blocks of a prompt', () => {
  it('are the same as far as two prompts are the same', () => {
    const first = promptBlocks('t', chat(text(4, 'a'), 'What is it?'));
    const second = promptBlocks('t', chat(text(4, 'a'), text(2, 'b')));
    assert.equal(first.length, 4);
    assert.equal(shared(first, second), 4);
  });

  it('never match after the first difference, whatever follows', () => {
    const first = promptBlocks('t', chat(`x${text(6, 'a')}`));
    const second = promptBlocks('t', chat(`y${text(6, 'a')}`));
    assert.equal(first.filter((block) => second.includes(block)).length, 0);
  });

  it('are another tenant’s own', () => {
    const prompt = chat(text(8, 'a'));
    const [mine, theirs] = [promptBlocks('ten_a', prompt), promptBlocks('ten_b', prompt)];
    assert.equal(mine.filter((block) => theirs.includes(block)).length, 0);
  });

  it('do not depend on the order of fields or on what is no prompt', () => {
    const messages = [{ role: 'user', content: text(3, 'a') }];
    const first = promptBlocks('t', { model: 'm', user: 'one', messages, stream: true });
    const second = promptBlocks('t', { messages, user: 'two', temperature: 1, model: 'm' });
    assert.deepEqual(first, second);
  });

  it('are bounded for a prompt of any length or depth', () => {
    let deep: unknown = text(1, 'a');
    for (let depth = 0; depth < 10_000; depth += 1) deep = [deep];
    assert.deepEqual(promptBlocks('t', { messages: deep }), []);
    assert.equal(promptBlocks('t', chat(text(2_000, '嗨'))).length, 256);
  });
});

describe('the index of prefixes', () => {
  it('knows where a beginning was sent', () => {
    const index = new PrefixIndex();
    const blocks = promptBlocks('t', chat(text(4, 'a')));
    index.note('rep_a', blocks);
    const longer = promptBlocks('t', chat(`${text(4, 'a')}${text(4, 'b')}`));
    // The mark after the shorter prompt's end is past its last whole block.
    assert.equal(index.matchOf('rep_a', longer), 4);
    assert.equal(index.matchOf('rep_b', longer), 0);
    index.forget('rep_a');
    assert.equal(index.matchOf('rep_a', longer), 0);
  });

  it('is a cache: what was not used for longest goes first, tails before beginnings', () => {
    const index = new PrefixIndex(4);
    index.note('rep', [1, 2, 3]);
    index.note('rep', [10, 11]);
    assert.equal(index.matchOf('rep', [1, 2, 3]), 2);
    assert.equal(index.matchOf('rep', [10, 11]), 2);
  });

  it('holds no more than it may', () => {
    const prompts = fc.array(
      fc.tuple(fc.constantFrom('a', 'b'), fc.uniqueArray(fc.integer(), { maxLength: 40 })),
    );
    fc.assert(
      fc.property(prompts, (all) => {
        const index = new PrefixIndex(16);
        for (const [replica, blocks] of all) {
          index.note(replica, blocks);
          assert.ok(index.blocks <= 32);
          assert.equal(index.matchOf(replica, blocks), Math.min(16, blocks.length));
        }
      }),
    );
  });
});
