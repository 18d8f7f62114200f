import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { ReasoningSplitter } from './reasoning.ts';
import { createStopMatcher } from './stop-strings.ts';
import { ToolCallReader } from './tool-calls.ts';
import type { ToolEvent } from './tool-calls.ts';

/** A text built of pieces that matter, and one way to cut it up. */
function chunked(pieces: readonly string[]): fc.Arbitrary<string[]> {
  const text = fc
    .array(fc.constantFrom(...pieces), { maxLength: 14 })
    .map((parts) => parts.join(''));
  return fc.tuple(text, fc.array(fc.nat({ max: 7 }))).map(([whole, cuts]) => cut(whole, cuts));
}

function cut(text: string, lengths: readonly number[]): string[] {
  const chunks: string[] = [];
  let rest = text;
  for (const length of lengths) {
    chunks.push(rest.slice(0, length));
    rest = rest.slice(length);
  }
  return [...chunks, rest];
}

function runStops(chunks: readonly string[], stops: readonly string[]) {
  const matcher = createStopMatcher(stops);
  let text = '';
  for (const chunk of chunks) {
    const step = matcher.push(chunk);
    text += step.text;
    if (step.stopped) return { text, stopped: true };
  }
  return { text: text + matcher.end(), stopped: false };
}

describe('stop strings', () => {
  const chunks = chunked(['a', 'b', 'ab', 'c', 'END', 'EN', 'D', '你', ' ']);
  const stops = fc.array(fc.constantFrom('END', 'ab', 'aba', 'cD', '你 ', 'b'), { maxLength: 3 });

  it('cut the same wherever the pieces of the stream begin', () => {
    fc.assert(
      fc.property(chunks, stops, (pieces, marks) => {
        assert.deepEqual(runStops(pieces, marks), runStops([pieces.join('')], marks));
      }),
    );
  });

  it('are never delivered, not even in part, and nothing else is lost', () => {
    fc.assert(
      fc.property(chunks, stops, (pieces, marks) => {
        const whole = pieces.join('');
        const { text, stopped } = runStops(pieces, marks);
        assert.ok(whole.startsWith(text));
        assert.ok(marks.every((mark) => !text.includes(mark)));
        assert.equal(
          stopped,
          marks.some((mark) => whole.includes(mark)),
        );
        if (!stopped) assert.equal(text, whole);
      }),
    );
  });

  it('let text through as soon as it cannot be part of one', () => {
    const matcher = createStopMatcher(['\n\nUser:']);

    assert.equal(matcher.push('one').text, 'one');
    assert.equal(matcher.push(' two\n').text, ' two');
    assert.equal(matcher.push('three').text, '\nthree');
    assert.deepEqual(matcher.push('\n\nUser: no'), { text: '', stopped: true });
  });
});

function runReasoning(
  chunks: readonly string[],
  options: { enabled: boolean; prefilled: boolean },
) {
  const splitter = new ReasoningSplitter(options);
  const all = [...chunks.map((chunk) => splitter.push(chunk)), splitter.end()];
  return {
    reasoning: all.map((piece) => piece.reasoning).join(''),
    content: all.map((piece) => piece.content).join(''),
    start: splitter.contentStart(),
    length: splitter.reasoningLength(),
  };
}

describe('reasoning', () => {
  it('is split the same wherever the pieces of the stream begin', () => {
    const pieces = ['<think>', '</think>', '<', '/think>', 'a', 'bc', ' ', '\n', '你', '<thi'];
    fc.assert(
      fc.property(chunked(pieces), fc.boolean(), fc.boolean(), (chunks, enabled, prefilled) => {
        const options = { enabled, prefilled };
        const once = runReasoning([chunks.join('')], options);
        const often = runReasoning(chunks, options);
        assert.deepEqual(
          { reasoning: often.reasoning, content: often.content },
          { reasoning: once.reasoning, content: once.content },
        );
      }),
    );
  });

  it('ends where the answer begins', () => {
    const text = '<think>\nhm, well\n</think>\n\nHello';
    const { reasoning, content, start, length } = runReasoning([text], on);

    assert.deepEqual([reasoning, content], ['hm, well', 'Hello']);
    assert.equal(text.slice(start), 'Hello');
    assert.equal(text.slice(0, length), '<think>\nhm, well\n</think>');
  });

  it('may have been opened by the prompt', () => {
    const { reasoning, content } = runReasoning(['so', '</th', 'ink>', 'yes'], {
      enabled: true,
      prefilled: true,
    });

    assert.deepEqual([reasoning, content], ['so', 'yes']);
  });

  it('is everything when it never ends, and nothing when it never begins', () => {
    assert.equal(runReasoning(['<think>a b'], on).reasoning, 'a b');
    assert.equal(runReasoning([' plain <think>x</think>'], on).content, ' plain <think>x</think>');
  });

  it('is left in the text of models that have none', () => {
    const { content } = runReasoning(['<think>a</think>b'], { enabled: false, prefilled: false });

    assert.equal(content, '<think>a</think>b');
  });
});

const on = { enabled: true, prefilled: false };

function runTools(chunks: readonly string[]) {
  const reader = new ToolCallReader();
  const events = [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()];
  return { text: joinText(events), calls: joinCalls(events) };
}

function joinText(events: readonly ToolEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('');
}

function joinCalls(events: readonly ToolEvent[]): { name: string; arguments: string }[] {
  const calls: { name: string; arguments: string }[] = [];
  for (const event of events) {
    if (event.type === 'call') calls[event.index] = { name: event.name, arguments: '' };
    const call = event.type === 'arguments' ? calls[event.index] : undefined;
    if (event.type === 'arguments' && call !== undefined) call.arguments += event.text;
  }
  return calls;
}

describe('tool calls', () => {
  it('are read the same wherever the pieces of the stream begin', () => {
    const pieces = [
      '<tool_call>',
      '</tool_call>',
      '{"name": "f", "arguments": {',
      '"a": [1, {}]',
      '}}',
      '}',
      '{',
      '"x<y"',
      '\n',
      ' ',
      'text',
      '<',
      '\\"',
      '{"arguments": {}, "name": "g"}',
      '<function=h>',
      '<parameter=k>',
      '</parameter>',
      '</function>',
    ];
    fc.assert(
      fc.property(chunked(pieces), (chunks) => {
        assert.deepEqual(runTools(chunks), runTools([chunks.join('')]));
      }),
    );
  });

  it("are understood in Qwen's form, several in one answer", () => {
    const { text, calls } = runTools([
      'Let me see.\n<tool_call>\n{"name": "get_weather", "arguments": {"city": "Par',
      'is", "note": "a } b"}}\n</tool_call>\n<tool_call>\n{"arguments": {"n": 1}, "name": "count"}\n</tool_call>',
    ]);

    assert.equal(text, 'Let me see.');
    assert.deepEqual(calls, [
      { name: 'get_weather', arguments: '{"city": "Paris", "note": "a } b"}' },
      { name: 'count', arguments: '{"n":1}' },
    ]);
  });

  it('are understood in the tagged form of newer models', () => {
    const { calls } = runTools([
      '<tool_call>\n<function=find>\n<parameter=query>\nold maps\n</parameter>\n',
      '<parameter=limit>\n3\n</parameter>\n</function>\n</tool_call>',
    ]);

    assert.deepEqual(calls, [{ name: 'find', arguments: '{"query":"old maps","limit":3}' }]);
  });

  it('stream their arguments while they are written', () => {
    const reader = new ToolCallReader();

    assert.deepEqual(reader.push('<tool_call>{"name": "f", "arguments": {"a'), [
      { type: 'call', index: 0, name: 'f' },
      { type: 'arguments', index: 0, text: '{"a' },
    ]);
    assert.deepEqual(reader.push('": 1'), [{ type: 'arguments', index: 0, text: '": 1' }]);
  });

  it('stay text when they are none', () => {
    assert.equal(
      runTools(['<tool_call>nothing</tool_call>']).text,
      '<tool_call>nothing</tool_call>',
    );
    assert.equal(runTools(['a < b <tool']).text, 'a < b <tool');
  });
});
