import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { createTestDatabase } from '../../test/database.ts';
import { tinyGguf } from '../../test/tiny-gguf.ts';
import {
  ACME,
  BOLT,
  OPERATOR,
  createHubWorld,
  importModel,
  storedFiles,
  writeFolder,
} from './hub-fixture.ts';

const model = tinyGguf({ seed: 1 });
const other = tinyGguf({ seed: 2 });
const world = await createHubWorld(await createTestDatabase());
const { hub } = world;

const README = '---\nlicense: mit\ntags: [tiny]\nbase_model: lab/base\n---\n\nA tiny model.\n';

describe('importing a folder', () => {
  it('makes a model with a card, weights and one revision', async () => {
    const source = await writeFolder(world, { 'tiny.gguf': model, 'README.md': README });

    const done = await importModel(hub, {
      modelName: 'lab/tiny',
      source,
      visibility: 'public',
      message: 'first',
    });

    assert.equal(done.state, 'succeeded', String(done.error?.message));
    assert.equal(done.stage, 'done');
    assert.equal(done.receivedBytes, model.length + README.length);
    const shown = await hub.showModel(OPERATOR, 'lab/tiny');
    assert.equal(shown.license, 'mit');
    assert.equal(shown.summary, 'A tiny model.');
    assert.equal(shown.card, 'A tiny model.');
    assert.deepEqual(shown.tags, ['tiny']);
    assert.deepEqual(shown.bases, [{ name: 'lab/base', modelId: null, relation: 'quantized' }]);
    assert.equal(shown.weights?.architecture, 'qwen3');
    assert.equal(shown.weights?.contextLength, 2048);
    assert.equal(shown.weights?.quantization, 'F16');
    assert.equal(shown.weights?.isAdapter, false);
    assert.equal(shown.latestRevisionId, done.revisionId);
    assert.deepEqual(
      shown.revisions.map(({ id, message, files }) => [id, message, files.map((f) => f.path)]),
      [[done.revisionId, 'first', ['README.md', 'tiny.gguf']]],
    );
  });

  it('makes the same revision of the same files, and stores their bytes once', async () => {
    const source = await writeFolder(world, { 'tiny.gguf': model, 'README.md': README });
    const before = await storedFiles(world);

    const again = await importModel(hub, { modelName: 'lab/tiny', source });
    const copy = await importModel(hub, { modelName: 'lab/copy', source });

    const shown = await hub.showModel(OPERATOR, 'lab/tiny');
    assert.deepEqual(
      shown.revisions.map((revision) => revision.id),
      [again.revisionId],
    );
    assert.equal(copy.revisionId, again.revisionId);
    assert.deepEqual((await storedFiles(world)).toSorted(), before.toSorted());
    await hub.removeModel(OPERATOR, 'lab/copy');
  });

  it('goes back to an earlier content when that is imported again', async () => {
    const first = await hub.showModel(OPERATOR, 'lab/tiny');
    const source = await writeFolder(world, { 'tiny.gguf': other });

    const second = await importModel(hub, { modelName: 'lab/tiny', source });
    const back = await writeFolder(world, { 'tiny.gguf': model, 'README.md': README });
    await importModel(hub, { modelName: 'lab/tiny', source: back });

    const shown = await hub.showModel(OPERATOR, 'lab/tiny');
    assert.notEqual(second.revisionId, first.latestRevisionId);
    assert.equal(shown.latestRevisionId, first.latestRevisionId);
    assert.equal(shown.revisions.length, 2);
  });

  it('links a base that arrives later, and shows its derivatives', async () => {
    const source = await writeFolder(world, { 'base.gguf': other });
    await importModel(hub, { modelName: 'lab/base', source, visibility: 'public' });

    const base = await hub.showModel(OPERATOR, 'lab/base');
    const child = await hub.showModel(OPERATOR, 'lab/tiny');

    assert.equal(child.bases[0]?.modelId, base.id);
    assert.deepEqual(base.derivatives, [{ name: 'lab/tiny', relation: 'quantized' }]);
  });

  it('asks which one when there are several models, and takes the one that is named', async () => {
    const source = await writeFolder(world, { 'a.gguf': model, 'b.gguf': other, 'x.json': '{}' });

    const unclear = await importModel(hub, { modelName: 'lab/two', source });
    const clear = await importModel(hub, { modelName: 'lab/two', source: `${source}#b.gguf` });

    assert.equal(unclear.error?.code, 'weights.ambiguous');
    assert.match(unclear.error?.message ?? '', /a\.gguf, b\.gguf/);
    assert.equal(clear.state, 'succeeded');
    const shown = await hub.showModel(OPERATOR, 'lab/two');
    assert.deepEqual(
      shown.revisions[0]?.files.map((file) => file.path),
      ['b.gguf', 'x.json'],
    );
    await hub.removeModel(OPERATOR, 'lab/two');
  });

  it('is for the operator alone', async () => {
    const source = await writeFolder(world, { 'tiny.gguf': model });

    await assert.rejects(importModel(hub, { modelName: 'acme/x', source }, ACME), {
      code: 'import.local_denied',
      status: 403,
    });
  });
});

describe('serving', () => {
  it('finds what a tenant may call, and the bytes behind it', async () => {
    const found = await hub.findModel('lab/tiny', BOLT);
    assert.ok(found);

    const resolved = await hub.resolveWeights(found.id, null);

    assert.equal(resolved.revisionId, found.latestRevisionId);
    assert.equal(resolved.weights.path, 'tiny.gguf');
    assert.equal(resolved.weights.sha256, createHash('sha256').update(model).digest('hex'));
    assert.equal(resolved.weights.sizeBytes, model.length);
    assert.equal(resolved.contextLength, 2048);
    assert.equal(resolved.adapterOf, null);
    assert.equal(await hub.findModel('lab/nothing', BOLT), null);
    await assert.rejects(hub.resolveWeights('mdl_none', null), { code: 'model.unknown' });
    await assert.rejects(hub.getRevision(found.id, 'f'.repeat(40)), { code: 'revision.unknown' });
  });

  it('gives an adapter the weights of its base', async () => {
    const config = JSON.stringify({ base_model_name_or_path: 'lab/base' });
    const files = { 'adapter_model.safetensors': safetensors(), 'adapter_config.json': config };
    await importModel(hub, { modelName: 'lab/tuned', source: await writeFolder(world, files) });
    const tuned = await hub.findModel('lab/tuned', OPERATOR);
    const base = await hub.findModel('lab/base', OPERATOR);

    const resolved = await hub.resolveWeights(tuned?.id ?? '', null);

    assert.equal(tuned?.weights?.isAdapter, true);
    assert.equal(resolved.weights.path, 'adapter_model.safetensors');
    assert.equal(resolved.adapterOf?.modelId, base?.id);
    assert.equal(resolved.adapterOf?.weights.path, 'base.gguf');
    assert.equal(resolved.contextLength, 2048);
    const published = (await hub.listPublished()).find(({ name }) => name === 'lab/tuned');
    assert.equal(published?.contextLength, 2048, 'before it ever ran');
  });

  it('says which base is missing', async () => {
    const config = JSON.stringify({ base_model_name_or_path: 'far/away' });
    const files = { 'adapter_model.safetensors': safetensors(), 'adapter_config.json': config };
    await importModel(hub, { modelName: 'lab/lost', source: await writeFolder(world, files) });
    const lost = await hub.findModel('lab/lost', OPERATOR);

    await assert.rejects(hub.resolveWeights(lost?.id ?? '', null), {
      code: 'weights.base_missing',
      message: /far\/away/,
    });
    await hub.removeModel(OPERATOR, 'lab/lost');
    await hub.removeModel(OPERATOR, 'lab/tuned');
  });

  it('lists every live model for the feed', async () => {
    const names = (await hub.listPublished()).map((found) => found.name);

    assert.deepEqual(names.toSorted(), ['lab/base', 'lab/tiny']);
  });
});

describe('bundled models', () => {
  it('are imported once, and recognised after', async () => {
    const folder = await writeFolder(world, { 'm.gguf': model, 'README.md': README, 'no.txt': '' });
    const bundled = {
      modelName: 'flywheel/tiny',
      folder,
      files: ['m.gguf', 'README.md'],
      license: 'Apache-2.0',
      visibility: 'public' as const,
      message: 'bundled',
    };

    const first = await hub.importBundled(OPERATOR, bundled);
    const second = await hub.importBundled(OPERATOR, bundled);

    assert.deepEqual(second, first);
    const shown = await hub.showModel(BOLT, 'flywheel/tiny');
    assert.equal(shown.license, 'Apache-2.0');
    assert.equal(shown.revisions.length, 1);
    assert.equal(shown.revisions[0]?.files.length, 2);
    await hub.removeModel(OPERATOR, 'flywheel/tiny');
  });
});

describe('removing a model', () => {
  it('is refused while it is deployed', async () => {
    const found = await hub.findModel('lab/base', OPERATOR);
    assert.ok(found);
    world.deployed.add(found.id);

    await assert.rejects(hub.removeModel(OPERATOR, 'lab/base'), { code: 'model.deployed' });
    world.deployed.delete(found.id);
  });

  it('is for its owner', async () => {
    await assert.rejects(hub.removeModel(BOLT, 'lab/base'), { code: 'model.not_yours' });
  });

  it('takes the bytes that nothing else is made of, and frees the name', async () => {
    await hub.removeModel(OPERATOR, 'lab/base');
    assert.deepEqual((await hub.showModel(OPERATOR, 'lab/tiny')).bases, [
      { name: 'lab/base', modelId: null, relation: 'quantized' },
    ]);
    await hub.removeModel(OPERATOR, 'lab/tiny');

    assert.deepEqual(await storedFiles(world), []);
    assert.equal(await hub.findModel('lab/tiny', OPERATOR), null);
    const source = await writeFolder(world, { 'tiny.gguf': model });
    const again = await importModel(hub, { modelName: 'lab/tiny', source });
    assert.equal(again.state, 'succeeded');
  });
});

function safetensors(): Buffer {
  const header = Buffer.from(
    JSON.stringify({ lora: { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] } }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(16)]);
}
