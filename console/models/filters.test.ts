import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseModelsSearch } from '../search.ts';
import { allChosen, queryOf, rangeLabel, toggled, withoutFilters } from './filters.ts';

describe('filters of the list of models', () => {
  it('are chosen beside each other and taken back one by one', () => {
    const one = toggled({ q: 'qwen' }, 'license', 'mit');
    const two = toggled(one, 'license', 'apache-2.0');
    assert.deepEqual(two, { q: 'qwen', license: 'mit,apache-2.0' });
    assert.deepEqual(toggled(two, 'license', 'mit'), { q: 'qwen', license: 'apache-2.0' });
    assert.deepEqual(toggled(one, 'license', 'mit'), { q: 'qwen' });
  });

  it('hold one class of sizes at a time', () => {
    const small = toggled({}, 'parameters', 'max:1B');
    assert.deepEqual(toggled(small, 'parameters', 'min:1B,max:6B'), {
      parameters: 'min:1B,max:6B',
    });
    assert.deepEqual(toggled(small, 'parameters', 'max:1B'), {});
    assert.deepEqual(['max:1B', 'min:1B,max:6B', 'min:128B'].map(rangeLabel), [
      '< 1B',
      '1B – 6B',
      '≥ 128B',
    ]);
  });

  it('go from the address to the question and out of it again', () => {
    const search = parseModelsSearch({ kind: 'dataset', q: 'x', task: 'a,b', sort: 'likes' });
    const { task, kind, search: words, sort } = queryOf(search);
    assert.deepEqual({ task, kind, words, sort }, {
      task: ['a', 'b'],
      kind: 'dataset',
      words: 'x',
      sort: 'likes',
    });
    assert.equal(allChosen(search).length, 2);
    assert.deepEqual(withoutFilters(search), { kind: 'dataset', q: 'x', sort: 'likes' });
    assert.deepEqual(parseModelsSearch({ kind: 'else', sort: 'none', task: 7 }), { task: '7' });
  });
});
