/**
 * The books: usage lines rated, posted and summed; a lease asked of control; a bill; a dashboard.
 * `npm run bench -- ledger`, with `./quick` for a trial.
 *
 * On a PostgreSQL of its own as it comes (fsync on, synchronous_commit on) and on the embedded one, with
 * one shared revenue account. Shipments of 4,000 lines of 20 tenants, 60 keys and 5 models come from four
 * gateways at once; the control that takes them over shares the machine with the database. Baselines of
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
import { type Database, openDatabase, sql } from '#platform/database.ts';
import { migrate } from '#platform/migrate.ts';
import { withWholeExchanges } from '#platform/whole-exchanges.ts';
import { startPostgres } from '../../scripts/test/postgres.ts';
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

async function percentiles(count: number, work: (index: number) => Promise<unknown>) {
  const all: number[] = [];
  for (let index = 0; index < count; index += 1)
    all.push(1000 * (await seconds(() => work(index))));
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((count - 1) * share)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

const rate = (count: number, took: number): string => Math.round(count / took).toLocaleString('en');
const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;

async function measure(database: Database): Promise<Row> {
  const books = await createBooks(database);
  const { metering, ledger, tenants, record } = books;
  const made = (gateway: number, segment: number) =>
    shipmentOf(
      `gtw_${gateway}`,
      segment,
      Array.from({ length: LINES_PER_SHIPMENT }, (_, index) => record(index)),
    );
  const shipments = Array.from({ length: GATEWAYS }, (_, gateway) =>
    Array.from({ length: SHIPMENTS }, (__, segment) => made(gateway, segment + 1)),
  );
  // One first, so that plans, partitions and accounts are there.
  await metering.ingest(shipmentOf('gtw_warm', 1, [record(0), record(1), record(2)]));
  const cpuFrom = process.cpuUsage();
  const took = await seconds(() =>
    Promise.all(
      shipments.map(async (own) => {
        for (const shipment of own) await metering.ingest(shipment);
      }),
    ),
  );
  const { user, system } = process.cpuUsage(cpuFrom);
  const lines = GATEWAYS * SHIPMENTS * LINES_PER_SHIPMENT;
  const { findings } = await metering.verify();
  const wrong = (await ledger.verify()).filter(
    ({ law }) => law !== 'no balance is under its floor',
  );
  if (findings.length + wrong.length > 0) throw new Error(JSON.stringify([findings, wrong]));

  const leaseTenant = tenants[1] ?? '';
  await ledger.credit({
    tenantId: leaseTenant,
    currency: 'CNY',
    amountPico: 10n ** 20n,
    idempotencyKey: 'bench',
    note: '',
  });
  const lease = await percentiles(SAMPLES, (index) =>
    ledger.leases.open({
      gatewayId: `gtw_${index}`,
      tenantId: leaseTenant,
      currency: 'CNY',
      amountPico: 10n ** 9n,
    }),
  );

  const [billed = '', watched = ''] = tenants;
  await seedLines(database, billed, 1_000_000);
  const month = { fromMs: Date.UTC(2027, 0), toMs: Date.UTC(2027, 1) };
  const bill = await percentiles(PER_PAGE, () =>
    metering.lines.sum(database, { tenantId: billed, currency: 'CNY', ...month }),
  );

  await seedSums(database, watched, 100_000_000);
  const scope = { tenantId: watched, projectId: null };
  const nowMs = Date.now();
  const back = (days: number) => ({ fromMs: nowMs - days * 86_400_000, toMs: nowMs });
  const page = await percentiles(PER_PAGE, async () => {
    const asked = { scope, showsCost: false };
    await metering.report({ ...asked, range: back(30), interval: 'day', groupBy: 'model' });
    await metering.report({ ...asked, range: back(1), interval: 'hour', groupBy: 'none' });
    await metering.overview(scope);
  });
  return {
    'lines rated and posted /s': rate(lines, took),
    'control CPU µs per line': ((user + system) / lines).toFixed(1),
    'lease on a miss, p50 / p99': `${ms(lease.p50)} / ${ms(lease.p99)}`,
    'bill over 1,000,000 lines, p50 / p95': `${ms(bill.p50)} / ${ms(bill.p95)}`,
    'dashboard over 100,000,000 lines, p50 / p95': `${ms(page.p50)} / ${ms(page.p95)}`,
  };
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
    const row = await measure(handle.database);
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
  const row = await measure(handle.database);
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
