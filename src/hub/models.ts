/** Models and revisions as a tenant sees them: lists, details, removal. */
import { type Database, transaction } from '#platform/database.ts';
import type { Base, Model, ModelDetail, Revision } from './api.ts';
import { removeUnreferencedBlobs } from './blobs.ts';
import { type ByteSources, readPart } from './bytes.ts';
import { CARD_BYTES_MAX, parseCard } from './card.ts';
import type { RepositoryListener } from './community/repository-events.ts';
import { failHub } from './errors.ts';
import { selectBases, selectDerivatives } from './lineage-store.ts';
import { parseModelName } from './name.ts';
import {
  type ModelRow,
  type RevisionRow,
  fileOf,
  lockModelName,
  removeModelRows,
  selectFiles,
  selectModelByName,
  selectRevisions,
} from './store.ts';

type Stores = ByteSources & Readonly<{ database: Database }>;

/**
 * Whether a model is served by some deployment. Asked inside the transaction that removes it, and to
 * be answered there: an embedded database has no other connection until that ends.
 */
export type IsDeployed = (modelId: string, tx: Database) => Promise<boolean>;

/** Revisions a model's page shows; older ones are still there by id. */
const REVISIONS_SHOWN_MAX = 50;
const DERIVATIVES_SHOWN_MAX = 200;

/** Raises `model.unknown`, also for a private model of another tenant. */
export async function showModel(
  { database, ...sources }: Stores,
  tenantId: string,
  fullName: string,
): Promise<ModelDetail> {
  const row = await requireVisible(database, tenantId, fullName);
  const revisions = await readRevisions(database, row);
  const bases = await selectBases(database, tenantId, [row.id]);
  const latest = revisions.find((revision) => revision.id === row.latestRevisionId);
  return {
    ...modelOf(row, bases.get(row.id) ?? []),
    card: latest === undefined ? '' : await readCard(sources, latest),
    revisions,
    derivatives: [
      ...(await selectDerivatives(database, {
        tenantId,
        modelId: row.id,
        limit: DERIVATIVES_SHOWN_MAX,
      })),
    ],
  };
}

/** Raises `model.unknown`, `model.not_yours`, `model.deployed`. */
export async function removeModel(
  parts: Stores & Removal,
  tenantId: string,
  fullName: string,
): Promise<void> {
  const visible = await requireVisible(parts.database, tenantId, fullName);
  if (visible.tenantId !== tenantId) {
    throw failHub('model.not_yours', `${fullName} belongs to someone else.`);
  }
  await removeRepository(parts, visible);
}

type Removal = Readonly<{ isDeployed: IsDeployed; onChange?: RepositoryListener | undefined }>;

/** Takes it away with all its files, but not from under a deployment. */
export async function removeRepository(
  { database, objects, isDeployed, onChange }: Stores & Removal,
  row: ModelRow,
): Promise<void> {
  const name = `${row.owner}/${row.name}`;
  const sha256s = await transaction(database, async (tx) => {
    // Locked first: a deployment that is being made refers to this row and comes before or after.
    const held = await lockModelName(tx, row, row.kind);
    if (held?.id !== row.id) throw unknownModel(name);
    if (await isDeployed(row.id, tx)) {
      throw failHub('model.deployed', `${name} is deployed; remove its deployments first.`);
    }
    await onChange?.(tx, { row, kind: 'removed' });
    return removeModelRows(tx, { tenantId: row.tenantId, id: row.id });
  });
  await removeUnreferencedBlobs({ database, objects }, sha256s);
}

export function modelOf(row: ModelRow, bases: readonly Base[]): Model {
  return {
    id: row.id,
    name: `${row.owner}/${row.name}`,
    tenantId: row.tenantId,
    kind: row.kind,
    visibility: row.visibility,
    gated: row.gated,
    license: row.license,
    summary: row.card.summary ?? '',
    tags: [...(row.card.tags ?? [])],
    task: row.card.task ?? null,
    library: row.card.library ?? null,
    languages: [...(row.card.languages ?? [])],
    datasets: [...(row.card.datasets ?? [])],
    bases: [...bases],
    weights: row.metadata?.weights ?? null,
    sizeBytes: row.sizeBytes ?? 0,
    likes: row.likes ?? 0,
    downloads: row.downloads ?? 0,
    downloadsAllTime: row.downloadsAllTime ?? 0,
    trending: row.trending ?? 0,
    latestRevisionId: row.latestRevisionId,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

async function requireVisible(
  database: Database,
  tenantId: string,
  fullName: string,
): Promise<ModelRow> {
  const row = await selectModelByName(database, tenantId, parseModelName(fullName));
  if (row === null) throw unknownModel(fullName);
  return row;
}

export function unknownModel(fullName: string): Error {
  return failHub('model.unknown', `There is no model ${fullName}.`);
}

async function readRevisions(database: Database, model: ModelRow): Promise<Revision[]> {
  const key = { tenantId: model.tenantId, modelId: model.id };
  const rows = await selectRevisions(database, {
    ...key,
    revisionId: null,
    limit: REVISIONS_SHOWN_MAX,
  });
  return withFiles(database, key, rows);
}

export async function withFiles(
  database: Database,
  key: Readonly<{ tenantId: string; modelId: string }>,
  rows: readonly RevisionRow[],
): Promise<Revision[]> {
  const files = await selectFiles(database, { ...key, revisionIds: rows.map((row) => row.id) });
  const byRevision = Map.groupBy(files, (file) => file.revisionId);
  return rows.map((row) => ({
    id: row.id,
    message: row.message,
    sizeBytes: row.sizeBytes,
    createdAt: row.createdAt.toISOString(),
    weights: row.metadata.weights,
    files: (byRevision.get(row.id) ?? []).map((file) => fileOf(file)),
  }));
}

async function readCard(sources: ByteSources, revision: Revision): Promise<string> {
  const readme = revision.files.find((file) => file.path === 'README.md');
  if (readme === undefined) return '';
  const bytes = await readPart(sources, readme.sha256, 0, CARD_BYTES_MAX);
  return parseCard(Buffer.from(bytes).toString('utf8')).body;
}
