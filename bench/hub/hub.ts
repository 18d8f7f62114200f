/**
 * What the hub stores of a family of models, and how fast bytes come in and go out. `npm run bench -- hub`, with
 * `./quick` for a trial.
 *
 * On a PostgreSQL of its own. Bytes stored are set against every unique chunk once, which is the least that
 * xet-core's rules allow, and against what the Rust client itself sends to an empty hub, where Python's `hf_xet`
 * is installed (`TEST_PYTHON`). Speeds are the middle of several, each beside a baseline of the same minute: the
 * same bytes written to the same disk and synced, and sent by a bare server; curl is the client of all.
 */
import { execFile } from 'node:child_process';
import { createReadStream, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { closeSync, fsyncSync, globSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { Hono } from 'hono';
import { systemClock } from '#platform/clock.ts';
import { openDatabase, sql } from '#platform/database.ts';
import { listen, serveApp } from '#platform/http.ts';
import { migrate } from '#platform/migrate.ts';
import { createFolderObjects } from '#platform/objects/folder.ts';
import { createChunker } from '#xet/chunker.ts';
import { openHashes } from '#xet/hash.ts';
import { createXetRoutes } from '#xet/routes.ts';
import { createXet } from '#xet/xet.ts';
import { startPostgres } from '../../scripts/test/postgres.ts';
import { type FamilyFile, writeFamily } from './family.ts';

const isQuick = process.argv.some((argument) => argument.includes('quick'));
const BASE_BYTES = isQuick ? 16_000_000 : 64_000_000;
const ROUNDS = isQuick ? 2 : 5;
const TENANT = 'ten_bench';
const PIECE_BYTES = 1024 * 1024;
const RUST_CLIENT = join(import.meta.dirname, 'rust-client.py');

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'flywheel-bench-hub-'));
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)} %`;

function middleOf(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
}

async function secondsOf(work: () => unknown): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}

/** A hub's storage that is empty, behind its routes. */
async function openStorage(url: string, name: string) {
  const admin = openDatabase({ url });
  await sql.raw(`create database ${name}`).execute(admin.database);
  await admin.stop();
  const address = new URL(url);
  address.pathname = `/${name}`;
  const handle = openDatabase({ url: address.href });
  const { database } = handle;
  await migrate(database);
  await sql`insert into tenants (id, kind, name) values (${TENANT}, 'customer', 'bench')`.execute(
    database,
  );
  const objects = createFolderObjects({ folder: join(folder, name), reserveBytes: 0 });
  const xet = createXet({
    database,
    objects,
    clock: systemClock,
    secret: 'a secret of this bench',
    readable: async (_, sha256s) => new Set(sha256s),
    keeps: async (_, sha256s) => new Set(sha256s),
    accept: async () => {},
  });
  const app = new Hono();
  app.route('/', createXetRoutes(xet));
  app.get('/rebuilt/:sha256', async (context) => {
    const bytes = await xet.read(context.req.param('sha256'));
    return bytes === null ? context.notFound() : new Response(ReadableStream.from(bytes));
  });
  app.get('/whole/:key', async (context) => {
    const bytes = await objects.read(`whole/${context.req.param('key')}`);
    return bytes === null ? context.notFound() : new Response(ReadableStream.from(bytes));
  });
  const server = await serveApp(app, { host: '127.0.0.1', port: 0 });
  const stored = async (): Promise<number> => {
    const { rows } = await sql<{ sum: number }>`
      select coalesce(sum(content_bytes), 0)::bigint as sum from xet_xorbs`.execute(database);
    return rows[0]?.sum ?? 0;
  };
  const stop = async (): Promise<void> => {
    await server.stop(0);
    await xet.stop();
    await handle.stop();
  };
  return { xet, objects, stored, stop, url: server.url };
}

type Storage = Awaited<ReturnType<typeof openStorage>>;

/** Every chunk of all files once. */
async function uniqueBytes(files: readonly FamilyFile[]): Promise<number> {
  const hashes = await openHashes();
  const seen = new Map<string, number>();
  for (const { path } of files) {
    const chunker = createChunker();
    const take = (chunk: Uint8Array) => seen.set(hashes.chunk(chunk), chunk.length);
    for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES })) {
      for (const chunk of chunker.push(piece)) take(chunk);
    }
    const last = chunker.end();
    if (last !== null) take(last);
  }
  return [...seen.values()].reduce((sum, bytes) => sum + bytes, 0);
}

async function cutAll({ xet }: Storage, files: readonly FamilyFile[]): Promise<void> {
  for (const file of files) {
    const read = async () => createReadStream(file.path, { highWaterMark: PIECE_BYTES });
    await xet.cut(TENANT, { ...file, read }, new AbortController().signal);
  }
}

/** The client that people have; how long it took, or null where it is not installed. */
async function sendByRust(
  { xet, url }: Storage,
  files: readonly FamilyFile[],
): Promise<number | null> {
  const python = process.env['TEST_PYTHON'] ?? 'python3';
  const { token } = xet.signing.issue({
    tenantId: TENANT,
    repositoryId: 'mdl_bench',
    access: 'write',
  });
  const home = mkdtempSync(join(folder, 'home-'));
  const words = [RUST_CLIENT, `${url}/xet`, token, ...files.map(({ path }) => path)];
  const { stdout } = await run(python, words, { env: { ...process.env, HF_HOME: home } });
  return stdout.trim() === 'not installed' ? null : Number(stdout);
}

async function showDedup(databaseUrl: string, files: readonly FamilyFile[]): Promise<Storage> {
  const sum = files.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
  const lfs = [...new Map(files.map((file) => [file.sha256, file.sizeBytes])).values()];
  const unique = await uniqueBytes(files);
  const ours = await openStorage(databaseUrl, 'bench_ours');
  const tookSeconds = await secondsOf(() => cutAll(ours, files));
  const rust = await openStorage(databaseUrl, 'bench_rust');
  const rustSeconds = await sendByRust(rust, files);
  const bytes: Record<string, number> = {
    'sum of all files': sum,
    'LFS: every file once': lfs.reduce((total, size) => total + size, 0),
    'every unique chunk once': unique,
    'cut by the hub': await ours.stored(),
    ...(rustSeconds === null ? {} : { 'sent by the Rust client': await rust.stored() }),
  };
  const rows = Object.entries(bytes).map(([what, size]) => [
    what,
    { stored: megabytes(size), 'of the sum': share(size, sum), 'of unique': share(size, unique) },
  ]);
  console.table(Object.fromEntries(rows));
  console.log(
    `cut, packed, rebuilt and compared at ${(sum / 1e6 / tookSeconds).toFixed(0)} MB/s\n`,
  );
  await rust.stop();
  return ours;
}

function writeRaw(bytes: number): void {
  const piece = Buffer.alloc(PIECE_BYTES, 7);
  const file = openSync(join(folder, 'raw'), 'w');
  for (let at = 0; at < bytes; at += PIECE_BYTES) writeSync(file, piece);
  fsyncSync(file);
  closeSync(file);
}

async function startBare(bytes: number) {
  const piece = Buffer.alloc(PIECE_BYTES, 7);
  const server = createServer((_, response) => {
    const pieces = Array.from({ length: Math.ceil(bytes / PIECE_BYTES) }, () => piece);
    Readable.from(pieces).pipe(response);
  });
  return listen(server, { host: '127.0.0.1', port: 0 });
}

const fetchAll = (url: string): Promise<number> =>
  secondsOf(() => run('curl', ['-sSf', '-o', '/dev/null', url]));

async function showSpeeds(databaseUrl: string, ours: Storage, file: FamilyFile): Promise<void> {
  const { sizeBytes, sha256, path } = file;
  const stage = await ours.objects.stage('whole');
  await stage.append(createReadStream(path, { highWaterMark: PIECE_BYTES }));
  await stage.commit('whole/file');
  const bare = await startBare(sizeBytes);
  const took: Record<string, number[]> = { disk: [], upload: [], bare: [], rebuilt: [], whole: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    took['disk']?.push(await secondsOf(() => writeRaw(sizeBytes)));
    const empty = await openStorage(databaseUrl, `bench_speed_${round}`);
    const sent = await sendByRust(empty, [file]);
    if (sent !== null) took['upload']?.push(sent);
    await empty.stop();
    took['bare']?.push(await fetchAll(bare.url));
    took['rebuilt']?.push(await fetchAll(`${ours.url}/rebuilt/${sha256}`));
    took['whole']?.push(await fetchAll(`${ours.url}/whole/file`));
  }
  await bare.stop(0);
  const speed = (name: string): number => sizeBytes / 1e6 / middleOf(took[name] ?? []);
  const row = (name: string, baseline: string, goal: string) => ({
    'MB/s': speed(name).toFixed(0),
    'baseline MB/s': speed(baseline).toFixed(0),
    share: share(speed(name), speed(baseline)),
    goal,
  });
  console.table({
    ...(took['upload']?.length === 0
      ? {}
      : { 'Xet upload by the Rust client, of disk': row('upload', 'disk', '60 %') }),
    'download rebuilt, of loopback': row('rebuilt', 'bare', '60 %'),
    'download of a whole object, of loopback': row('whole', 'bare', '70 %'),
  });
}

const binaries = globSync('/usr/lib/postgresql/*/bin').toSorted().at(-1);
if (binaries === undefined) throw new Error('there is no PostgreSQL server on this machine');
const postgres = await startPostgres(binaries);
try {
  const familyFolder = join(folder, 'family');
  mkdirSync(familyFolder);
  const files = await writeFamily(familyFolder, BASE_BYTES);
  const ours = await showDedup(postgres.url, files);
  const [base] = files;
  if (base !== undefined) await showSpeeds(postgres.url, ours, base);
  await ours.stop();
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
