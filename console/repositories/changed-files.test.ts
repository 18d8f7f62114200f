import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TreeEntry } from '#client/hub-repositories.ts';
import { changedFiles } from './changed-files.ts';

const entry = (path: string, oid: string, size = 1): TreeEntry => ({
  type: 'file',
  path,
  oid,
  size,
});

describe('changedFiles', () => {
  it('tells what came, went, changed and was renamed', () => {
    const before = [entry('a', '1'), entry('b', '2'), entry('c', '3'), entry('d', '4', 7)];
    const after = [entry('a', '1'), entry('b', '22', 5), entry('dir/d', '4', 7), entry('e', '5')];

    assert.deepEqual(changedFiles(before, after), [
      { kind: 'changed', path: 'b', sizeBytes: 5, beforeBytes: 1 },
      { kind: 'deleted', path: 'c', sizeBytes: 1 },
      { kind: 'renamed', path: 'dir/d', from: 'd', sizeBytes: 7 },
      { kind: 'added', path: 'e', sizeBytes: 1 },
    ]);
  });

  it('takes a copy for a new file', () => {
    assert.deepEqual(changedFiles([entry('a', '1')], [entry('a', '1'), entry('b', '1')]), [
      { kind: 'added', path: 'b', sizeBytes: 1 },
    ]);
  });
});
