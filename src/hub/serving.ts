/**
 * What the rest of the cloud asks of the hub when it serves models: names, revisions, and which
 * bytes an engine opens. It acts for no tenant; who may see a model is asked with `findModel`.
 */
import type { Database } from '#platform/database.ts';
import type { Revision, Weights } from './api.ts';
import { failHub, failWeights } from './errors.ts';
import { selectAdapterBase, selectAdapterBases } from './lineage-store.ts';
import { withFiles } from './models.ts';
import {
  type ModelRow,
  type RevisionMetadata,
  selectLiveModels,
  selectModelById,
  selectRevisions,
} from './store.ts';

export type WeightsFile = Readonly<{ sha256: string; path: string; sizeBytes: number }>;

export type ResolvedWeights = Readonly<{
  modelId: string;
  revisionId: string;
  format: Weights['format'];
  /** The file to open: the weights, or the adapter. */
  weights: WeightsFile;
  /** All files of the weights; more than one when the model is split. They must lie side by side. */
  parts: readonly WeightsFile[];
  /** The base whose weights an adapter needs; null for a model that stands alone. */
  adapterOf: ResolvedWeights | null;
  contextLength: number | null;
}>;

export type PublishedModel = Readonly<{
  id: string;
  name: string;
  tenantId: string;
  visibility: 'public' | 'private';
  createdAt: Date;
  contextLength: number | null;
}>;

export type RevisionDetail = Revision &
  Readonly<{ modelId: string; tenantId: string; parts: readonly string[] }>;

/** Every live model that has content. An adapter reads as far as its base. */
export async function listPublished(database: Database): Promise<readonly PublishedModel[]> {
  const rows = await selectLiveModels(database);
  const bases = await selectAdapterBases(database);
  const own = new Map(rows.map(({ id, metadata }) => [id, metadata?.weights?.contextLength]));
  return rows.map((row) => ({
    id: row.id,
    name: `${row.owner}/${row.name}`,
    tenantId: row.tenantId,
    // Who calls a model has an account, so what is internal is open to every caller.
    visibility: row.visibility === 'private' ? 'private' : 'public',
    createdAt: row.createdAt,
    contextLength: own.get(row.id) ?? own.get(bases.get(row.id) ?? '') ?? null,
  }));
}

/** The latest revision when none is named. Raises `model.unknown`, `revision.unknown`. */
export async function getRevision(
  database: Database,
  modelId: string,
  revisionId: string | null,
): Promise<RevisionDetail> {
  const { model, metadata, revision } = await revisionOf(database, modelId, revisionId);
  return { ...revision, modelId, tenantId: model.tenantId, parts: metadata.parts };
}

/** Raises `model.unknown`, `revision.unknown`, `weights.missing`, `weights.base_missing`. */
export async function resolveWeights(
  database: Database,
  modelId: string,
  revisionId: string | null,
): Promise<ResolvedWeights> {
  const { metadata, revision } = await revisionOf(database, modelId, revisionId);
  const parts = metadata.parts.flatMap((path) => revision.files.filter((f) => f.path === path));
  const [weights] = parts;
  if (weights === undefined || metadata.weights === null) {
    throw failWeights('weights.missing', `The revision ${revision.id} has no weights.`);
  }
  const { format, isAdapter, contextLength } = metadata.weights;
  const resolved = { modelId, revisionId: revision.id, format, weights, parts };
  if (!isAdapter) return { ...resolved, adapterOf: null, contextLength };
  const adapterOf = await resolveBase(database, modelId);
  return { ...resolved, adapterOf, contextLength: adapterOf.contextLength };
}

async function resolveBase(database: Database, modelId: string): Promise<ResolvedWeights> {
  const base = await selectAdapterBase(database, modelId);
  if (base === null || base.modelId === null) {
    throw failWeights(
      'weights.base_missing',
      base === null
        ? 'This is an adapter and does not name its base; say base_model in its README.md.'
        : `This is an adapter of ${base.name}, which is not in this hub; import that first.`,
    );
  }
  const { metadata } = await revisionOf(database, base.modelId, null);
  if (metadata.weights?.isAdapter === true) {
    throw failWeights('weights.base_missing', `The base ${base.name} is an adapter itself.`);
  }
  return resolveWeights(database, base.modelId, null);
}

/** A revision of a repository that the caller has found. Raises `revision.unknown`. */
export async function readRevision(
  database: Database,
  model: ModelRow,
  revisionId: string,
): Promise<RevisionDetail> {
  const { metadata, revision } = await findRevision(database, model, revisionId);
  return { ...revision, modelId: model.id, tenantId: model.tenantId, parts: metadata.parts };
}

async function revisionOf(
  database: Database,
  modelId: string,
  revisionId: string | null,
): Promise<Found> {
  const model = await selectModelById(database, modelId);
  if (model === null) throw failHub('model.unknown', `There is no model ${modelId}.`);
  return findRevision(database, model, revisionId);
}

type Found = Readonly<{ model: ModelRow; metadata: RevisionMetadata; revision: Revision }>;

async function findRevision(
  database: Database,
  model: ModelRow,
  revisionId: string | null,
): Promise<Found> {
  const wanted = revisionId ?? model.latestRevisionId;
  const key = { tenantId: model.tenantId, modelId: model.id };
  const rows =
    wanted === null
      ? []
      : await selectRevisions(database, { ...key, revisionId: wanted, limit: 1 });
  const [row] = rows;
  const [revision] = await withFiles(database, key, rows);
  if (row === undefined || revision === undefined) {
    const which = wanted === null ? 'no revision yet' : `no revision ${wanted}`;
    throw failHub('revision.unknown', `${model.owner}/${model.name} has ${which}.`);
  }
  return { model, metadata: row.metadata, revision };
}
