import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { Answer } from './answer.ts';
import { createTokenText } from './token-text.ts';
import type { AnswerEvent, AnswerOptions } from './answer.ts';

/** Tokens in these tests are pieces of bytes; decoding is what a byte-level tokenizer does. */
const decode = (tokens: readonly Buffer[]): string => Buffer.concat([...tokens]).toString();

const plain: AnswerOptions = {
  stops: [],
  reasoning: true,
  reasoningPrefilled: false,
  tools: true,
  oneCall: false,
};

function run(tokens: readonly Buffer[], options: Partial<AnswerOptions>, cause: 'stop' | 'length') {
  const answer = new Answer(createTokenText(decode), { ...plain, ...options });
  const events: AnswerEvent[] = [];
  for (const token of tokens) {
    events.push(...answer.push(token));
    if (answer.finish() !== null) break;
  }
  if (answer.finish() === null) events.push(...answer.end(cause));
  return { answer, events, text: textOf(events) };
}

function textOf(events: readonly AnswerEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('');
}

const words = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text));

/** Bytes cut into tokens of one to four bytes. */
const byteTokens = (bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Buffer[]> =>
  fc.tuple(bytes, fc.infiniteStream(fc.integer({ min: 1, max: 4 }))).map(([whole, lengths]) => {
    const tokens: Buffer[] = [];
    let rest = Buffer.from(whole);
    for (const length of lengths) {
      if (rest.length === 0) break;
      tokens.push(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    return tokens;
  });

describe('the text of tokens', () => {
  it('never splits a character and loses none', () => {
    const bytes = fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text));
    fc.assert(
      fc.property(byteTokens(bytes), (tokens) => {
        const text = createTokenText(decode);
        const pieces = [...tokens.map((token) => text.push(token)), text.end()];
        assert.equal(pieces.join(''), decode(tokens));
        const wellFormed = !decode(tokens).includes('\u{FFFD}');
        if (wellFormed) assert.ok(pieces.every((piece) => !piece.includes('\u{FFFD}')));
      }),
    );
  });

  it('is the same for bytes that are no text at all', () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(byteTokens(bytes), (tokens) => {
        const text = createTokenText(decode);
        const pieces = [...tokens.map((token) => text.push(token)), text.end()];
        assert.equal(pieces.join(''), decode(tokens));
      }),
    );
  });
});

describe('an answer', () => {
  it('counts every token of an answer that ends by itself', () => {
    const { answer, text } = run(words('Hel', 'lo', ' ', 'world'), {}, 'stop');

    assert.equal(text, 'Hello world');
    assert.equal(answer.finish(), 'stop');
    assert.equal(answer.deliveredTokens(), 4);
    assert.equal(answer.reasoningTokens(), 0);
  });

  it('counts no token of a stop string, even where it begins inside a token', () => {
    const { answer, text } = run(
      words('one', ' two E', 'N', 'D', ' more'),
      { stops: ['END'] },
      'stop',
    );

    assert.equal(text, 'one two ');
    assert.equal(answer.finish(), 'stop');
    assert.equal(answer.deliveredTokens(), 2);
  });

  it('counts reasoning with its marks, and the answer after it', () => {
    const tokens = words('<think>', '\n', 'hm', '\n', '</think>', '\n\n', 'yes', '!');
    const { answer, text, events } = run(tokens, {}, 'stop');

    assert.equal(text, 'yes!');
    assert.deepEqual(events[0], { type: 'reasoning', text: 'hm' });
    assert.equal(answer.reasoningTokens(), 5);
    assert.equal(answer.deliveredTokens(), 8);
  });

  it('does not stop inside the reasoning', () => {
    const { answer, text } = run(
      words('<think>', 'a END b', '</think>', 'x', 'END'),
      { stops: ['END'] },
      'stop',
    );

    assert.equal(text, 'x');
    assert.equal(answer.finish(), 'stop');
  });

  it('ends with tool calls when there was one', () => {
    const call = words('<tool_call>', '{"name": "f", "arguments": {}}', '</tool_call>');

    assert.equal(run(call, {}, 'stop').answer.finish(), 'tool_calls');
    assert.equal(run(call, {}, 'length').answer.finish(), 'length');
  });

  it('ends after the first call when the caller wants one at most', () => {
    const call = words('<tool_call>', '{"name": "f", "arguments": {}}', '</tool_call>');
    const { answer, events } = run([...call, ...call], { oneCall: true }, 'length');

    assert.equal(answer.finish(), 'tool_calls');
    assert.equal(events.filter((event) => event.type === 'call').length, 1);
    assert.equal(answer.deliveredTokens(), 2);
  });

  it('never counts more tokens than it has got, nor fewer as it goes on', () => {
    const pieces = [
      '<think>',
      '</think>',
      'a',
      'END',
      'E',
      '<tool_call>',
      '{"name":"f"}',
      '</tool_call>',
      ' ',
    ];
    const tokens = fc.array(
      fc.constantFrom(...pieces).map((text) => Buffer.from(text)),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(tokens, (all) => {
        const answer = new Answer(createTokenText(decode), { ...plain, stops: ['END'] });
        let before = 0;
        for (const [index, token] of all.entries()) {
          answer.push(token);
          const now = answer.deliveredTokens();
          assert.ok(now >= before && now <= index + 1);
          assert.ok(answer.reasoningTokens() <= now);
          before = now;
          if (answer.finish() !== null) return;
        }
        answer.end('length');
        assert.equal(answer.deliveredTokens(), answer.finish() === 'length' ? all.length : before);
      }),
    );
  });
});
