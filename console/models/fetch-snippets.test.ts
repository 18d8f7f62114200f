import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fetchSnippets } from './fetch-snippets.ts';

const OPEN = { url: 'http://cloud:8080', model: 'lab/tiny', path: 'a b/m.gguf', isPrivate: false };

describe('the ways to fetch a model', () => {
  it('name this cloud and ask for a token only where one is needed', () => {
    for (const { language, code } of fetchSnippets(OPEN)) {
      assert.match(code, /http:\/\/cloud:8080/, language);
      assert.match(code, /lab\/tiny/, language);
      assert.doesNotMatch(code, /token/i, language);
    }
    for (const { language, code } of fetchSnippets({ ...OPEN, isPrivate: true })) {
      assert.match(code, /HF_TOKEN/, language);
    }
  });

  it('escape a path where it becomes an address', () => {
    const curl = fetchSnippets(OPEN).find(({ language }) => language === 'curl');
    assert.match(curl?.code ?? '', /resolve\/main\/a%20b\/m\.gguf$/);
  });
});
