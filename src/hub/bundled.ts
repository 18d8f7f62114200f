/**
 * Models that come with the program: imported from its own folder at first start, at once and not
 * through the queue, and recognised by their content at every start after.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { ObjectStore } from '#platform/objects.ts';
import { blobKey } from './blobs.ts';
import { openLocal, readPieces } from './import/local.ts';
import { stageName, stagedFile } from './import/run.ts';
import { parseModelName, requireSafePath } from './name.ts';
import { type Published, type StagedFile, publish } from './publish.ts';
import { revisionIdOf } from './revision-id.ts';
import { lockModelName, selectRevisions } from './store.ts';

export type BundledModel = Readonly<{
  modelName: string;
  folder: string;
  /** Names of files in the folder. */
  files: readonly string[];
  license: string | null;
  visibility: 'public' | 'private';
  message: string;
}>;

type Parts = Readonly<{ database: Database; objects: ObjectStore; clock: Clock }>;

export async function importBundled(
  parts: Parts,
  tenantId: string,
  model: BundledModel,
): Promise<Published> {
  const hashed = await Promise.all(
    model.files.map(async (path) => ({
      path: requireSafePath(path),
      sha256: await hashFile(join(model.folder, path)),
    })),
  );
  const known = await findPublished(parts, { ...model, tenantId, files: hashed });
  if (known !== null) return known;
  const staged: StagedFile[] = [];
  try {
    for (const { path } of hashed) staged.push(await stageFile(parts.objects, model, path));
    const name = parseModelName(model.modelName);
    return await publish(parts, { ...model, tenantId, name, files: staged });
  } finally {
    for (const file of staged) await file.stage.discard();
  }
}

async function hashFile(path: string): Promise<string> {
  const source = await openLocal(path);
  const hash = createHash('sha256');
  try {
    for await (const piece of readPieces(source)) hash.update(piece);
    return hash.digest('hex');
  } finally {
    await source.close();
  }
}

/** The revision, when it is the model's latest and all its bytes are here. */
async function findPublished(
  { database, objects }: Parts,
  wanted: Readonly<{
    tenantId: string;
    modelName: string;
    files: readonly Readonly<{ path: string; sha256: string }>[];
  }>,
): Promise<Published | null> {
  const revisionId = revisionIdOf(wanted.files);
  const model = await lockModelName(database, parseModelName(wanted.modelName));
  if (model?.tenantId !== wanted.tenantId || model.latestRevisionId !== revisionId) return null;
  for (const { sha256 } of wanted.files) {
    if ((await objects.stat(blobKey(sha256))) === null) return null;
  }
  const key = { tenantId: wanted.tenantId, modelId: model.id, revisionId, limit: 1 };
  const [revision] = await selectRevisions(database, key);
  if (revision === undefined) return null;
  return { modelId: model.id, revisionId, sizeBytes: revision.sizeBytes };
}

async function stageFile(
  objects: ObjectStore,
  model: BundledModel,
  path: string,
): Promise<StagedFile> {
  const stage = await objects.stage(stageName('bundled', `${model.modelName}/${path}`));
  await stage.reset();
  const source = await openLocal(join(model.folder, path));
  try {
    await stage.append(readPieces(source));
  } finally {
    await source.close();
  }
  return stagedFile(path, stage);
}
