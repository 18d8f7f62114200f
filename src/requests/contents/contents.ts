/**
 * Prompts and answers of single requests, for projects that ask for it. Owns their settings, the sealed
 * texts and how long they live. Promises that nothing is kept until an owner or an admin turned it on,
 * that a tenant sees its own only and a key its own project's, that a copy of the database alone opens
 * none, and that nothing of it is ever logged. What passes the front door is the gateway's to copy.
 */
import { z } from 'zod';
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { openSecret, rewrapSecret, sealSecret } from '#vault/envelope.ts';
import type { MasterKeys } from '#vault/master-keys.ts';
import { fail } from '../errors.ts';
import { type ProjectKey, isProject } from '../store.ts';
import {
  type ContentPart,
  type ProjectContents,
  type ProjectContentsUpdate,
  type RequestContent,
  contentPartSchema,
} from '../api.ts';
import {
  type ContentKey,
  type ContentRow,
  deleteContent,
  deleteContentsOf,
  deleteExpired,
  insertContent,
  lockSealedByOthers,
  selectContent,
  selectKeeping,
  selectKeepingOf,
  selectSettings,
  updateSealing,
  upsertSettings,
} from './store.ts';

/** As a gateway hands it over. */
export type NewContent = ProjectKey &
  Readonly<{ requestId: string; request: ContentPart; answer: ContentPart }>;

export type FeedContents = ProjectKey & Readonly<{ bytesMax: number }>;

export type Contents = Readonly<{
  /** Raises `project.unknown`, also for another tenant's. So does `update`. */
  settings: (key: ProjectKey) => Promise<ProjectContents>;
  update: (
    key: ProjectKey,
    change: ProjectContentsUpdate & Readonly<{ updatedBy: string | null }>,
  ) => Promise<ProjectContents>;
  /** Raises `content.unknown` and `secret.unreadable`. */
  read: (key: ContentKey) => Promise<RequestContent>;
  /** Raises `content.unknown`. */
  forget: (key: ContentKey) => Promise<void>;
  forgetAll: (key: ProjectKey) => Promise<void>;
  /** What projects that do not keep contents (any more) is dropped. */
  keep: (contents: readonly NewContent[]) => Promise<void>;
  listForFeed: () => Promise<readonly FeedContents[]>;
  sweep: () => Promise<void>;
  /** Seals everything by the newest master key and says how many that were. */
  rewrap: () => Promise<number>;
}>;

/** Off; a few pages of text each way; a month is what a bug report needs. */
const DEFAULTS = { isKept: false, bytesMax: 32 * 1024, keptDays: 30 } as const;
const DAY_MS = 24 * 60 * 60_000;
const SWEEP_BATCH = 1_000;
const REWRAP_BATCH = 200;

const sealedSchema = z.object({ request: contentPartSchema, answer: contentPartSchema });

type Parts = Readonly<{ database: Database; masterKeys: MasterKeys; clock: Clock }>;

export function createContents(parts: Parts): Contents {
  const { database, masterKeys, clock } = parts;
  const settings: Contents['settings'] = async (key) => {
    if (!(await isProject(database, key))) {
      throw fail('project.unknown', `There is no project ${key.projectId}.`);
    }
    const row = await selectSettings(database, key);
    if (row === null) return { projectId: key.projectId, ...DEFAULTS, updatedAt: null };
    const { tenantId: _tenant, ...shown } = row;
    return { ...shown, updatedAt: row.updatedAt.toISOString() };
  };
  return {
    settings,
    update: async (key, { updatedBy, ...change }) => {
      const { updatedAt: _before, ...before } = await settings(key);
      const given = Object.entries(change).filter(([, value]) => value !== undefined);
      const merged = { ...before, ...Object.fromEntries(given) };
      await upsertSettings(database, {
        ...merged,
        ...key,
        updatedBy,
        updatedAt: new Date(clock.nowMs()),
      });
      return settings(key);
    },
    read: async (key) => {
      const row = await selectContent(database, key, new Date(clock.nowMs()));
      if (row === null) throw unknown();
      return opened(row, masterKeys);
    },
    forget: async (key) => {
      if (!(await deleteContent(database, key))) throw unknown();
    },
    forgetAll: async (key) => {
      await settings(key);
      await deleteContentsOf(database, key);
    },
    keep: (contents) => keepAll(parts, contents),
    listForFeed: async () =>
      (await selectKeeping(database)).map(({ tenantId, projectId, bytesMax }) => ({
        tenantId,
        projectId,
        bytesMax,
      })),
    sweep: async () => {
      const now = new Date(clock.nowMs());
      for (;;) {
        if ((await deleteExpired(database, now, SWEEP_BATCH)) < SWEEP_BATCH) return;
      }
    },
    rewrap: () => rewrapAll(database, masterKeys),
  };
}

async function keepAll(
  { database, masterKeys, clock }: Parts,
  contents: readonly NewContent[],
): Promise<void> {
  const keeping = await selectKeepingOf(database, contents);
  const rows = new Map(keeping.map((row) => [`${row.tenantId}/${row.projectId}`, row]));
  const master = await masterKeys.newest();
  const createdAt = new Date(clock.nowMs());
  for (const { tenantId, projectId, requestId, request, answer } of contents) {
    const row = rows.get(`${tenantId}/${projectId}`);
    if (row === undefined) continue;
    const expiresAt = new Date(createdAt.getTime() + row.keptDays * DAY_MS);
    const text = JSON.stringify({ request, answer });
    const sealed = sealSecret(text, ownerOf({ tenantId, requestId }), master);
    const key = { tenantId, projectId, requestId };
    await insertContent(database, { ...key, ...sealed, createdAt, expiresAt });
  }
}

/** Under the request's own name: a row that was moved to another tenant or request does not open there. */
function ownerOf({ tenantId, requestId }: Readonly<{ tenantId: string; requestId: string }>) {
  return { tenantId, id: `content/${requestId}` };
}

async function opened(row: ContentRow, masterKeys: MasterKeys): Promise<RequestContent> {
  const master = await masterKeys.find(row.masterKeyId);
  if (master === null) {
    throw fail('content.unreadable', 'It was sealed by a master key that this cloud lost.');
  }
  const text = openSecret(row, ownerOf(row), master);
  return {
    requestId: row.requestId,
    ...sealedSchema.parse(JSON.parse(text)),
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  };
}

async function rewrapAll(database: Database, masterKeys: MasterKeys): Promise<number> {
  for (let rewrapped = 0; ;) {
    const count = await transaction(database, async (tx) => {
      const to = await masterKeys.newest();
      const rows = await lockSealedByOthers(tx, { masterKeyId: to.id, limit: REWRAP_BATCH });
      for (const row of rows) {
        const from = await masterKeys.find(row.masterKeyId);
        if (from === null) {
          throw fail('content.unreadable', 'It was sealed by a master key that this cloud lost.');
        }
        await updateSealing(tx, { ...row, ...rewrapSecret(row, ownerOf(row), { from, to }) });
      }
      return rows.length;
    });
    rewrapped += count;
    if (count < REWRAP_BATCH) return rewrapped;
  }
}

function unknown(): Error {
  return fail('content.unknown', 'Nothing of such a request is kept.');
}
