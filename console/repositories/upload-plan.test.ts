import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addFiles, change, shareDone } from './upload-plan.ts';

const file = (name: string, text: string): File => new File([text], name);

describe('files on their way', () => {
  it('lie in the folder that is open, once each, without what programs leave behind', () => {
    const first = addFiles([], 'data', [
      { path: 'a.txt', file: file('a.txt', '1') },
      { path: 'sub/b.txt', file: file('b.txt', '2') },
      { path: '.git/config', file: file('config', '3') },
      { path: 'sub/.DS_Store', file: file('.DS_Store', '4') },
    ]);
    const again = addFiles(first, 'data', [{ path: 'a.txt', file: file('a.txt', '11') }]);

    assert.deepEqual(
      again.map(({ path, file: { size } }) => [path, size]),
      [
        ['data/sub/b.txt', 1],
        ['data/a.txt', 2],
      ],
    );
  });

  it('are as far as their bytes', () => {
    const items = addFiles([], '', [
      { path: 'a', file: file('a', '12345') },
      { path: 'b', file: file('b', '12345') },
    ]);

    assert.equal(shareDone(items), 0);
    const half = change(items, 'a', { state: 'sent' });
    assert.equal(shareDone(half), 0.5);
    assert.equal(shareDone(change(half, 'b', { state: 'same' })), 1);
  });
});
