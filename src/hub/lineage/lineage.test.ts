/** Families on a real hub: claims in cards, chunks that are really shared, and whom nobody may hear of. @also postgresql */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLog } from '#platform/log.ts';
import { createFolderObjects } from '#platform/objects/folder.ts';
import { seededBytes } from '#xet/seeded-bytes.ts';
import { createXet } from '#xet/xet.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { tinyGguf } from '../../../test/tiny-gguf.ts';
import { ACME, BOLT, callAs, createHubWorld } from '../hub-fixture.ts';
import { createFace, large, put } from '../huggingface/writing-fixture.ts';
import type { Family } from './api.ts';
import { createLineageMeasure } from './measure.ts';
import { createLineageRoutes } from './routes.ts';

const world = await createHubWorld(await createTestDatabase());
const { database } = world.database;
const xet = createXet({
  database,
  objects: createFolderObjects({ folder: world.objectsFolder, reserveBytes: 0 }),
  clock: world.clock,
  secret: 'a secret of this test',
  readable: (scope, sha256s) => hub.readable(scope, sha256s),
  keeps: (tx, sha256s) => hub.keeps(tx, sha256s),
  accept: (tenantId, { sha256, sizeBytes }) => hub.uploads.accept({ tenantId, sha256, sizeBytes }),
});
const hub = world.createHub({ otherBytes: xet });
const face = createFace(world, hub);
const measure = createLineageMeasure({
  database,
  log: silentLog,
  sharedBytes: (of, base) => xet.sharedBytes(of, base),
});

type Made = Readonly<{ card?: string; bytes?: Uint8Array; file?: string; visibility?: string }>;

async function make(name: string, { card, bytes, file = 'w.bin', visibility = 'public' }: Made) {
  const json = { name, organization: 'acme', visibility };
  assert.equal((await face.ask('/api/repos/create', { json })).status, 200);
  const lines = [put('README.md', `---\n${card ?? 'license: mit'}\n---\n`)];
  if (bytes !== undefined) {
    lines.push(large(file, await face.upload(`acme/${name}`, bytes), bytes.length));
  }
  const { status, body } = await face.commit(`acme/${name}`, lines);
  assert.equal(status, 200, JSON.stringify(body));
}

const cardOf = (base: string, relation: string) =>
  `base_model: acme/${base}\nbase_model_relation: ${relation}`;

async function family(name: string, tenantId = BOLT): Promise<Family> {
  const call = callAs(hub, tenantId, 'owner', (of) => createLineageRoutes(of));
  const { status, response } = await call('GET', `/cloud/v1/models/acme/${name}/family`);
  assert.equal(status, 200);
  const read: Family = JSON.parse(await response.text());
  return read;
}

async function settle(): Promise<void> {
  world.clock.advance(60_000);
  while (await hub.chunking?.step());
  while (await measure.step());
}

const base = seededBytes(3, 6_000_000);
const tuned = Buffer.from(base);
// The middle of it is other than it was.
seededBytes(4, 2_000_000).forEach((byte, index) => (tuned[2_000_000 + index] = byte));
await make('base', { bytes: base });
await make('tuned', { card: cardOf('base', 'finetune'), bytes: tuned });
await make('copy', { card: cardOf('base', 'finetune'), bytes: base });
await make('grand', { card: cardOf('tuned', 'quantized'), bytes: seededBytes(9, 1_500_000) });

describe('the family of a model', () => {
  it('goes down and up, with relations counted for children and for all', async () => {
    const down = await family('base');
    assert.deepEqual(down.derivatives.map(({ name }) => name).toSorted(), [
      'acme/copy',
      'acme/tuned',
    ]);
    const child = down.derivatives.find(({ name }) => name === 'acme/tuned');
    assert.deepEqual(
      child?.members.map(({ name, relation }) => [name, relation]),
      [['acme/grand', 'quantized']],
    );
    assert.deepEqual(down.children, { adapter: 0, finetune: 2, quantized: 0, merge: 0 });
    assert.deepEqual(down.descendants, { adapter: 0, finetune: 2, quantized: 1, merge: 0 });
    const up = await family('grand');
    assert.equal(up.bases[0]?.name, 'acme/tuned');
    assert.equal(up.bases[0]?.members[0]?.name, 'acme/base');
  });

  it('says how much is shared, chunk by chunk, and names a copy', async () => {
    assert.equal((await family('base')).derivatives[0]?.shared, null);
    await settle();
    const { derivatives } = await family('base');
    const of = (name: string) => derivatives.find((member) => member.name === name);
    const { sharedBytes = 0, totalBytes = 0 } = of('acme/tuned')?.shared ?? {};
    assert.equal(totalBytes, 6_000_000);
    // Two thirds of it, but for the chunks at the borders.
    assert.ok(sharedBytes > 3_600_000 && sharedBytes <= 4_000_000, String(sharedBytes));
    assert.deepEqual(of('acme/copy')?.shared, { sharedBytes: 6_000_000, totalBytes: 6_000_000 });
    const grand = of('acme/tuned')?.members[0];
    assert.deepEqual(grand?.shared, { sharedBytes: 0, totalBytes: 1_500_000 });
  });

  it('is measured again when one of the two has a new revision', async () => {
    const oid = await face.upload('acme/copy', seededBytes(20, 1_200_000));
    await face.commit('acme/copy', [large('w.bin', oid, 1_200_000)]);
    await settle();
    const { derivatives } = await family('base');
    const copy = derivatives.find(({ name }) => name === 'acme/copy');
    assert.deepEqual(copy?.shared, { sharedBytes: 0, totalBytes: 1_200_000 });
  });

  it('keeps a member that was renamed, under its name of today', async () => {
    const json = { fromRepo: 'acme/tuned', toRepo: 'acme/tuned-2', type: 'model' };
    assert.equal((await face.ask('/api/repos/move', { json })).status, 200);
    assert.equal((await family('grand')).bases[0]?.name, 'acme/tuned-2');
  });

  it('neither names nor counts a private model to others', async () => {
    await make('hidden', { card: cardOf('base', 'adapter'), visibility: 'private' });
    await make('below', { card: cardOf('hidden', 'merge') });
    const theirs = await family('base');
    assert.ok(!JSON.stringify(theirs).includes('hidden'));
    assert.deepEqual(theirs.descendants, { adapter: 0, finetune: 2, quantized: 1, merge: 0 });
    const ours = await family('base', ACME);
    assert.equal(ours.descendants.adapter, 1);
    assert.equal(ours.descendants.merge, 1);
    // Its card says the name to everybody; the hub adds nothing to that.
    const below = await family('below');
    assert.deepEqual(
      below.bases.map(({ name, modelId }) => [name, modelId]),
      [['acme/hidden', null]],
    );
    const call = callAs(hub, BOLT, 'owner', (of) => createLineageRoutes(of));
    const none = await call('GET', '/cloud/v1/models/acme/hidden/family');
    assert.equal(none.status, 404);
  });

  it('warns where weights are not what the card says', async () => {
    await make('gguf', { bytes: tinyGguf({ seed: 1 }), file: 'm.gguf' });
    const card = cardOf('gguf', 'adapter');
    await make('no-adapter', { card, bytes: tinyGguf({ seed: 2 }), file: 'm.gguf' });
    const [member] = (await family('gguf')).derivatives;
    assert.deepEqual(member?.warnings, ['adapter_is_whole']);
  });

  it('ends where two cards name each other', async () => {
    await make('egg', { card: cardOf('hen', 'finetune') });
    await make('hen', { card: cardOf('egg', 'finetune') });
    const { derivatives, bases, descendants } = await family('egg');
    assert.equal(derivatives[0]?.members[0]?.isRepeat, true);
    assert.equal(bases[0]?.name, 'acme/hen');
    assert.equal(descendants.finetune, 1);
  });
});
