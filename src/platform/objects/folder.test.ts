import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { describeObjectStore } from './contract.ts';
import { createFolderObjects } from './folder.ts';

const root = await mkdtemp(join(tmpdir(), 'flywheel-objects-'));
after(() => rm(root, { recursive: true, force: true }));

async function createStore(reserveBytes = 0) {
  const folder = await mkdtemp(join(root, 'store-'));
  return { folder, store: createFolderObjects({ folder, reserveBytes }) };
}

describeObjectStore('a local folder', async () => (await createStore()).store);

describe('a full disk', () => {
  it('is said clearly, and leaves nothing behind', async () => {
    const { folder, store } = await createStore();
    await mkdir(join(folder, 'tmp'), { recursive: true });
    // The kernel answers every write to this device with ENOSPC.
    await symlink('/dev/full', join(folder, 'tmp', 'big'));
    const stage = await store.stage('big');

    await assert.rejects(stage.append(zeros(1)), { code: 'storage.full', status: 507 });
    await stage.discard();

    assert.deepEqual(await readdir(join(folder, 'tmp')), []);
  });

  it('is noticed before the first byte when the size is known', async () => {
    const { folder, store } = await createStore();

    await assert.rejects(store.stage('huge', Number.MAX_SAFE_INTEGER), { code: 'storage.full' });

    assert.deepEqual(await readdir(join(folder, 'tmp')), []);
  });

  it('never eats into the reserve', async () => {
    const { store } = await createStore(Number.MAX_SAFE_INTEGER);

    await assert.rejects(store.stage('small', 1), { code: 'storage.full' });
  });
});

describe('a local folder', () => {
  it('says where an object lies', async () => {
    const { folder, store } = await createStore();

    assert.equal(store.localPath('blobs/aa/bb'), join(folder, 'blobs/aa/bb'));
  });
});

async function* zeros(count: number) {
  for (let i = 0; i < count; i += 1) yield new Uint8Array(1024);
}
