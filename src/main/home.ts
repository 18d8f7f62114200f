/** Where things lie in the home, and the secrets that every process of one cloud shares. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf, defineErrors } from '#platform/error.ts';

const fail = defineErrors({ 'home.secrets_unreadable': { status: 500 } });

export function objectsFolder(home: string): string {
  return join(home, 'objects');
}

/** What a node pulled from a control on another machine. */
export function cacheFolder(home: string): string {
  return join(home, 'cache', 'blobs');
}

/** Repositories as git reads them, made of what is kept and made anew when they are gone. */
export function gitFolder(home: string): string {
  return join(home, 'cache', 'git');
}

/** Compiled code of the last start. In the home, where nobody else can put code for us to run. */
export function codeCacheFolder(home: string): string {
  return join(home, 'cache', 'code');
}

/** What the gateways of this home keep. */
export function gatewayFolder(home: string): string {
  return join(home, 'gateway');
}

/** Of the first gateway of this home, or of the one with that number. */
export function journalFolder(home: string, number = 1): string {
  return join(gatewayFolder(home), number === 1 ? 'journal' : `journal-${number}`);
}

export function feedFile(home: string): string {
  return join(gatewayFolder(home), 'feed.json');
}

/** What seals the keys of external providers, where no setting gives it. */
export function masterKeysFile(home: string): string {
  return join(home, 'master-keys.json');
}

/** Who runs, by name, for people and tools that look from outside: they find the whole list, or the one before. */
export async function writeProcesses(
  home: string,
  pids: Iterable<readonly [string, number | null | undefined]>,
): Promise<void> {
  const processes = { supervisor: process.pid, ...Object.fromEntries(pids) };
  const path = join(home, 'processes.json');
  const next = `${path}.${randomBytes(4).toString('hex')}`;
  await writeFile(next, `${JSON.stringify(processes, null, 2)}\n`);
  await rename(next, path);
}

/** Where the supervisor can be asked for something, while it runs. */
export function doorFile(home: string): string {
  return join(home, 'supervisor-door.json');
}

export function logFolder(home: string): string {
  return join(home, 'logs');
}

const secretsSchema = z.object({
  sessionSecret: z.string().min(32),
  joinToken: z.string().min(16),
});
export type Secrets = z.infer<typeof secretsSchema>;

/** Reads the home's secrets, or makes them once. Raises `home.secrets_unreadable`. */
export async function ensureSecrets(home: string): Promise<Secrets> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const path = join(home, 'secrets.json');
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  const made: Secrets = { sessionSecret: makeSecret(), joinToken: makeSecret() };
  await writeFile(aside, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  try {
    // A link is there whole or not at all, so two processes that start together agree.
    await link(aside, path);
    return made;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return await readSecrets(path);
  } finally {
    await rm(aside, { force: true });
  }
}

async function readSecrets(path: string): Promise<Secrets> {
  try {
    return secretsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw fail(
      'home.secrets_unreadable',
      `${path} is not what Flywheel wrote there. Restore it, or remove it: people then sign in anew, and other machines need the new join token.`,
      { cause: error },
    );
  }
}

function makeSecret(): string {
  return randomBytes(32).toString('base64url');
}
