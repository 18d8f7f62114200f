import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { GitFile } from '../wire/huggingface/git-object.ts';
import { coverFiles, parseAttributes } from './attributes.ts';

const large = (path: string): GitFile => ({ path, sizeBytes: 1, sha256: 'a'.repeat(64) });
const small = (path: string): GitFile => ({ ...large(path), gitOid: 'b'.repeat(40) });

/** What git itself makes of the attributes. */
function askGit(attributes: string, paths: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-attributes-'));
  try {
    execFileSync('git', ['init', '-q'], { cwd: folder });
    writeFileSync(join(folder, '.gitattributes'), attributes);
    const out = execFileSync('git', ['check-attr', '-z', 'filter', '--stdin'], {
      cwd: folder,
      input: `${paths.join('\0')}\0`,
      encoding: 'utf8',
    });
    const fields = out.split('\0');
    return paths.filter((_, index) => fields[index * 3 + 2] === 'lfs');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('what .gitattributes says of LFS', () => {
  it('is read as git reads it', () => {
    const text = [
      '# comment *.json filter=lfs',
      '*.bin filter=lfs diff=lfs merge=lfs -text',
      '*.txt text',
      'saved_model/**/* filter=lfs',
      'data-[0-9]?.dat filter=lfs',
      '**/deep/*.pt filter=lfs',
      '/top.x filter=lfs',
      'with[[:space:]]space.q filter=lfs',
      '"quoted name.z" filter=lfs',
      '*tfevents* filter=lfs',
      'small.bin !filter',
      'off.bin -filter',
      '[attr]lfs filter=lfs',
    ].join('\n');
    const paths = [
      ['a.bin', 'd/a.bin', 'small.bin', 'off.bin', 'd/small.bin', 'a.txt', 'a.json'],
      ['saved_model/x', 'saved_model/a/b', 'other/saved_model/x', 'data-12.dat', 'data-1.dat'],
      ['deep/x.pt', 'a/deep/x.pt', 'a/b/deep/x.pt', 'deep/a/x.pt', 'top.x', 'a/top.x'],
      ['with space.q', 'quoted name.z', 'a/quoted name.z', 'e.tfevents.1', '.bin', 'bin'],
    ].flat();
    const isLfs = parseAttributes(text);

    assert.deepEqual(paths.filter(isLfs), askGit(text, paths));
  });

  it('is extended until every large file is covered and no small one is', () => {
    const files = [
      ['a.gguf', 'b/c.gguf', 'no-ending', 'odd [x] *.bin', 'both.dat', 'a"b'].map(large),
      ['README.md', 'small.dat', 'x.bin'].map(small),
    ].flat();
    const text = coverFiles('*.bin filter=lfs diff=lfs merge=lfs -text', files);
    const paths = files.map(({ path }) => path);

    assert.deepEqual(askGit(text, paths), paths.slice(0, 6));
    assert.equal(coverFiles(text, files), text, 'and then says all that it has to');
    assert.equal(coverFiles('', [small('README.md')]), '');
    assert.match(text, /^\*\.gguf filter=lfs diff=lfs merge=lfs -text$/m);
  });

  it('takes no longer for a pattern that is made to', () => {
    const isLfs = parseAttributes(`${'*a'.repeat(200)}b filter=lfs`);

    assert.equal(isLfs('a'.repeat(250)), false);
  });
});
