/**
 * The master keys: the newest seals, the older ones still open. They come from the operator's setting,
 * newest first, where several controls share a database; else from a file in the home that is made at
 * first use and readable by its owner only. Never in the database: a copy of that alone opens nothing.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { codeOf } from '#platform/error.ts';
import { MASTER_KEY_BYTES, type MasterKey, masterKeyOf } from './envelope.ts';
import { fail } from './errors.ts';

export type MasterKeys = Readonly<{
  /** The one that seals. Raises `master_key.invalid`. */
  newest: () => Promise<MasterKey>;
  /** Null when this cloud does not have it (any more). */
  find: (id: string) => Promise<MasterKey | null>;
  /** A new newest key where they are a file; with a setting the operator has put it there already. */
  renew: () => Promise<MasterKey>;
  /** Forgets all but the newest, once nothing is sealed by them. */
  forgetOlder: () => Promise<void>;
}>;

const fileSchema = z.object({ keys: z.array(z.string()).min(1).max(100) });

/** From `FLYWHEEL_MASTER_KEYS`: base64 of 32 bytes each, newest first. */
export function parseMasterKeys(text: string): readonly MasterKey[] {
  return text.split(',').map((part) => parseKey(part.trim()));
}

export function createMasterKeys(
  options: Readonly<{ file: string; configured: string | null }>,
): MasterKeys {
  const { file, configured } = options;
  const fixed = configured === null ? null : parseMasterKeys(configured);
  // One at a time: two renewals that read the same file would lose a key.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => null);
    return next;
  };
  const read = async (): Promise<readonly MasterKey[]> => fixed ?? (await ensureFile(file));
  return {
    newest: () => inTurn(async () => first(await read())),
    find: (id) => inTurn(async () => (await read()).find((key) => key.id === id) ?? null),
    renew: () =>
      inTurn(async () => {
        const known = await read();
        if (fixed !== null) return first(known);
        const made = masterKeyOf(randomBytes(MASTER_KEY_BYTES));
        await replaceFile(file, [made, ...known]);
        return made;
      }),
    forgetOlder: () =>
      inTurn(async () => {
        if (fixed === null) await replaceFile(file, [first(await read())]);
      }),
  };
}

function first(keys: readonly MasterKey[]): MasterKey {
  const [newest] = keys;
  if (newest === undefined) throw fail('master_key.invalid', 'There is no master key.');
  return newest;
}

async function ensureFile(file: string): Promise<readonly MasterKey[]> {
  const found = await readKeys(file);
  if (found !== null) return found;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  const made = [masterKeyOf(randomBytes(MASTER_KEY_BYTES))];
  await writeFile(aside, textOf(made), { mode: 0o600 });
  try {
    // A link is there whole or not at all, so two controls that start together agree.
    await link(aside, file);
    return made;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return (await readKeys(file)) ?? made;
  } finally {
    await rm(aside, { force: true });
  }
}

async function readKeys(file: string): Promise<readonly MasterKey[] | null> {
  try {
    const { keys } = fileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    return keys.map(parseKey);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw fail(
      'master_key.invalid',
      `${file} does not hold master keys. Restore it from a backup; without it every provider needs its key again.`,
      // The parser's own message may quote a key.
      { cause: new Error('unreadable') },
    );
  }
}

async function replaceFile(file: string, keys: readonly MasterKey[]): Promise<void> {
  const aside = `${file}.new`;
  await writeFile(aside, textOf(keys), { mode: 0o600 });
  await rename(aside, file);
}

function textOf(keys: readonly MasterKey[]): string {
  return `${JSON.stringify({ keys: keys.map(({ bytes }) => bytes.toString('base64')) }, null, 2)}\n`;
}

function parseKey(text: string): MasterKey {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== MASTER_KEY_BYTES) {
    throw fail('master_key.invalid', 'A master key is the base64 of 32 random bytes.');
  }
  return masterKeyOf(bytes);
}
