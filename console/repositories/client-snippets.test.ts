import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Used, clientSnippets } from './client-snippets.ts';

const OPEN: Used = {
  url: 'http://cloud:8080',
  kind: 'model',
  name: 'lab/tiny',
  files: [
    { path: 'config.json', sizeBytes: 1 },
    { path: 'a b/m.gguf', sizeBytes: 9 },
  ],
  needsToken: false,
};

const TOKEN = /_TOKEN|hub token/;

const languages = (used: Used): readonly string[] =>
  clientSnippets(used).map(({ language }) => language);

describe('the ways to use a repository', () => {
  it('name it and this cloud, and ask for a token only where one is needed', () => {
    for (const { language, code } of clientSnippets(OPEN)) {
      assert.match(code, /lab\/tiny/, language);
      assert.doesNotMatch(code, TOKEN, language);
      if (language !== 'flywheel') assert.match(code, /http:\/\/cloud:8080/, language);
    }
    for (const { language, code } of clientSnippets({ ...OPEN, needsToken: true })) {
      if (language !== 'flywheel') assert.match(code, TOKEN, language);
    }
  });

  it('are those that can do something with what is there', () => {
    assert.deepEqual(languages({ ...OPEN, files: [] }), [
      'hf',
      'python',
      'node',
      'modelscope',
      'git',
      'curl',
      'flywheel',
    ]);
    assert.ok(languages(OPEN).includes('transformers'));
    assert.ok(languages(OPEN).includes('llama'));
    assert.ok(languages({ ...OPEN, kind: 'dataset' }).includes('datasets'));
    assert.ok(!languages({ ...OPEN, kind: 'space' }).includes('vllm'));
  });

  it('say which kind of repository it is to clients that ask', () => {
    for (const { language, code } of clientSnippets({ ...OPEN, kind: 'dataset' })) {
      assert.match(code, /dataset/, language);
    }
  });

  it('escape a path where it becomes an address', () => {
    const curl = clientSnippets(OPEN).find(({ language }) => language === 'curl');
    assert.match(curl?.code ?? '', /resolve\/main\/a%20b\/m\.gguf$/);
  });
});
