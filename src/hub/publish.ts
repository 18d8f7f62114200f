/**
 * Makes staged files a revision: all of it in one transaction, so that a model, its revision, its
 * files and their bytes appear together or not at all.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { ObjectStore, Stage } from '#platform/objects.ts';
import { blobKey, removeUnreferencedBlobs } from './blobs.ts';
import { type Content, describeContent } from './content.ts';
import { failHub } from './errors.ts';
import { REGULAR_BYTES_MAX, isRegular } from './git/regular.ts';
import { replaceLineage } from './lineage-store.ts';
import type { ModelName } from './name.ts';
import { claimNamespace } from './repositories/namespace-store.ts';
import { revisionIdOf } from './revision-id.ts';
import { requireWithinQuota } from './storage/quota.ts';
import {
  insertFiles,
  insertModel,
  insertRevision,
  lockBlobs,
  lockModelName,
  updateModelContent,
} from './store.ts';
import { inspectWeights } from './weights.ts';
import type { CandidateFile } from './weights-header.ts';
import { gitObjectId } from './wire/huggingface/git-object.ts';

/** A checked file whose bytes wait in a stage. */
export type StagedFile = CandidateFile & Readonly<{ stage: Stage; gitOid?: string }>;

export type Publication = Readonly<{
  tenantId: string;
  name: ModelName;
  visibility: 'public' | 'private';
  /** Overrides what the card or the weights say. */
  license: string | null;
  message: string;
  files: readonly StagedFile[];
  /** Runs in the same transaction: what must be true exactly when the revision is. */
  also?: (tx: Database, published: Published) => Promise<void>;
}>;

export type Published = Readonly<{ modelId: string; revisionId: string; sizeBytes: number }>;

type Parts = Readonly<{ database: Database; objects: ObjectStore; clock: Clock }>;

/**
 * Checks the weights and publishes. Raises `weights.*`, `model.name_taken`, `storage.full`; then
 * nothing is left but the stages, which are the caller's.
 */
export async function publish(parts: Parts, publication: Publication): Promise<Published> {
  const report = await inspectWeights(publication.files);
  const described = await describeContent(publication.files, report, publication.license);
  const content = { ...described, revisionId: revisionIdOf(publication.files) };
  const files = await Promise.all(publication.files.map((file) => withGitOid(file)));
  try {
    return await transaction(parts.database, (tx) =>
      write(parts, tx, { ...publication, files }, content),
    );
  } catch (error) {
    await removeUnreferencedBlobs(
      parts,
      publication.files.map((file) => file.sha256),
    );
    throw error;
  }
}

/** Small text is git's own. */
async function withGitOid(file: StagedFile): Promise<StagedFile> {
  if (file.sizeBytes > REGULAR_BYTES_MAX) return file;
  const bytes = await file.read(0, file.sizeBytes);
  return isRegular(bytes) ? { ...file, gitOid: gitObjectId('blob', bytes) } : file;
}

async function write(
  { objects, clock }: Parts,
  tx: Database,
  publication: Publication,
  content: Content & Readonly<{ revisionId: string }>,
): Promise<Published> {
  const { tenantId, files } = publication;
  const model = await lockOrCreateModel(tx, publication, createId('mdl', clock.nowMs()));
  const modelId = model.id;
  await lockBlobs(tx, files);
  for (const file of files) {
    // A blob that is here already saves the copy; so does a retry of this transaction.
    if ((await objects.stat(blobKey(file.sha256))) === null) {
      await file.stage.commit(blobKey(file.sha256));
    }
  }
  const { revisionId, sizeBytes } = content;
  const isNew = await insertRevision(tx, {
    ...content,
    id: revisionId,
    tenantId,
    modelId,
    message: publication.message,
    parentId: model.latestRevisionId,
    author: '',
  });
  if (isNew) await insertFiles(tx, { tenantId, modelId, revisionId }, files);
  if (isNew) await requireWithinQuota(tx, tenantId, sizeBytes);
  await updateModelContent(tx, { ...content, tenantId, id: modelId, latestRevisionId: revisionId });
  const fullName = `${publication.name.owner}/${publication.name.name}`;
  await replaceLineage(tx, { tenantId, id: modelId, fullName }, content.bases);
  const published = { modelId, revisionId, sizeBytes };
  await publication.also?.(tx, published);
  return published;
}

async function lockOrCreateModel(
  tx: Database,
  { tenantId, name, visibility }: Publication,
  newId: string,
): Promise<Readonly<{ id: string; latestRevisionId: string | null }>> {
  if ((await lockModelName(tx, name)) === null) {
    if (!(await claimNamespace(tx, name.owner, tenantId))) throw nameTaken(name);
    await insertModel(tx, { ...name, id: newId, tenantId, visibility });
  }
  const model = await lockModelName(tx, name);
  if (model?.tenantId === tenantId) return model;
  throw nameTaken(name);
}

export function nameTaken({ owner, name }: ModelName): Error {
  return failHub('model.name_taken', `The name ${owner}/${name} belongs to someone else.`, {
    param: 'modelName',
  });
}
