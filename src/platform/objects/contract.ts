/** What every object store promises, as a suite that each adapter's test runs on itself. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Bytes, ObjectInfo, ObjectStore } from '../objects.ts';

export function describeObjectStore(name: string, createStore: () => Promise<ObjectStore>): void {
  describe(`${name} as an object store`, () => {
    it('shows an object whole after commit and not before', async () => {
      const store = await createStore();
      const stage = await store.stage('one');
      await stage.append(pieces('hello ', 'world'));

      const before = await store.stat('blobs/aa/bb');
      await stage.commit('blobs/aa/bb');

      assert.equal(before, null);
      assert.equal((await store.stat('blobs/aa/bb'))?.sizeBytes, 11);
      assert.equal(await text(await store.read('blobs/aa/bb')), 'hello world');
      assert.deepEqual(await store.listStages(), []);
    });

    it('gives exactly the range that was asked for', async () => {
      const store = await createStore();
      const bytes = 'abcdefghij';
      const stage = await store.stage('range');
      await stage.append(pieces(bytes));
      await stage.commit('range');

      await fc.assert(
        fc.asyncProperty(fc.nat(12), fc.nat(14), async (start, end) => {
          const got = await text(await store.read('range', { start, end }));
          assert.equal(got, bytes.slice(start, Math.max(start, end)));
        }),
        { numRuns: 30 },
      );
      assert.equal(await text(await store.read('range', { start: 7 })), 'hij');
    });

    it('goes on with a stage that was closed, hash and all', async () => {
      const store = await createStore();
      const first = await store.stage('resumed');
      await first.append(pieces('first half, '));
      await first.close();

      const second = await store.stage('resumed');
      const found = second.sizeBytes;
      await second.append(pieces('second half'));

      assert.equal(found, 12);
      assert.equal(second.sha256(), sha256('first half, second half'));
      assert.equal(Buffer.from(await second.read(6, 10)).toString(), 'half, seco');
      await second.discard();
    });

    it('keeps what arrived before its source failed', async () => {
      const store = await createStore();
      const stage = await store.stage('torn');

      await assert.rejects(stage.append(failingAfter('kept')), /the wire broke/);

      assert.equal(stage.sizeBytes, 4);
      assert.equal(stage.sha256(), sha256('kept'));
      await stage.discard();
    });

    it('stops appending when it is told to', async () => {
      const store = await createStore();
      const stage = await store.stage('aborted');
      const abort = new AbortController();

      const appending = stage.append(pieces('a', 'b', 'c'), {
        signal: abort.signal,
        onProgress: () => abort.abort(),
      });

      await assert.rejects(appending, { name: 'AbortError' });
      assert.equal(stage.sizeBytes, 1);
      await stage.discard();
    });

    it('forgets a stage that is reset or discarded', async () => {
      const store = await createStore();
      const stage = await store.stage('again');
      await stage.append(pieces('wrong'));
      await stage.reset();
      await stage.append(pieces('right'));

      assert.equal(stage.sha256(), sha256('right'));
      await stage.discard();
      assert.deepEqual(await store.listStages(), []);
      await store.discardStage('never-there');
    });

    it('lists by prefix, replaces, removes, and is silent about what is not there', async () => {
      const store = await createStore();
      for (const key of ['blobs/aa/1', 'blobs/ab/2', 'other/3', 'blobs/aa/1']) {
        const stage = await store.stage('listed');
        await stage.append(pieces(key));
        await stage.commit(key);
      }
      await (await store.stage('unfinished')).close();

      assert.deepEqual(await keys(store.list('blobs/')), ['blobs/aa/1', 'blobs/ab/2']);
      assert.deepEqual(await keys(store.list('blobs/aa')), ['blobs/aa/1']);
      assert.deepEqual(await keys(store.list('')), ['blobs/aa/1', 'blobs/ab/2', 'other/3']);
      await store.remove('blobs/aa/1');
      await store.remove('blobs/aa/1');
      assert.equal(await store.stat('blobs/aa/1'), null);
      assert.equal(await store.read('blobs/aa/1'), null);
    });

    it('refuses keys that are not plain paths', async () => {
      const store = await createStore();
      for (const key of [
        '',
        '../up',
        '/root',
        'a//b',
        'a/../b',
        'a\0b',
        'a/',
        `a${'b'.repeat(200)}`,
      ]) {
        await assert.rejects(async () => store.stat(key), { code: 'storage.key_invalid' });
        await assert.rejects(async () => store.stage(key), { code: 'storage.key_invalid' });
      }
    });
  });
}

async function* pieces(...texts: readonly string[]): Bytes {
  for (const text of texts) yield Buffer.from(text);
}

async function* failingAfter(text: string): Bytes {
  yield Buffer.from(text);
  throw new Error('the wire broke');
}

async function text(bytes: Bytes | null): Promise<string> {
  assert.ok(bytes);
  const parts: Uint8Array[] = [];
  for await (const piece of bytes) parts.push(piece);
  return Buffer.concat(parts).toString();
}

async function keys(list: AsyncIterable<ObjectInfo>): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of list) found.push(key);
  return found.toSorted();
}

function sha256(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}
