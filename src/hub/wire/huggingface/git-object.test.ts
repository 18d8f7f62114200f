import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { type GitFile, gitObjectId, listTree, pointerOf, treeId } from './git-object.ts';

const file = (path: string, text = path): GitFile => ({
  path,
  sizeBytes: Buffer.byteLength(text),
  sha256: createHash('sha256').update(text).digest('hex'),
});
/** Text that git keeps itself, and with the right to run. */
const small = (path: string, text: string): GitFile => ({
  ...file(path, text),
  gitOid: gitObjectId('blob', Buffer.from(text)),
  isExecutable: true,
});
const FILES = ['README.md', 'a.txt', 'a/b.txt', 'a/c/d.txt', 'ä.txt', 'a-b/e.txt'].map((path) =>
  file(path),
);

describe('the objects of git', () => {
  it('are named as git names them, folders and files whose names sort oddly among them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'flywheel-git-'));
    const git = (...words: string[]): string =>
      execFileSync('git', words, { cwd: folder, encoding: 'utf8' }).trim();
    try {
      git('init', '-q');
      for (const { path, sha256, sizeBytes } of FILES) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${sizeBytes}\n`;
        writeFileSync(join(folder, path), pointer);
      }
      const script = small('a/run.sh', '#!/bin/sh\n');
      writeFileSync(join(folder, script.path), '#!/bin/sh\n', { mode: 0o755 });
      git('add', '-A');
      const tree = git('write-tree');
      const all = [...FILES, script];

      assert.equal(treeId(all, ''), tree);
      assert.equal(treeId(all, 'a'), git('rev-parse', `${tree}:a`));
      assert.equal(pointerOf(file('a.txt')).oid, git('rev-parse', `${tree}:a.txt`));
      assert.equal(
        gitObjectId('blob', Buffer.from('')),
        'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('are listed by folder or with all that lies below', () => {
    const names = (folder: string, isRecursive: boolean) =>
      listTree(FILES, folder, isRecursive)?.map(({ kind, path }) => `${kind} ${path}`);

    assert.deepEqual(names('', false), [
      'file README.md',
      'folder a',
      'folder a-b',
      'file a.txt',
      'file ä.txt',
    ]);
    assert.deepEqual(names('a', true), ['file a/b.txt', 'folder a/c', 'file a/c/d.txt']);
    assert.equal(names('nowhere', false), undefined);
    assert.deepEqual(listTree([], '', true), []);
  });
});
