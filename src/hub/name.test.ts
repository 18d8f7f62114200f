import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isSafePath, parseModelName } from './name.ts';
import { revisionIdOf } from './revision-id.ts';

describe('parseModelName', () => {
  it('takes owner/name', () => {
    assert.deepEqual(parseModelName('Qwen/Qwen3-0.6B'), { owner: 'Qwen', name: 'Qwen3-0.6B' });
  });

  it('refuses anything else, and owners that the front door needs', () => {
    for (const name of ['', 'one', 'a/b/c', '/b', 'a/', '../b', 'a/.hidden', 'api/x', 'V1/x']) {
      assert.throws(() => parseModelName(name), { code: 'model.name_invalid', status: 400 });
    }
  });
});

describe('isSafePath', () => {
  it('knows the tricks', () => {
    for (const path of [
      '',
      '/etc/passwd',
      '../up',
      'a/../b',
      'a//b',
      './a',
      'a/.',
      'a\0b',
      'a\\b',
      'C:x',
      'x\n',
      ' a',
      'a ',
      'e\u0301.txt',
      'x'.repeat(256),
      'y/'.repeat(600),
    ]) {
      assert.equal(isSafePath(path), false, JSON.stringify(path));
    }
    for (const path of ['model.gguf', 'a/b/c.json', '.gitattributes', '模型/权重.gguf', '..a']) {
      assert.equal(isSafePath(path), true, path);
    }
  });
});

describe('revisionIdOf', () => {
  const file = fc.record({ path: fc.string(), sha256: fc.string() });

  it('is the same for the same files in any order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(file, { selector: (one) => one.path }), (files) => {
        assert.equal(revisionIdOf(files), revisionIdOf(files.toReversed()));
      }),
    );
  });

  it('changes with a path or a byte', () => {
    const one = revisionIdOf([{ path: 'a', sha256: '1' }]);

    assert.match(one, /^[0-9a-f]{40}$/);
    assert.notEqual(one, revisionIdOf([{ path: 'b', sha256: '1' }]));
    assert.notEqual(one, revisionIdOf([{ path: 'a', sha256: '2' }]));
  });
});
