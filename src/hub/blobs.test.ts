import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { sql } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { createFolderObjects } from '#platform/objects/folder.ts';
import { createTestDatabase } from '../../test/database.ts';
import { tinyGguf } from '../../test/tiny-gguf.ts';
import { blobKey, sweepBlobs } from './blobs.ts';
import { ACME, BOLT, OPERATOR, createHubWorld, storedFiles } from './hub-fixture.ts';
import { sweepStages } from './stages.ts';

const world = await createHubWorld(await createTestDatabase());
const { hub, folder, objectsFolder } = world;
const { database } = world.database;
const objects = createFolderObjects({ folder: objectsFolder, reserveBytes: 0 });
const HOUR_MS = 3_600_000;

/** Puts a file into the store that nobody wrote properly. */
async function plant(path: string, ageMs: number): Promise<void> {
  const place = join(objectsFolder, path);
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, 'lost');
  const then = new Date(world.clock.nowMs() - ageMs);
  await utimes(place, then, then);
}

async function removeAll(tenantId: string): Promise<void> {
  for (const { name, tenantId: owner } of (await hub.catalogue.list(tenantId, { kind: 'model' }))
    .data) {
    if (owner === tenantId) await hub.removeModel(tenantId, name);
  }
}

describe('blobs', () => {
  it('are there exactly as long as a model needs them, whoever comes and goes at once', async () => {
    const contents = [tinyGguf({ seed: 1 }), tinyGguf({ seed: 2 })];
    for (const [index, content] of contents.entries()) {
      await writeFile(join(folder, `${index}.gguf`), content);
    }
    const tenants = [ACME, BOLT, OPERATOR];
    const turn = async (tenantId: string, step: number): Promise<void> => {
      const modelName = `${tenantId.slice(4)}/m`;
      await hub.importBundled(tenantId, {
        modelName,
        folder,
        files: [`${step % 2}.gguf`],
        license: null,
        visibility: 'private',
        message: '',
      });
      const model = await hub.findModel(modelName, tenantId);
      const { weights } = await hub.resolveWeights(model?.id ?? '', null);
      assert.equal((await objects.stat(blobKey(weights.sha256)))?.sizeBytes, weights.sizeBytes);
      if (step % 3 !== 0) await hub.removeModel(tenantId, modelName);
    };

    await Promise.all(
      tenants.map(async (tenantId, offset) => {
        for (let step = 0; step < 8; step += 1) await turn(tenantId, step + offset);
      }),
    );

    const { rows } = await sql<{ sha256: string }>`
      select distinct encode(blob_sha256, 'hex') as sha256 from files`.execute(database);
    const needed = rows.map((row) => row.sha256.slice(2)).toSorted();
    assert.deepEqual((await storedFiles(world)).toSorted(), needed);
    for (const tenantId of tenants) await removeAll(tenantId);
    assert.deepEqual(await storedFiles(world), []);
  });

  it('that a crash left without a row are swept once they are old', async () => {
    const old = createHash('sha256').update('old').digest('hex');
    const young = createHash('sha256').update('young').digest('hex');
    await plant(blobKey(old), 2 * HOUR_MS);
    await plant(blobKey(young), 0);

    await sweepBlobs({ database, objects }, { nowMs: world.clock.nowMs(), log: silentLog });

    assert.deepEqual(await storedFiles(world), [young.slice(2)]);
    await objects.remove(blobKey(young));
  });
});

describe('staged bytes', () => {
  it('stay for an import that runs, and go for every other', async () => {
    await sql`
      insert into imports (tenant_id, id, model_name, source, state, request)
      values (${ACME}, 'imp_running', 'acme/x', 'https://example.com/x', 'running', '{}')`.execute(
      database,
    );
    await plant('tmp/imp_running-1', 9 * HOUR_MS);
    await plant('tmp/imp_ended-1', 0);
    await plant('tmp/bundled-old', 9 * HOUR_MS);
    await plant('tmp/bundled-young', 0);

    await sweepStages({ database, objects }, { nowMs: world.clock.nowMs(), log: silentLog });

    const left = await storedFiles(world);
    assert.deepEqual(left.toSorted(), ['bundled-young', 'imp_running-1']);
  });
});
