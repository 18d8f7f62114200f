/**
 * The first start: an operator tenant, its owner, a first project and an owner's key, and
 * `first-run.json` in the home (mode 0600) that says how to get in.
 *
 * The file comes first, whole and at once (written aside, then linked), the rows after it in one
 * transaction made from the file. A process that dies in between therefore leaves a file that the
 * next start turns into rows, never rows that nobody has the password of. A file that the operator
 * removed on purpose is not made again.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '#platform/clock.ts';
import { type Database, isUniqueViolation, transaction } from '#platform/database.ts';
import { codeOf } from '#platform/error.ts';
import { createId } from '#platform/id.ts';
import { fail } from './errors.ts';
import { findUsableKey, insertKey } from './key-store.ts';
import { createKey, hintOf, parseKey } from './key.ts';
import { createPassword } from './password.ts';
import { hashPassword } from './sign-in.ts';
import {
  findOperatorTenantId,
  insertMember,
  insertPerson,
  insertProject,
  insertTenant,
} from './store.ts';
import { FIRST_PROJECT_NAME } from './tenants.ts';

const credentialsSchema = z.object({
  url: z.string(),
  email: z.email(),
  password: z.string().min(1),
  apiKey: z.string().refine((text) => parseKey(text) !== null),
});
export type FirstRunCredentials = z.infer<typeof credentialsSchema>;

export type FirstRun = Readonly<{
  /** True the one time the operator was made, for the banner that says how to get in. */
  isFirst: boolean;
  /** What the file says; null when there is none any more. */
  credentials: FirstRunCredentials | null;
}>;

export type FirstRunOptions = Readonly<{
  database: Database;
  clock: Clock;
  homeFolder: string;
  url: string;
}>;

export const FIRST_RUN_FILE = 'first-run.json';

const OWNER_EMAIL = 'owner@flywheel.local';
const OWNER_NAME = 'Owner';
const OPERATOR_NAME = 'Operator';
/** Readable and writable by who runs Flywheel, and by nobody else. */
const SECRET_MODE = 0o600;

/** Raises `first_run.unreadable` when the file is there and is not ours. */
export async function ensureFirstRun(options: FirstRunOptions): Promise<FirstRun> {
  const { database, homeFolder, url } = options;
  const path = join(homeFolder, FIRST_RUN_FILE);
  // In this order: the file is there before the rows, so whoever sees the rows then sees the file.
  const operatorTenantId = await findOperatorTenantId(database);
  const found = await readCredentials(path);
  if (operatorTenantId !== null) {
    if (found === null || found.url === url) return { isFirst: false, credentials: found };
    const credentials = { ...found, url };
    await replaceFile(path, credentials);
    return { isFirst: false, credentials };
  }
  const credentials = { ...(found ?? (await createFile(path, url))), url };
  if (found !== null && found.url !== url) await replaceFile(path, credentials);
  try {
    await insertOperator(options, credentials);
    return { isFirst: true, credentials };
  } catch (error) {
    if (!isUniqueViolation(error, 'tenants_one_operator')) throw error;
    // Another control made the operator at the same moment. With one home between them both speak
    // of the same file; with a home of its own, this one's file would be a lie.
    const isOurs = await isKnownKey(options, credentials.apiKey);
    if (!isOurs) await rm(path, { force: true });
    return { isFirst: false, credentials: isOurs ? credentials : null };
  }
}

async function insertOperator(
  { database, clock }: FirstRunOptions,
  { email, password, apiKey }: FirstRunCredentials,
): Promise<void> {
  const nowMs = clock.nowMs();
  const createdAt = new Date(nowMs);
  const tenantId = createId('ten', nowMs);
  const userId = createId('usr', nowMs);
  const projectId = createId('prj', nowMs);
  const passwordHash = await hashPassword(password);
  await transaction(database, async (tx) => {
    const operator = { id: tenantId, parentId: null, kind: 'operator', createdAt } as const;
    await insertTenant(tx, { ...operator, name: OPERATOR_NAME });
    await insertProject(tx, { id: projectId, tenantId, name: FIRST_PROJECT_NAME, createdAt });
    await insertPerson(tx, { id: userId, name: OWNER_NAME, email, passwordHash, createdAt });
    const member = { id: createId('mem', nowMs), tenantId, userId, createdAt };
    await insertMember(tx, { ...member, role: 'owner' });
    await insertKey(tx, {
      id: createId('key', nowMs),
      tenantId,
      projectId,
      kind: 'api',
      name: 'First key',
      hint: hintOf(apiKey),
      sha256: hashOf(apiKey),
      role: 'owner',
      models: null,
      createdBy: userId,
      createdAt,
      expiresAt: null,
    });
  });
}

async function isKnownKey({ database, clock }: FirstRunOptions, apiKey: string): Promise<boolean> {
  return (await findUsableKey(database, hashOf(apiKey), new Date(clock.nowMs()))) !== null;
}

function hashOf(apiKey: string): Buffer {
  return Buffer.from(parseKey(apiKey)?.secretSha256 ?? '', 'hex');
}

async function readCredentials(path: string): Promise<FirstRunCredentials | null> {
  try {
    return credentialsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    const message = `${path} is not what Flywheel wrote there. Restore it, or remove it to go on without.`;
    throw fail('first_run.unreadable', message, codeOf(error) === null ? {} : { cause: error });
  }
}

/** Makes the file unless another process just did; whichever it is, returns what the file says. */
async function createFile(path: string, url: string): Promise<FirstRunCredentials> {
  const apiKey = createKey('api').secret;
  const credentials = { url, email: OWNER_EMAIL, password: createPassword(), apiKey };
  const aside = await writeAside(path, credentials);
  try {
    await link(aside, path);
    await syncFolder(path);
    return credentials;
  } catch (error) {
    const existing = codeOf(error) === 'EEXIST' ? await readCredentials(path) : null;
    if (existing === null) throw error;
    return existing;
  } finally {
    await rm(aside, { force: true });
  }
}

async function replaceFile(path: string, credentials: FirstRunCredentials): Promise<void> {
  await rename(await writeAside(path, credentials), path);
  await syncFolder(path);
}

/** A complete file under another name in the same folder, on the disk before this returns. */
async function writeAside(path: string, credentials: FirstRunCredentials): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(aside, 'wx', SECRET_MODE);
  try {
    await file.writeFile(`${JSON.stringify(credentials, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return aside;
}

/** Without this a power cut may lose the name, though not the bytes. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
