/**
 * The hub: models, their immutable revisions, the files in them and where they come from. Bytes are
 * blobs addressed by content in the object store; everything else is SQL. Promises: a revision never
 * changes; the same files are the same revision; what is visible is whole, checked and readable; a
 * private model is there for its own tenant only; an import that fails leaves nothing. Whether a
 * model is deployed is the fleet's to say.
 */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type { ByteRange, Bytes, ObjectStore } from '#platform/objects.ts';
import type { Import, ImportCreate, Model, ModelDetail } from './api.ts';
import { type ChunkedBytes, readBytes } from './bytes.ts';
import { type Chunking, createChunking } from './chunking.ts';
import { type BundledModel, importBundled } from './bundled.ts';
import { type Catalogue, createCatalogue } from './catalogue/catalogue.ts';
import { type Community, createCommunity } from './community/community.ts';
import {
  type HookSender,
  type Watches,
  createAnnouncer,
  createWatches,
} from './community/watches.ts';
import { type Downloads, createDownloads } from './downloads/downloads.ts';
import { type Git, createGit } from './git/git.ts';
import type { ImportLimits } from './import/plan.ts';
import { type Caller, createImports } from './imports.ts';
import type { ImportRow } from './import-store.ts';
import { type IsDeployed, modelOf, removeModel, showModel } from './models.ts';
import { parseModelName } from './name.ts';
import { type Page, type PageQuery, pageOf } from './page.ts';
import type { Published } from './publish.ts';
import { type ReadScope, selectReadable } from './readable.ts';
import { type Gates, createGates } from './repositories/gates.ts';
import { type History, createHistory } from './repositories/history.ts';
import { type Repositories, createRepositories } from './repositories/repositories.ts';
import { type UploadOptions, type Uploads, createUploads } from './repositories/uploads.ts';
import { type Scans, createScans } from './safety/scans.ts';
import { type Grants, createGrants } from './grants/grants.ts';
import { type Lineage, createLineage } from './lineage/lineage.ts';
import { createLineageMeasure } from './lineage/measure.ts';
import { type Storage, createStorage } from './storage/storage.ts';
import { type Verify, type VerifyOptions, createVerify } from './verify/verify.ts';
import {
  type PublishedModel,
  type ResolvedWeights,
  type RevisionDetail,
  getRevision,
  listPublished,
  resolveWeights,
} from './serving.ts';
import { createSteps } from './steps.ts';
import {
  lockModelName,
  selectKnownBlobs,
  selectBlobSize,
  selectIdentities,
  selectModelByName,
} from './store.ts';

export type HubOptions = Readonly<{
  database: Database;
  objects: ObjectStore;
  clock: Clock;
  log: Log;
  /** A deployed model is not removed. */
  isDeployed: IsDeployed;
  limits?: ImportLimits;
  /** The wait before a broken download is tried again, after so many failures in a row. */
  retryDelayMs?: (failures: number) => number;
  claimIntervalMs?: number;
  /** Bytes that are kept in another form than as objects of their own. */
  otherBytes?: ChunkedBytes;
  /** Delivers to webhooks that watch repositories; without one nobody is told. */
  hooks?: HookSender;
  /** Where the links in what they are told lead. */
  publicUrl?: string;
  /** Where copies of repositories lie for git to read; without one git is not answered. */
  gitFolder?: string;
  /** Another git than the system's. */
  gitProgram?: string;
  uploads?: Pick<UploadOptions, 'fileBytesMax' | 'partBytes'>;
  scrub?: Pick<VerifyOptions, 'bytesPerSecond' | 'tell'>;
}>;

export interface Hub {
  /** Made, found, set and removed, of all kinds. */
  readonly repositories: Repositories;
  /** Their branches and commits. */
  readonly history: History;
  /** Who was let into those whose files are not for all. */
  readonly gates: Gates;
  /** What a look into files says that are loaded by running them. */
  readonly scans: Scans;
  /** Repositories by text, filters and facets. */
  readonly catalogue: Catalogue;
  /** What is fetched, counted. */
  readonly downloads: Downloads;
  /** Bytes on their way in. */
  readonly uploads: Uploads;
  /** The same repositories as git knows them. */
  readonly git: Git;
  /** Makes chunks of what came whole; null where nobody keeps chunks. */
  readonly chunking: Chunking | null;
  /** Whether what is kept is still what it was. */
  readonly verify: Verify;
  /** Roles in one repository for other tenants. */
  readonly grants: Grants;
  /** Who was made from whom. */
  readonly lineage: Lineage;
  /** How much a tenant keeps, and may. */
  readonly storage: Storage;
  /** Discussions, pull requests, likes and collections. */
  readonly community: Community;
  /** Webhooks that watch repositories; null where nothing delivers. */
  readonly watches: Watches | null;

  /** Raises `model.unknown`. */
  showModel(tenantId: string, fullName: string): Promise<ModelDetail>;
  /** Raises `model.unknown`, `model.not_yours`, `model.deployed`. */
  removeModel(tenantId: string, fullName: string): Promise<void>;

  startImport(caller: Caller, asked: ImportCreate): Promise<Import>;
  listImports(tenantId: string, query: PageQuery): Promise<Page<Import>>;
  getImport(tenantId: string, id: string): Promise<Import>;
  cancelImport(tenantId: string, id: string): Promise<Import>;
  /** Imports a folder of this machine at once; does next to nothing when that content is here. */
  importBundled(tenantId: string, model: BundledModel): Promise<Published>;

  /** The model if the tenant may see it, else null. */
  findModel(name: string, tenantId: string): Promise<Model | null>;
  /** Whether some tenant has a model of this name, whoever may see it. */
  isName(name: string): Promise<boolean>;
  getRevision(modelId: string, revisionId: string | null): Promise<RevisionDetail>;
  resolveWeights(modelId: string, revisionId: string | null): Promise<ResolvedWeights>;
  listPublished(): Promise<readonly PublishedModel[]>;
  /** What these models are called and who published them, in the caller's transaction if it has one. */
  identify(
    modelIds: readonly string[],
    tx?: Database,
  ): Promise<readonly Readonly<{ id: string; tenantId: string; name: string }>[]>;
  /** Null when there is no such blob. */
  blobSize(sha256: string): Promise<number | null>;
  /** Raises `blob.unknown`. */
  readBlob(sha256: string, range?: ByteRange): Promise<Bytes>;
  /** What Xet's clients know these files by; those that they cannot fetch are left out. */
  xetHashesOf(sha256s: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Those of the files, by their SHA-256, that a tenant may read. */
  readable(scope: ReadScope, sha256s: readonly string[]): Promise<ReadonlySet<string>>;
  /** Those that a file or an upload still needs, in the caller's transaction. */
  keeps(tx: Database, sha256s: readonly string[]): Promise<ReadonlySet<string>>;

  /** Goes on with interrupted imports and sweeps what a crash left. */
  start(): void;
  stop(): Promise<void>;
}

export function createHub(options: HubOptions): Hub {
  const { database, objects, clock, log, hooks, publicUrl = '' } = options;
  const onChange = hooks && createAnnouncer({ hooks, publicUrl });
  const parts = { ...options, onChange };
  const imports = createImports(options);
  const uploads = createUploads({ database, objects, clock, ...options.uploads });
  const verify = createVerify({ database, objects, clock, log, ...options.scrub });
  const downloads = createDownloads({ database, clock, log });
  const lineage = createLineageMeasure({
    database,
    log,
    sharedBytes: options.otherBytes?.sharedBytes,
  });
  const { otherBytes: chunked } = options;
  const chunking =
    chunked === undefined ? null : createChunking({ database, objects, clock, log, chunked });
  return {
    repositories: createRepositories(parts),
    history: createHistory(parts),
    gates: createGates(database),
    scans: createScans(options),
    catalogue: createCatalogue({ database }),
    downloads,
    uploads,
    chunking,
    git: createGit({ ...parts, uploads }),
    verify,
    grants: createGrants({ database }),
    lineage: createLineage({ database }),
    storage: createStorage({ database }),
    community: createCommunity(parts),
    watches: hooks === undefined ? null : createWatches({ database, hooks }),
    showModel: (tenantId, fullName) => showModel(options, tenantId, fullName),
    removeModel: (tenantId, fullName) => removeModel(parts, tenantId, fullName),

    startImport: async (caller, asked) => importOf(await imports.create(caller, asked)),
    listImports: (tenantId, query) =>
      pageOf(query, async (page) =>
        (await imports.list({ ...page, tenantId })).map((row) => importOf(row)),
      ),
    getImport: async (tenantId, id) => importOf(await imports.get(tenantId, id)),
    cancelImport: async (tenantId, id) => importOf(await imports.cancel(tenantId, id)),
    importBundled: (tenantId, model) => importBundled(options, tenantId, model),

    findModel: async (name, tenantId) => {
      const row = await selectModelByName(database, tenantId, parseModelName(name));
      return row === null ? null : modelOf(row, []);
    },
    isName: async (name) => (await lockModelName(database, parseModelName(name))) !== null,
    getRevision: (modelId, revisionId) => getRevision(database, modelId, revisionId),
    resolveWeights: (modelId, revisionId) => resolveWeights(database, modelId, revisionId),
    listPublished: () => listPublished(database),
    identify: (modelIds, tx = database) => selectIdentities(tx, modelIds),
    blobSize: (sha256) => selectBlobSize(database, sha256),
    readBlob: (sha256, range) => readBytes(options, sha256, range),
    xetHashesOf: async (sha256s) => (await options.otherBytes?.hashesOf(sha256s)) ?? new Map(),
    readable: (scope, sha256s) => selectReadable(database, scope, sha256s),
    keeps: (tx, sha256s) => selectKnownBlobs(tx, sha256s),

    ...createSteps({ ...options, imports, chunking, verify, uploads, downloads, lineage }),
  };
}

function importOf(row: ImportRow): Import {
  return {
    id: row.id,
    modelName: row.modelName,
    source: row.source,
    state: row.state,
    stage: row.stage,
    receivedBytes: row.receivedBytes,
    totalBytes: row.totalBytes,
    error: row.errorCode === null ? null : { code: row.errorCode, message: row.errorMessage ?? '' },
    revisionId: row.revisionId,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
