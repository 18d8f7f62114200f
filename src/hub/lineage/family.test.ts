import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Weights } from '../api.ts';
import type { FamilyMember } from './api.ts';
import { warningsOf } from './claims.ts';
import { type Edge, type Facts, familyTree } from './family.ts';

const facts = (names: readonly string[]) =>
  new Map<string, Facts>(
    names.map((name, index) => [name, { name, downloads: index, likes: 0, weights: null }]),
  );
const edge = (childId: string, baseId: string | null, baseName = baseId ?? 'gone'): Edge => ({
  childId,
  baseId,
  baseName,
  relation: 'finetune',
  shared: null,
});
const shown = (members: readonly FamilyMember[]): unknown[] =>
  members.map(({ name, members: below, isRepeat }) =>
    isRepeat ? `${name}…` : below.length === 0 ? name : [name, shown(below)],
  );

describe('a family', () => {
  it('is drawn in both directions, the most downloaded first, and names bases that are not here', () => {
    const edges = [edge('b', 'a'), edge('c', 'a'), edge('d', 'c'), edge('a', null, 'lab/far')];
    const known = facts(['a', 'b', 'c', 'd']);
    assert.deepEqual(shown(familyTree('a', edges, known, 'derivatives')), [['c', ['d']], 'b']);
    assert.deepEqual(shown(familyTree('d', edges, known, 'bases')), [['c', [['a', ['lab/far']]]]]);
  });

  it('ends where the cards go in a circle', () => {
    const edges = [edge('b', 'a'), edge('a', 'b')];
    assert.deepEqual(shown(familyTree('a', edges, facts(['a', 'b']), 'bases')), [['b', ['a…']]]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 })), {
          maxLength: 14,
        }),
        (pairs) => {
          const unique = new Map(pairs.map(([child, base]) => [`${child}-${base}`, [child, base]]));
          const all = [...unique.values()].map(([child, base]) => edge(`${child}`, `${base}`));
          const tree = familyTree('0', all, facts(['0', '1', '2', '3', '4', '5']), 'derivatives');
          assert.ok(deepest(tree) <= 9);
        },
      ),
    );
  });

  it('counts what it does not list', () => {
    const names = Array.from({ length: 45 }, (_, index) => `m${index}`);
    const edges = [edge('top', 'root'), ...names.map((name) => edge(name, 'top'))];
    const [top] = familyTree('root', edges, facts(['root', 'top', ...names]), 'derivatives');
    assert.deepEqual([top?.members.length, top?.moreCount], [40, 5]);
    assert.equal(top?.members[0]?.name, 'm44');
  });
});

function deepest(members: readonly FamilyMember[]): number {
  return members.reduce((most, { members: below }) => Math.max(most, 1 + deepest(below)), 0);
}

describe('a claim', () => {
  const whole: Weights = {
    format: 'safetensors',
    path: 'model.safetensors',
    architecture: 'Qwen3ForCausalLM',
    parameters: 1_000_000,
    contextLength: null,
    quantization: 'BF16',
    sizeBytes: 2_000_000,
    isAdapter: false,
  };
  const warnings = (relation: Edge['relation'], weights: Partial<Weights>, more = {}) =>
    warningsOf({ relation, weights: { ...whole, ...weights }, base: whole, shared: null, ...more });

  it('that fits brings no warning', () => {
    assert.deepEqual(warnings('finetune', {}), []);
    assert.deepEqual(warnings('adapter', { isAdapter: true, parameters: 900 }), []);
    assert.deepEqual(warnings('quantized', { format: 'gguf', quantization: 'Q4_K_M' }), []);
    assert.deepEqual(warnings('merge', { parameters: 1_500_000 }), []);
    assert.deepEqual(warnings('finetune', { architecture: 'X' }, { base: null }), []);
  });

  it('that does not is named for what is wrong', () => {
    assert.deepEqual(warnings('adapter', {}), ['adapter_is_whole']);
    assert.deepEqual(warnings('finetune', { isAdapter: true }), ['is_adapter']);
    assert.deepEqual(warnings('finetune', { architecture: 'LlamaForCausalLM' }), [
      'other_architecture',
    ]);
    assert.deepEqual(warnings('finetune', { parameters: 7_000_000 }), ['other_size']);
    assert.deepEqual(warnings('quantized', {}), ['not_quantized']);
    const shared = { sharedBytes: 10, totalBytes: 10 };
    assert.deepEqual(warnings('finetune', {}, { shared }), ['is_copy']);
  });
});
