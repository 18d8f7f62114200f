/**
 * The books: usage lines rated, posted and summed; the balance decision; an invoice's preview; a dashboard.
 * `npm run bench -- ledger`, with `./quick` for a trial.
 *
 * On a PostgreSQL of its own as it comes (fsync on, synchronous_commit on) and on the embedded one, with
 * one shared revenue account. Shipments of 4,000 lines of 20 tenants, 60 keys and 5 models, each admitted under a
 * lease, come as JSON from four gateways at once; control, as the cloud builds it, takes them over in this
 * process and shares the machine with the database, which the embedded one is a part of. Baselines of
 * the same run: COPY of the very same rows into a bare table with the same primary key, and bare inserts
 * of one row each.
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { type Database, type DatabaseHandle, openDatabase, sql } from '#platform/database.ts';
import { migrate } from '#platform/migrate.ts';
import { withWholeExchanges } from '#platform/whole-exchanges.ts';
import { startPostgres } from '../../scripts/test/postgres.ts';
import { decide } from './decision.ts';
import { serverMicros } from './processor-time.ts';
import { createBooks, seedLines, seedSums, shipmentOf } from './seed.ts';

const isQuick = process.argv.some((argument) => argument.includes('quick'));
const LINES_PER_SHIPMENT = 4_000;
const GATEWAYS = 4;
const SHIPMENTS = isQuick ? 3 : 15;
const SINGLE_ROWS = isQuick ? 200 : 1_000;
const SAMPLES = isQuick ? 50 : 300;
const PER_PAGE = isQuick ? 10 : 50;

type Row = Record<string, string>;

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
};

/** In milliseconds each. */
async function timed(count: number, work: (index: number) => Promise<unknown>) {
  const all: number[] = [];
  for (let index = 0; index < count; index += 1) {
    all.push(1000 * (await seconds(() => work(index))));
  }
  return all;
}

const SHARES = { p95: 0.95, p99: 0.99 } as const;

/** The middle one and the last but a few. */
function spanOf(all: readonly number[], last: keyof typeof SHARES): string {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return `${ms(at(0.5))} / ${ms(at(SHARES[last]))}`;
}

const rate = (count: number, took: number): string => Math.round(count / took).toLocaleString('en');
const ms = (value: number): string => `${value.toFixed(value < 0.1 ? 4 : value < 10 ? 2 : 0)} ms`;

async function measure(handle: DatabaseHandle, url: string): Promise<Row> {
  const books = await createBooks(handle, url);
  const { control, tenants } = books;
  const taken = await takeOver(books, new URL(url).port);
  const asked = { tenants, hits: isQuick ? 10_000 : 200_000, misses: SAMPLES };
  const decisions = await decide(control, asked);
  return {
    ...taken,
    'decision with a lease, p50 / p99': spanOf(decisions.hits, 'p99'),
    'decision on a miss, p50 / p99': spanOf(decisions.misses, 'p99'),
    ...(await readBill(books, handle.database)),
    ...(await readDashboard(books, handle.database)),
  };
}

type Books = Awaited<ReturnType<typeof createBooks>>;

/** Shipments as they come over the wire, so that reading their JSON counts. */
async function takeOver({ metering, ledger, record }: Books, port: string): Promise<Row> {
  const made = (gateway: number, segment: number): Buffer => {
    const settled = Array.from({ length: LINES_PER_SHIPMENT }, (_, index) => record(index));
    return Buffer.from(JSON.stringify(shipmentOf(`gtw_${gateway}`, segment, settled)));
  };
  const take = async (shipment: Buffer): Promise<void> => {
    await metering.ingest(JSON.parse(shipment.toString('utf8')));
  };
  const shipments = Array.from({ length: GATEWAYS }, (_, gateway) =>
    Array.from({ length: SHIPMENTS }, (__, segment) => made(gateway, segment + 1)),
  );
  // Two of another gateway first, so that plans, partitions, accounts and compiled code are there.
  for (const segment of [1, 2]) await take(made(GATEWAYS, segment));
  const before = { own: process.cpuUsage(), server: serverMicros(port) };
  const took = await seconds(() =>
    Promise.all(
      shipments.map(async (own) => {
        for (const shipment of own) await take(shipment);
      }),
    ),
  );
  const { user, system } = process.cpuUsage(before.own);
  const server = serverMicros(port);
  const lines = GATEWAYS * SHIPMENTS * LINES_PER_SHIPMENT;
  const { findings } = await metering.verify();
  const wrong = await ledger.verify();
  if (findings.length + wrong.length > 0) throw new Error(JSON.stringify([findings, wrong]));
  return {
    'lines rated and posted /s': rate(lines, took),
    'control CPU µs per line': ((user + system) / lines).toFixed(1),
    'server CPU µs per line':
      server === null || before.server === null
        ? 'in control'
        : ((server - before.server) / lines).toFixed(1),
  };
}

/** Of the month that is open: its sums, and all that an invoice is made of besides. */
async function readBill({ control, tenants }: Books, database: Database): Promise<Row> {
  const billed = tenants[1] ?? '';
  const nowMs = Date.now();
  const month = new Date(nowMs).toISOString().slice(0, 7);
  await seedLines(database, { tenantId: billed, calls: 1_000_000, from: `${month}-01` });
  const previews = await timed(PER_PAGE, () => control.invoices.preview(billed));
  return { 'preview over 1,000,000 lines, p50 / p95': spanOf(previews, 'p95') };
}

async function readDashboard({ metering, tenants }: Books, database: Database): Promise<Row> {
  const watched = tenants[2] ?? '';
  await seedSums(database, watched, 100_000_000);
  const scope = { tenantId: watched, projectId: null };
  const nowMs = Date.now();
  const back = (days: number) => ({ fromMs: nowMs - days * 86_400_000, toMs: nowMs });
  const pages = await timed(PER_PAGE, async () => {
    const asked = { scope, showsCost: false };
    await metering.report({ ...asked, range: back(30), interval: 'day', groupBy: 'model' });
    await metering.report({ ...asked, range: back(1), interval: 'hour', groupBy: 'none' });
    await metering.overview(scope);
  });
  return { 'dashboard over 100,000,000 lines, p50 / p95': spanOf(pages, 'p95') };
}

/** The rows that were just recorded, into a table with nothing but their columns and their key. */
async function baselines(
  database: Database,
  server: Readonly<{ url: string; binaries: string }> | null,
): Promise<Row> {
  await sql`create table bare (like usage_events including defaults, primary key (request_id, attempt, tenant_id))`.execute(
    database,
  );
  const single = await seconds(async () => {
    for (let index = 0; index < SINGLE_ROWS; index += 1) {
      await sql`insert into bare (request_id, attempt, tenant_id, request_day, project_id, key_id,
          gateway_id, model_name, model_id, service_tier, outcome, status, input_tokens,
          cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens, usage_source,
          currency, amount_pico, hold_pico, rated_by, admitted_at, settled_at, billed_at)
        values (${`req_${index}`}, 0, 'ten_1', '2027-01-01', 'prj_1', 'key_1', 'gtw_1', 'acme/model',
          'mdl_1', 'default', 'finished', 200, 10, 0, 0, 20, 0, 'engine', 'CNY', 27, 0, 'price',
          now(), now(), now())`.execute(database);
    }
  });
  const row = { 'bare inserts of one row /s': rate(SINGLE_ROWS, single) };
  if (server === null) return { ...row, 'bare COPY of the same rows, rows /s': '—' };
  await sql`truncate bare`.execute(database);
  const psql = join(server.binaries, 'psql');
  const run = (command: string) =>
    spawn(psql, [server.url, '-q', '-c', command], { stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  const reading = run(`copy (select * from usage_events) to stdout`);
  reading.stdin.end();
  for await (const chunk of reading.stdout) chunks.push(Buffer.from(chunk));
  const took = await seconds(async () => {
    const writing = run('copy bare from stdin');
    const ended = new Promise<void>((resolve) => writing.once('close', () => resolve()));
    await pipeline(Readable.from(chunks), writing.stdin);
    await ended;
  });
  const { rows } = await sql<{ count: number }>`select count(*) as count from bare`.execute(
    database,
  );
  return { ...row, 'bare COPY of the same rows, rows /s': rate(rows[0]?.count ?? 0, took) };
}

async function onServer(): Promise<Row> {
  const binaries = globSync('/usr/lib/postgresql/*/bin').toSorted().at(-1);
  if (binaries === undefined) throw new Error('there is no PostgreSQL server on this machine');
  const { url, stop } = await startPostgres(binaries);
  const handle = openDatabase({ url });
  try {
    await migrate(handle.database);
    const row = await measure(handle, url);
    return { ...row, ...(await baselines(handle.database, { url, binaries })) };
  } finally {
    await handle.stop();
    await stop();
  }
}

async function onEmbedded(): Promise<Row> {
  const pglite = await PGlite.create();
  const socket = new PGLiteSocketServer({
    db: withWholeExchanges(pglite),
    port: 0,
    host: '127.0.0.1',
    maxConnections: 20,
  });
  await socket.start();
  const url = `postgres://postgres:postgres@${socket.getServerConn()}/postgres`;
  const handle = openDatabase({ url, poolSize: 5 });
  await migrate(handle.database);
  const row = await measure(handle, url);
  return { ...row, ...(await baselines(handle.database, null)) };
}

console.log(
  `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}; the database and control share it.\n`,
);
const server = await onServer();
const embedded = await onEmbedded();
console.table(
  Object.fromEntries(
    Object.keys(server).map((name) => [
      name,
      { PostgreSQL: server[name], embedded: embedded[name] },
    ]),
  ),
);
process.exit(0);
