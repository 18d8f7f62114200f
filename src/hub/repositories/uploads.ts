/**
 * Bytes on their way in: signed addresses to send them to, in one piece or in parts, hashed while they
 * stream. What does not have the size and the SHA-256 it was announced with is thrown away; what has
 * them is the tenant's to name in a commit, for some days. Nothing of it is visible before.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import type { Bytes, ObjectStore, Stage } from '#platform/objects.ts';
import { blobKey, removeUnreferencedBlobs } from '../blobs.ts';
import { failHub } from '../errors.ts';
import { lockBlobs } from '../store.ts';
import { requireRoom } from '../storage/quota.ts';
import { selectHeld } from './commit-store.ts';
import { type Signer, createSigner } from './signer.ts';
import { type Grant, createTurns, fill, fillPart, joinParts, stageName } from './upload-stages.ts';
import { deleteExpiredUploads, insertUploads } from './upload-store.ts';

export type Announced = Readonly<{ sha256: string; sizeBytes: number }>;
export type UploadWay =
  | Readonly<{ kind: 'stored' }>
  | Readonly<{ kind: 'whole'; token: string }>
  | Readonly<{ kind: 'parts'; token: string; partBytes: number; count: number }>;

export interface Uploads {
  /** How to send each; nothing to do for what the tenant may name already. Raises `storage.quota_exceeded`. */
  announce(
    tenantId: string,
    files: readonly Announced[],
    mayBeParts: 'parts' | 'whole',
  ): Promise<readonly UploadWay[]>;
  /** Raises `upload.refused`, `upload.size_mismatch`, `upload.hash_mismatch`, `storage.full`. */
  receive(token: string, source: Bytes): Promise<void>;
  /** One part, from 1 on; gives its ETag. */
  receivePart(token: string, part: number, source: Bytes): Promise<string>;
  /** Puts the parts together. Said twice, it is done once. */
  complete(token: string, etags: readonly string[]): Promise<void>;
  /** Whether they are here, whole. Raises `upload.refused`, `upload.missing`. */
  verify(token: string): Promise<void>;
  /** Sizes of those of these bytes that the tenant may put into its files. */
  held(tenantId: string, sha256s: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Where a small file that came along in a request is put down first. */
  stage(name: string): Promise<Stage>;
  /** Makes such files bytes that the tenant may name. */
  keep(tenantId: string, stages: readonly Stage[]): Promise<readonly Announced[]>;
  /** Bytes that are kept in another form are here, and this tenant sent them. Raises `storage.quota_exceeded`. */
  accept(file: Grant): Promise<void>;
  sweep(): Promise<void>;
}

export type UploadOptions = Readonly<{
  database: Database;
  objects: ObjectStore;
  clock: Clock;
  fileBytesMax?: number | undefined;
  partBytes?: number | undefined;
}>;

/** Below what the front door lets through in one request, and a short repeat when a line breaks. */
const PART_BYTES = 64 * 1024 * 1024;
const PARTS_MAX = 10_000;
/** A file beyond it is cut into shards by every tool there is. */
const FILE_BYTES_MAX = 512 * 1024 ** 3;
/** An upload of a terabyte at 100 Mbit/s takes a day. */
const ADDRESS_TTL_MS = 26 * 60 * 60 * 1000;
/** upload_large_folder may be taken up again next week. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
const SWEEP_BATCH = 500;
const COMMITS_AT_ONCE = 8;

export function createUploads(options: UploadOptions): Uploads {
  const { database, objects, clock } = options;
  const signer = createSigner(database, clock, 'upload');
  const partBytes = options.partBytes ?? PART_BYTES;
  const grantOf = (token: string): Promise<Grant> => openGrant(signer, token);
  const expiresAt = (): Date => new Date(clock.nowMs() + KEPT_MS);
  const keep = (tenantId: string, stages: readonly Stage[]) =>
    keepStages(options, tenantId, stages, expiresAt());
  const isHeld = async ({ tenantId, sha256 }: Grant): Promise<boolean> =>
    (await selectHeld(database, tenantId, [sha256])).has(sha256);
  const alone = createTurns();
  /** A stage has one writer, and who comes second finds what the first one made. */
  const once = (grant: Grant, work: () => Promise<void>): Promise<void> =>
    alone(stageName(grant), async () => {
      if (!(await isHeld(grant))) await work();
    });

  return {
    announce: async (tenantId, files, mayBeParts) => {
      requireSmall(options, files);
      const held = await heldOf(database, tenantId, files);
      await requireRoom(database, tenantId, newBytesOf(files, held));
      const limitBytes = mayBeParts === 'parts' ? partBytes : Infinity;
      return Promise.all(
        files.map(async (file): Promise<UploadWay> => {
          if (held.has(file.sha256)) return { kind: 'stored' };
          const fields = [tenantId, file.sha256, String(file.sizeBytes)];
          return wayOf(file.sizeBytes, limitBytes, await signer.sign(fields, ADDRESS_TTL_MS));
        }),
      );
    },
    receive: async (token, source) => {
      const grant = await grantOf(token);
      await once(grant, async () => {
        const stage = await objects.stage(stageName(grant), grant.sizeBytes);
        await stage.reset();
        await fill(stage, source, grant);
        await keep(grant.tenantId, [stage]);
      });
    },
    receivePart: async (token, part, source) => {
      const grant = await grantOf(token);
      if (part < 1 || part > PARTS_MAX) throw failHub('upload.refused', 'There is no such part.');
      const bytesMax = partBytesOf(grant.sizeBytes, partBytes);
      return fillPart(await objects.stage(stageName(grant, part)), source, bytesMax);
    },
    complete: async (token, etags) => {
      const grant = await grantOf(token);
      await once(grant, async () => {
        await keep(grant.tenantId, [await joinParts(objects, grant, etags)]);
      });
    },
    verify: async (token) => {
      if (await isHeld(await grantOf(token))) return;
      throw failHub('upload.missing', 'The bytes of this file have not arrived.');
    },
    held: (tenantId, sha256s) => selectHeld(database, tenantId, sha256s),
    stage: (name) => objects.stage(name),
    keep,
    accept: async ({ tenantId, ...file }) => {
      if (!(await isHeld({ tenantId, ...file })))
        await requireRoom(database, tenantId, file.sizeBytes);
      await transaction(database, async (tx) => {
        await lockBlobs(tx, [file]);
        await insertUploads(tx, tenantId, [file], expiresAt());
      });
    },
    sweep: () => sweepExpired(options),
  };
}

async function openGrant(signer: Signer, token: string): Promise<Grant> {
  const fields = await signer.open(token);
  const [tenantId, sha256, size] = fields ?? [];
  if (tenantId === undefined || sha256 === undefined || size === undefined) {
    throw failHub('upload.refused', 'This address for an upload is not ours, or has expired.');
  }
  return { tenantId, sha256, sizeBytes: Number(size) };
}

function wayOf(sizeBytes: number, limitBytes: number, token: string): UploadWay {
  if (sizeBytes <= limitBytes) return { kind: 'whole', token };
  const partBytes = partBytesOf(sizeBytes, limitBytes);
  return { kind: 'parts', token, partBytes, count: Math.ceil(sizeBytes / partBytes) };
}

/** A part grows where there would be too many of them. */
function partBytesOf(sizeBytes: number, partBytes: number): number {
  return Math.max(partBytes, Math.ceil(sizeBytes / PARTS_MAX));
}

async function sweepExpired(options: UploadOptions): Promise<void> {
  for (;;) {
    const now = new Date(options.clock.nowMs());
    const gone = await deleteExpiredUploads(options.database, now, SWEEP_BATCH);
    await removeUnreferencedBlobs(options, gone);
    if (gone.length < SWEEP_BATCH) return;
  }
}

const heldOf = (database: Database, tenantId: string, files: readonly Announced[]) =>
  selectHeld(
    database,
    tenantId,
    files.map(({ sha256 }) => sha256),
  );

function newBytesOf(files: readonly Announced[], held: ReadonlyMap<string, number>): number {
  const fresh = files.filter(({ sha256 }) => !held.has(sha256));
  return fresh.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Raises `upload.too_large`. */
function requireSmall(options: UploadOptions, files: readonly Announced[]): void {
  const fileBytesMax = options.fileBytesMax ?? FILE_BYTES_MAX;
  if (files.every(({ sizeBytes }) => sizeBytes <= fileBytesMax)) return;
  throw failHub('upload.too_large', `A file has ${fileBytesMax} bytes at most.`);
}

/** Makes stages blobs that the tenant has; all rows of one call appear together. */
async function keepStages(
  { database, objects }: UploadOptions,
  tenantId: string,
  stages: readonly Stage[],
  expiresAt: Date,
): Promise<readonly Announced[]> {
  const files = stages.map((stage) => ({
    stage,
    sha256: stage.sha256(),
    sizeBytes: stage.sizeBytes,
  }));
  if (files.length === 0) return [];
  await transaction(database, async (tx) => {
    await lockBlobs(tx, files);
    for (let from = 0; from < files.length; from += COMMITS_AT_ONCE) {
      const some = files.slice(from, from + COMMITS_AT_ONCE);
      await Promise.all(some.map((file) => commitOnce(objects, file)));
    }
    await insertUploads(tx, tenantId, files, expiresAt);
  });
  return files.map(({ sha256, sizeBytes }) => ({ sha256, sizeBytes }));
}

/** A small file of our own making becomes bytes that the tenant may name. */
export async function keepBytes(
  options: Pick<UploadOptions, 'database' | 'objects' | 'clock'>,
  tenantId: string,
  bytes: Uint8Array,
): Promise<Announced> {
  const stage = await options.objects.stage(`made-${randomUUID()}`, bytes.length);
  try {
    await stage.append(ReadableStream.from([bytes]));
    const expiresAt = new Date(options.clock.nowMs() + KEPT_MS);
    const [kept] = await keepStages(options, tenantId, [stage], expiresAt);
    assert(kept !== undefined);
    return kept;
  } catch (error) {
    await stage.discard();
    throw error;
  }
}

/** A blob that is here already saves the copy; so does a retry of the transaction. */
async function commitOnce(
  objects: ObjectStore,
  { stage, sha256 }: Readonly<{ stage: Stage; sha256: string }>,
): Promise<void> {
  if ((await objects.stat(blobKey(sha256))) === null) await stage.commit(blobKey(sha256));
  else await stage.discard();
}
