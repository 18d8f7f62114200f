/**
 * Files of a project: received piece by piece into the object store, listed, read, deleted, expired.
 * A row is there before its bytes and goes after them, so that whatever dies in the middle is found
 * and cleared by the sweep.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { ByteRange, Bytes, ObjectStore } from '#platform/objects.ts';
import { fail } from './errors.ts';
import {
  FILE_BYTES_MAX,
  FORM_BYTES_MAX,
  PROJECT_BYTES_MAX,
  PROJECT_FILES_MAX,
  type StoredFile,
  cleanName,
  objectKeyOf,
  parseExpiry,
  parsePurpose,
  tooLarge,
} from './file.ts';
import {
  type FilePage,
  type Place,
  insertFile,
  isFileInUse,
  lockProject,
  makeReady,
  markDeleted,
  markExpired,
  removeFile,
  selectFile,
  selectFiles,
  selectGone,
  sumFiles,
} from './file-store.ts';
import { type Upload, fileBytes } from './upload.ts';

export type NewUpload = Readonly<{
  body: Bytes;
  boundary: string;
  /** Of the whole form; null where the caller does not know. */
  declaredBytes: number | null;
}>;

export type Files = Readonly<{
  /** Raises what the form, its size or the room of the project are refused with. */
  receive: (place: Place & Readonly<{ keyId: string }>, upload: NewUpload) => Promise<StoredFile>;
  list: (place: Place, page: FilePage) => Promise<readonly StoredFile[]>;
  /** Raises `file_not_found`. */
  find: (place: Place, id: string) => Promise<StoredFile>;
  /** Raises `file_not_found`. */
  read: (file: StoredFile, range?: ByteRange) => Promise<Bytes>;
  /** Raises `file_not_found` or `file_in_use`. */
  remove: (place: Place, id: string) => Promise<void>;
  /** Forgets what expired, what was deleted, and uploads that broke. */
  sweep: () => Promise<void>;
}>;

/** An upload that takes longer was cut, whatever its socket says. */
const UPLOAD_MS_MAX = 60 * 60_000;
const SWEEP_FILES_MAX = 200;

export function createFiles(
  deps: Readonly<{ database: Database; objects: ObjectStore; clock: Clock }>,
): Files {
  const { database, objects, clock } = deps;

  const find = async (place: Place, id: string): Promise<StoredFile> => {
    const file = await selectFile(database, place, id);
    if (file === null) throw unknown(id);
    return file;
  };

  return {
    receive: (place, upload) => receive(deps, place, upload),
    list: (place, page) => selectFiles(database, place, page),
    find,
    read: async (file, range) => {
      const bytes = await objects.read(objectKeyOf(file), range);
      if (bytes === null) throw unknown(file.id);
      return bytes;
    },
    remove: async (place, id) => {
      await transaction(database, async (tx) => {
        await lockProject(tx, place);
        if ((await selectFile(tx, place, id)) === null) throw unknown(id);
        if (await isFileInUse(tx, { ...place, id })) {
          throw fail('file_in_use', `A batch still reads ${id}. Cancel it, or wait for its end.`);
        }
        await markDeleted(tx, place, id);
      });
      await clear(deps, { ...place, id });
    },
    sweep: async () => {
      const nowMs = clock.nowMs();
      await markExpired(database, new Date(nowMs), SWEEP_FILES_MAX);
      const gone = await selectGone(database, new Date(nowMs - UPLOAD_MS_MAX), SWEEP_FILES_MAX);
      for (const file of gone) await clear(deps, file);
    },
  };
}

type Deps = Parameters<typeof createFiles>[0];

async function receive(
  deps: Deps,
  place: Place & Readonly<{ keyId: string }>,
  { body, boundary, declaredBytes }: NewUpload,
): Promise<StoredFile> {
  const { database, objects, clock } = deps;
  if (declaredBytes !== null && declaredBytes > FILE_BYTES_MAX + FORM_BYTES_MAX) throw tooLarge();
  const nowMs = clock.nowMs();
  const createdAt = new Date(nowMs);
  const { tenantId, projectId, keyId } = place;
  const id = createId('file', nowMs);
  const begun: StoredFile = {
    id,
    tenantId,
    projectId,
    purpose: 'user_data',
    name: 'file',
    createdAt,
    expiresAt: null,
    sizeBytes: Math.min(declaredBytes ?? FILE_BYTES_MAX, FILE_BYTES_MAX),
  };
  await transaction(database, async (tx) => {
    await lockProject(tx, place);
    await requireRoom(tx, place, begun.sizeBytes);
    await insertFile(tx, { ...begun, state: 'uploading', keyId });
  });
  try {
    const stage = await objects.stage(objectKeyOf({ id }), declaredBytes ?? 0);
    try {
      const upload: Upload = { fields: new Map(), filename: null };
      await stage.append(fileBytes(body, boundary, upload));
      const file = describe(begun, upload, stage.sizeBytes);
      await stage.commit(objectKeyOf({ id }));
      if (!(await makeReady(database, file))) throw unknown(id);
      return file;
    } catch (error) {
      await stage.discard();
      throw error;
    }
  } catch (error) {
    await clear(deps, { tenantId, id });
    throw error;
  }
}

function describe(begun: StoredFile, { fields, filename }: Upload, sizeBytes: number): StoredFile {
  const seconds = parseExpiry({
    anchor: fields.get('expires_after[anchor]'),
    seconds: fields.get('expires_after[seconds]'),
  });
  return {
    ...begun,
    purpose: parsePurpose(fields.get('purpose')),
    name: cleanName(filename ?? 'file'),
    sizeBytes,
    expiresAt: seconds === null ? null : new Date(begun.createdAt.getTime() + seconds * 1000),
  };
}

async function requireRoom(tx: Database, place: Place, sizeBytes: number): Promise<void> {
  const { files, bytes } = await sumFiles(tx, place);
  if (files < PROJECT_FILES_MAX && bytes + sizeBytes <= PROJECT_BYTES_MAX) return;
  throw fail(
    'file_storage_full',
    `A project holds at most ${PROJECT_FILES_MAX} files and ${PROJECT_BYTES_MAX} bytes. Delete some.`,
  );
}

async function clear(
  { database, objects }: Deps,
  file: Readonly<{ tenantId: string; id: string }>,
): Promise<void> {
  await objects.discardStage(objectKeyOf(file));
  await objects.remove(objectKeyOf(file));
  await removeFile(database, file);
}

function unknown(id: string): Error {
  return fail('file_not_found', `There is no file ${id}.`, { param: 'file_id' });
}
