/**
 * Bare repositories for git to read from, made of SQL and bytes. They are a cache: each is brought up to date
 * when it is asked for, made anew when it is gone, and those that were used longest ago go first.
 */
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Database } from '#platform/database.ts';
import type { ByteSources } from '../bytes.ts';
import { createTurns } from '../repositories/upload-stages.ts';
import type { RepositoryKey } from '../repositories/repository-store.ts';
import { type GitRefs, readGitRefs } from './git-refs.ts';
import { missingObjects } from './missing-objects.ts';
import { writePack } from './pack.ts';
import type { GitProgram } from './program.ts';

export type MirrorParts = ByteSources &
  Readonly<{
    database: Database;
    /** Where they lie. */
    folder: string;
    program: GitProgram;
    bytesMax?: number | undefined;
  }>;

export type Mirrors = Readonly<{
  /** Up to date; the path, and what its refs are. */
  open: (key: RepositoryKey) => Promise<Readonly<{ path: string; refs: GitRefs }>>;
}>;

/** Small files, pointers and trees only: many repositories fit. */
const BYTES_MAX = 8 * 1024 ** 3;
/** One for every time that it fell behind; beyond it they are made one. */
const PACKS_MAX = 30;
/** As long as a clone may take. */
const IN_USE_MS = 30 * 60_000;
const CONFIG = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n';

const stateSchema = z.object({
  refs: z.record(z.string(), z.string()),
  commits: z.array(z.string()),
});
type State = z.output<typeof stateSchema>;

export function createMirrors(parts: MirrorParts): Mirrors {
  const turns = createTurns();
  return {
    open: async (key) => {
      const path = join(parts.folder, `${key.modelId}.git`);
      let refs: GitRefs = new Map();
      await turns(key.modelId, async () => {
        refs = await readGitRefs(parts, key);
        await catchUp(parts, key, path, refs);
      });
      return { path, refs };
    },
  };
}

async function catchUp(
  parts: MirrorParts,
  key: RepositoryKey,
  path: string,
  refs: GitRefs,
): Promise<void> {
  const state = (await readState(path)) ?? (await makeEmpty(parts, path));
  const wanted = Object.fromEntries([...refs].map(([name, { oid }]) => [name, oid]));
  const isSame =
    Object.keys(state.refs).length === refs.size &&
    [...refs].every(([name, { oid }]) => state.refs[name] === oid);
  if (!isSame) {
    const commits = new Set(state.commits);
    const objects = await missingObjects(parts, key, { refs, known: commits });
    if (objects.length > 0) await addPack(parts, path, writePack(objects));
    await writeRefs(path, refs);
    await replaceFile(
      join(path, STATE),
      JSON.stringify({ refs: wanted, commits: [...commits] } satisfies State),
    );
    await repack(parts, path);
    await makeRoom(parts, path);
  }
  const now = new Date();
  await utimes(join(path, STATE), now, now);
}

const STATE = 'flywheel.json';

/** Null where there is none, or what no process of ours wrote. */
async function readState(path: string): Promise<State | null> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(join(path, STATE), 'utf8')));
  } catch {
    // Gone or cut short: it is made anew.
    return null;
  }
}

async function makeEmpty({ program }: MirrorParts, path: string): Promise<State> {
  await rm(path, { recursive: true, force: true });
  await mkdir(join(path, 'objects', 'pack'), { recursive: true, mode: 0o700 });
  await mkdir(join(path, 'refs'), { mode: 0o700 });
  await writeFile(join(path, 'config'), CONFIG);
  await writeFile(join(path, 'HEAD'), 'ref: refs/heads/main\n');
  // Says at once whether there is a git at all.
  await program.run({ args: ['rev-parse', '--git-dir'], environment: { GIT_DIR: path } });
  return { refs: {}, commits: [] };
}

async function addPack(
  { program }: MirrorParts,
  path: string,
  pack: AsyncIterable<Uint8Array>,
): Promise<void> {
  const environment = { GIT_DIR: path };
  const { input, output, ended } = program.start({ args: ['index-pack', '--stdin'], environment });
  output.resume();
  for await (const part of pack) {
    if (input.destroyed) break;
    if (!input.write(part))
      await new Promise((resolve) => input.once('drain', resolve).once('close', resolve));
  }
  input.end();
  await ended;
}

/** All at once and sorted, as git writes them itself; tags that are objects say what they stand for. */
async function writeRefs(path: string, refs: GitRefs): Promise<void> {
  const sorted = [...refs].toSorted(([left], [right]) =>
    Buffer.compare(Buffer.from(left), Buffer.from(right)),
  );
  const lines = sorted.flatMap(([name, { oid, commitId }]) =>
    oid === commitId ? [`${oid} ${name}`] : [`${oid} ${name}`, `^${commitId}`],
  );
  const text = ['# pack-refs with: peeled fully-peeled sorted ', ...lines].join('\n');
  await replaceFile(join(path, 'packed-refs'), `${text}\n`);
}

async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.next`, text);
  await rename(`${path}.next`, path);
}

async function repack({ program }: MirrorParts, path: string): Promise<void> {
  const packs = (await readdir(join(path, 'objects', 'pack'))).filter((name) =>
    name.endsWith('.pack'),
  );
  if (packs.length <= PACKS_MAX) return;
  await program.run({ args: ['repack', '-a', '-d', '-q'], environment: { GIT_DIR: path } });
}

/** Takes away what was used longest ago, but not the one that is used now. */
async function makeRoom({ folder, bytesMax = BYTES_MAX }: MirrorParts, now: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.git'));
  const all = await Promise.all(
    names.map(async (name) => ({
      path: join(folder, name),
      ...(await sizeOf(join(folder, name))),
    })),
  );
  let bytes = all.reduce((sum, mirror) => sum + mirror.bytes, 0);
  for (const mirror of all.toSorted((left, right) => left.usedMs - right.usedMs)) {
    if (bytes <= bytesMax) return;
    // Somebody may still read from it.
    if (mirror.path === now || mirror.usedMs > Date.now() - IN_USE_MS) continue;
    // Its state goes first: what is half gone is made anew.
    await rm(join(mirror.path, STATE), { force: true });
    await rm(mirror.path, { recursive: true, force: true });
    bytes -= mirror.bytes;
  }
}

async function sizeOf(path: string): Promise<Readonly<{ bytes: number; usedMs: number }>> {
  const folder = join(path, 'objects', 'pack');
  let bytes = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    bytes += (await stat(join(folder, name)).catch(() => null))?.size ?? 0;
  }
  return { bytes, usedMs: (await stat(join(path, STATE)).catch(() => null))?.mtimeMs ?? 0 };
}
