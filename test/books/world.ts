/**
 * For tests of reconciliation: every module of money as control builds them, on a clock that is moved by hand,
 * with a month behind it in which everything happened once: calls paid by cash, a grant and a plan, an author's
 * share and payout, a transfer, leases that ended, an invoice, and a sealed day.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { type ControlParts, buildControl } from '#main/control-parts.ts';
import type { SettledRecord } from '#metering/usage-event.ts';
import { createManualClock } from '#platform/clock.ts';
import { readSettings } from '#platform/config.ts';
import { type Database, sql, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { silentLog } from '#platform/log.ts';
import { createTestDatabase } from '../database.ts';
import { insertTenant } from '../money.ts';
import { writeTinyGguf } from '../tiny-gguf.ts';
import { identityOf, settledOf } from '../usage-records.ts';

const MODEL = 'acme/tiny';
const CURRENCY = 'CNY';
const HOUR_MS = 60 * 60_000;
export const GATEWAY = 'gtw_books';

export type World = Readonly<{
  database: Database;
  parts: ControlParts;
  clock: ReturnType<typeof createManualClock>;
  operatorId: string;
  /** Pays for calls in every way there is. */
  tenantId: string;
  authorId: string;
  /** Records calls as a gateway ships them, now. */
  ship: (...records: readonly SettledRecord[]) => Promise<void>;
  call: (changes?: Partial<SettledRecord>) => SettledRecord;
}>;

export async function createWorld(): Promise<World> {
  const handle = await createTestDatabase();
  const { database } = handle;
  const folder = await mkdtemp(join(tmpdir(), 'flywheel-books-'));
  after(() => rm(folder, { recursive: true, force: true }));
  const clock = createManualClock(Date.UTC(2026, 9, 20, 8));
  const parts = buildControl({
    options: {
      settings: readSettings({ FLYWHEEL_HOME: folder }),
      databaseUrl: handle.url,
      controlUrl: null,
      joinToken: 'join-token-of-this-test',
      sessionSecret: 'session-secret-of-this-test-session-secret',
      publicUrl: 'http://localhost:8080',
      host: '127.0.0.1',
      port: 0,
      modelsFolder: null,
    },
    handle,
    clock,
    log: silentLog,
  });
  const operatorId = await insertTenant(database, 'operator');
  const [tenantId, authorId] = [await insertTenant(database), await insertTenant(database)];
  await sql`update tenants set created_at = ${new Date(clock.nowMs())}`.execute(database);
  await writeTinyGguf(join(folder, 'tiny.gguf'));
  const { modelId } = await parts.hub.importBundled(authorId, {
    modelName: MODEL,
    folder,
    files: ['tiny.gguf'],
    license: null,
    visibility: 'public',
    message: '',
  });
  const priceId = await setPrices(parts, operatorId);
  let offset = 0;
  let sequence = 0;
  const call = (changes: Partial<SettledRecord> = {}): SettledRecord => {
    const admittedAtMs = clock.nowMs() - 1_000;
    const requestId = createId('req', admittedAtMs);
    const given = { tenantId, requestId, modelId, modelName: MODEL, priceId };
    return settledOf(identityOf({ ...given, admittedAtMs, ...changes }), changes);
  };
  const ship = async (...settled: readonly SettledRecord[]): Promise<void> => {
    const fromOffset = offset;
    offset += 1;
    const place = { segment: 1, fromOffset, toOffset: offset };
    const numbered = settled.map((record) => ({
      ...record,
      journal: { run: 'run-1', sequence: (sequence += 1) },
    }));
    await parts.metering.ingest({ gatewayId: GATEWAY, ...place, settled: numbered });
  };
  const world = { database, parts, clock, operatorId, tenantId, authorId, ship, call };
  await furnish(world);
  return world;
}

async function setPrices({ pricing, authors }: ControlParts, operatorId: string): Promise<string> {
  await authors.setRule({
    model: MODEL,
    basisPoints: 1_000,
    authorTenantId: null,
    countsOwnUsage: false,
    countsFreeUsage: true,
    effectiveFromMs: null,
    createdBy: null,
  });
  const { id } = await pricing.publish(
    { tenantId: operatorId, isOperator: true },
    {
      model: MODEL,
      currency: CURRENCY,
      effectiveFromMs: null,
      inputPerMillion: '1000',
      cacheReadPerMillion: null,
      outputPerMillion: '2000',
      reasoningPerMillion: null,
      createdBy: null,
    },
  );
  return id;
}

async function furnish(world: World): Promise<void> {
  const { parts, clock, tenantId, authorId, operatorId, ship, call } = world;
  const { payments, credits, ledger, authors, invoices } = parts;
  await payments.settings.set({ bankDetails: 'Bank of Examples' });
  await payments.record({
    tenantId,
    amount: '1000',
    reference: 'transfer',
    receivedOn: '2026-10-20',
    idempotencyKey: 'transfer-1',
  });
  const { lease } = await ledger.leases.open({
    gatewayId: GATEWAY,
    tenantId,
    currency: CURRENCY,
    amountPico: 50n * 10n ** 12n,
  });
  assert(lease !== null, 'the transfer pays for a lease');
  await ship(call({ leaseId: lease.id }), call({ leaseId: lease.id }));
  await ledger.leases.close({ id: lease.id });
  clock.advance(HOUR_MS);
  await credits.grants.give({ tenantId: operatorId, isOperator: true }, null, {
    tenantId,
    name: 'Welcome',
    amount: '0.07',
    idempotencyKey: 'welcome',
  });
  clock.advance(HOUR_MS);
  await ship(call(), call());
  const plan = await credits.plans.create({ tenantId: operatorId, isOperator: true }, null, {
    name: 'Small',
    currency: CURRENCY,
    price: '10',
    unit: 'token',
    atEnd: 'overage',
    windows: [{ period: 'month', allowance: '100000' }],
  });
  await credits.subscriptions.subscribe({ tenantId, planId: plan.id, by: null });
  clock.advance(HOUR_MS);
  await ship(call());
  await authors.payouts.record({
    tenantId: authorId,
    currency: CURRENCY,
    amountPico: 10n ** 10n,
    reference: 'bank',
    note: '',
    idempotencyKey: 'payout-1',
    createdBy: null,
  });
  clock.advance(Date.UTC(2026, 10, 2, 8) - clock.nowMs());
  await invoices.runRound();
  await sealDays(world);
  await ship(call());
}

/** Entries say when they were written by the database's clock, which is not moved by hand. */
async function sealDays({ database, parts }: World): Promise<void> {
  await transaction(database, async (tx) => {
    await sql`set local session_replication_role = replica`.execute(tx);
    await sql`update ledger_entries set recorded_at = effective_at`.execute(tx);
  });
  await parts.ledger.checkpoints.makeDue();
}
