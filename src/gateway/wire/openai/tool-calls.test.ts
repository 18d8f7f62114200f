import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ToolCallRepair } from './tool-calls.ts';

type Piece = Readonly<{
  index?: number;
  id?: string | null;
  type?: string;
  function?: Readonly<{ name?: string | null; arguments?: string }>;
}>;

const chunk = (call: Piece) => ({ choices: [{ index: 0, delta: { tool_calls: [call] } }] });

/** What a program that follows the specification makes of the pieces. */
function calls(pieces: readonly Piece[]): { calls: string[]; changed: number } {
  const repair = new ToolCallRepair();
  const collected: { id: string; name: string; text: string }[] = [];
  let changed = 0;
  for (const piece of pieces) {
    const given = chunk(piece);
    const repaired = repair.repair(given);
    if (repaired !== null) changed += 1;
    const { choices } = (repaired ?? given) as typeof given;
    for (const { index, id, function: called } of choices[0]?.delta.tool_calls ?? []) {
      assert(index !== undefined);
      collected[index] ??= { id: '', name: '', text: '' };
      const call = collected[index];
      call.id += id ?? '';
      call.name += called?.name ?? '';
      call.text += called?.arguments ?? '';
    }
  }
  return { calls: collected.map(({ id, name, text }) => `${id} ${name}(${text})`), changed };
}

const TWO = ['a f({"x":1})', 'b g({"y":2})'];
const start = (index: number | undefined, id: string, name: string): Piece => ({
  ...(index === undefined ? {} : { index }),
  id,
  type: 'function',
  function: { name, arguments: '' },
});
const more = (text: string, extra: Piece = {}): Piece => ({
  ...extra,
  function: { ...extra.function, arguments: text },
});

describe('rule 12: pieces of tool calls', () => {
  it('stay as they are where they are right', () => {
    const seen = calls([
      start(0, 'a', 'f'),
      more('{"x":', { index: 0 }),
      more('1}', { index: 0 }),
      start(1, 'b', 'g'),
      more('{"y":2}', { index: 1 }),
    ]);
    assert.deepEqual(seen, { calls: TWO, changed: 0 });
  });

  it('with index 0 for every call are told apart by their ids', () => {
    const seen = calls([
      start(0, 'a', 'f'),
      more('{"x":1}', { index: 0 }),
      start(0, 'b', 'g'),
      more('{"y":2}', { index: 0 }),
    ]);
    assert.deepEqual(seen.calls, TWO);
  });

  it('that repeat id and name are one call with one name', () => {
    const seen = calls([
      start(0, 'a', 'f'),
      more('{"x":1}', { index: 0, id: 'a', type: 'function', function: { name: 'f' } }),
      start(1, 'b', 'g'),
      more('{"y":2}', { index: 1, id: 'b', type: 'function', function: { name: 'g' } }),
    ]);
    assert.deepEqual(seen.calls, TWO);
  });

  it('with a null id past the first go on, and so do those with a new id and no name', () => {
    const seen = calls([
      start(0, 'a', 'f'),
      more('{"x":', { index: 0, id: null, function: { name: null } }),
      more('1}', { index: 0, id: 'another' }),
      start(1, 'b', 'g'),
      more('{"y":2}', { index: 1, id: '' }),
    ]);
    assert.deepEqual(seen.calls, TWO);
  });

  it('without an index belong to the last call', () => {
    const seen = calls([
      start(undefined, 'a', 'f'),
      more('{"x":1}'),
      start(undefined, 'b', 'g'),
      more('{"y":2}'),
    ]);
    assert.deepEqual(seen.calls, TWO);
  });

  it('without any id get one', () => {
    const seen = calls([{ index: 0, function: { name: 'f', arguments: '{}' } }]);
    assert.deepEqual(seen.calls, ['call_0 f({})']);
  });
});
