import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rank } from './rank.ts';
import { searchQuery, wordsOf } from './words.ts';

describe('words', () => {
  it('are those of Latin text, and of Chinese each character and each pair', () => {
    assert.deepEqual(wordsOf(['Qwen2.5 writes.']), ['qwen2.5', 'qwen2', '5', 'writes']);
    assert.deepEqual(wordsOf(['中文诗 ok']), ['中', '文', '诗', '中文', '文诗', 'ok']);
    assert.deepEqual(wordsOf(['ＱＷＥＮ qwen']), ['qwen']);
  });

  it('of one card are bounded', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => `word${index}`).join(' ');
    assert.equal(wordsOf([many]).length, 400);
    assert.equal(wordsOf(['a'.repeat(1_000)])[0]?.length, 60);
  });
});

describe('what somebody typed', () => {
  it('asks for all of its words, each by its beginning', () => {
    assert.equal(searchQuery('Qwen3 0.6'), "'qwen3':* & '0.6':*");
    assert.equal(searchQuery('写诗的模型'), "'写诗':* & '诗的':* & '的模':* & '模型':*");
    assert.equal(searchQuery('诗'), "'诗':*");
  });

  it('cannot leave its quotes', () => {
    assert.equal(searchQuery(`a'b" & | ! :* \\`), "'a':* & 'b':*");
    assert.equal(searchQuery(` '' !! `), null);
  });
});

describe('a rank', () => {
  it('puts the very name first, then beginnings, then what has it, then cards; and more used before less', () => {
    const of = (fullName: string, downloads = 0) => ({
      id: fullName,
      fullName,
      downloads,
      likes: 0,
    });
    const found = [
      of('zoo/poems', 900),
      of('qwen/qwen3-8b-gguf', 5),
      of('qwen/qwen3-8b', 1),
      of('me/my-qwen3-8b', 7),
      of('qwen/qwen3-8b-instruct', 50),
    ];
    assert.deepEqual(
      rank(found, 'Qwen3 8B').map(({ id }) => id),
      [
        'qwen/qwen3-8b',
        'qwen/qwen3-8b-instruct',
        'qwen/qwen3-8b-gguf',
        'me/my-qwen3-8b',
        'zoo/poems',
      ],
    );
  });
});
