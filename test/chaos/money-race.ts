/**
 * Three gateways before one balance: a tenant with exactly so much money, a control that leases it, real
 * gateways with journals of their own, and callers that all call at once. Each race has a tenant, a model
 * and a control of its own, so that what one leaves behind no other sees.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyIdentity } from '#gateway/control-client.ts';
import { EMPTY_FEED, type Feed } from '#gateway/feed.ts';
import { feedModel, feedReplica } from '#gateway/gateway-fixture.ts';
import type { LeaseMode } from '#ledger/lease.ts';
import { type Ledger, createLedger } from '#ledger/ledger.ts';
import { type Clock, systemClock } from '#platform/clock.ts';
import { type Database, sql } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { silentLog as log } from '#platform/log.ts';
import { createPricing } from '#pricing/pricing.ts';
import { createKey } from '#tenancy/key.ts';
import { insertModel, insertTenant } from '../money.ts';
import { type ControlLife, type GatewayLife, startControlLife, startGatewayLife } from './life.ts';

export type Race = Readonly<{
  tenantId: string;
  ledger: Ledger;
  gateways: readonly GatewayLife[];
  /** Asks gateway `index`, streamed; what the caller got, in the order of the stream. */
  ask: (index: number, body: object, signal?: AbortSignal) => Promise<Answer>;
  /** Ships everything and ends the gateways that live. */
  drain: () => Promise<void>;
  /** Control's clock goes on; gateways notice nothing. */
  later: (ms: number) => void;
  books: () => Promise<Books>;
  stop: () => Promise<void>;
}>;

export type Answer = Readonly<{ status: number; text: string; isWhole: boolean; tokens: number }>;

export type Books = Readonly<{
  balancePico: bigint;
  calls: number;
  ratedPico: bigint;
  leases: readonly Readonly<{ state: string; amountPico: bigint; settledPico: bigint }>[];
}>;

/** Pico of a token of answer; a prompt is free, so that a call costs exactly what was held for it. */
export const TOKEN_PICO = 1_200_000n;

const STAND_IN = { key: null, model: null, contextLength: 1_000 };
const DRAIN_MS = 60_000;

export async function startRace(
  given: Readonly<{
    database: Database;
    balancePico: bigint;
    mode: LeaseMode;
    gateways: number;
    upstreamUrl: string;
    /** Of a real engine: its key, its name for the model, its context. */
    engine?: Readonly<{ key: string | null; model: string | null; contextLength: number }>;
  }>,
): Promise<Race> {
  const { database } = given;
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-race-'));
  let aheadMs = 0;
  const clock: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs };
  const tenantId = await insertTenant(database);
  const ledger = createLedger({ database, clock, log });
  await openBalance(database, { tenantId, amountPico: given.balancePico });
  await ledger.leases.setMode({ tenantId, mode: given.mode });
  const feed = await feedFor(database, tenantId, given);
  const { secret } = createKey('api');
  const key: KeyIdentity = {
    id: createId('key'),
    tenantId,
    projectId: createId('prj'),
    models: null,
    expiresAtMs: null,
    role: 'developer',
  };
  const control: ControlLife = await startControlLife({
    database,
    key,
    clock,
    port: 0,
    dieAt: null,
  });
  const gateways = await Promise.all(
    Array.from({ length: given.gateways }, (_, index) =>
      startGatewayLife({
        folder: join(folder, String(index)),
        controlUrl: control.url,
        feed,
      }),
    ),
  );
  let living = [...gateways];
  const drain = async (): Promise<void> => {
    const ending = living;
    living = [];
    for (const isDrained of await Promise.all(ending.map((each) => each.stop(DRAIN_MS)))) {
      assert.equal(isDrained, true, 'a journal could not be shipped');
    }
  };
  return {
    tenantId,
    ledger,
    gateways: gateways.map((gateway) => ({
      ...gateway,
      kill: async (next) => {
        living = living.filter((each) => each !== gateway);
        await gateway.kill(next);
      },
    })),
    ask: (index, body, signal) => {
      const url = gateways[index % gateways.length]?.url ?? '';
      return ask({ url, secret, model: feed.models[0]?.name ?? '', body, signal });
    },
    drain,
    later: (ms) => {
      aheadMs += ms;
    },
    books: () => readBooks(database, tenantId),
    stop: async () => {
      await drain();
      control.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openBalance(
  database: Database,
  { tenantId, amountPico }: Readonly<{ tenantId: string; amountPico: bigint }>,
): Promise<void> {
  const ledger = createLedger({ database, clock: systemClock, log });
  const currency = 'CNY';
  await ledger.credit({ tenantId, currency, amountPico, idempotencyKey: 'opening', note: '' });
}

async function feedFor(
  database: Database,
  tenantId: string,
  given: Parameters<typeof startRace>[0],
): Promise<Feed> {
  const model = await insertModel(database, tenantId);
  const models = { find: async () => model, list: async () => [model] };
  const pricing = createPricing({ database, clock: systemClock, log, models });
  const published = await pricing.publish(
    { tenantId, isOperator: true },
    {
      model: model.name,
      currency: 'CNY',
      effectiveFromMs: null,
      inputPerMillion: '0',
      cacheReadPerMillion: null,
      outputPerMillion: '1.2',
      reasoningPerMillion: null,
      createdBy: null,
    },
  );
  const [priced] = (await pricing.byId([published.id])).values();
  assert.ok(priced !== undefined);
  const prices = [{ ...priced, effectiveFromMs: 0, components: priced.components }];
  const deployment = { id: 'dep_one', tenantId, modelName: model.name, modelId: model.id };
  const { engine = STAND_IN, upstreamUrl: url } = given;
  const { key: engineKey, model: upstreamModel, contextLength } = engine;
  return {
    ...EMPTY_FEED,
    version: 1,
    models: [feedModel({ name: model.name, modelId: model.id, tenantId, prices, contextLength })],
    deployments: [{ ...deployment, isWanted: true, state: 'ready', reason: null }],
    replicas: [feedReplica({ url, engineKey, upstreamModel, parallel: 400 })],
  };
}

async function ask(
  call: Readonly<{
    url: string;
    secret: string;
    model: string;
    body: object;
    signal: AbortSignal | undefined;
  }>,
): Promise<Answer> {
  const { url, secret, model, body, signal } = call;
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream: true, ...body }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  return {
    status: response.status,
    text,
    isWhole: text.includes('data: [DONE]'),
    tokens: text.match(/"content":"[^"]/g)?.length ?? 0,
  };
}

async function readBooks(database: Database, tenantId: string): Promise<Books> {
  const { rows: events } = await sql<{ calls: number; rated: string }>`
    select count(*)::int as calls, coalesce(sum(amount_pico), 0)::text as rated
    from usage_events where tenant_id = ${tenantId}`.execute(database);
  const { rows: balances } = await sql<{ balance: string }>`
    select b.balance_pico::text as balance from ledger_balances b
    join ledger_accounts a on a.id = b.account_id
    where a.tenant_id = ${tenantId} and a.kind = 'credit'`.execute(database);
  const { rows: leases } = await sql<{ state: string; amount: string; settled: string }>`
    select state, amount_pico::text as amount, settled_pico::text as settled
    from leases where tenant_id = ${tenantId}`.execute(database);
  return {
    balancePico: BigInt(balances[0]?.balance ?? '0'),
    calls: events[0]?.calls ?? 0,
    ratedPico: BigInt(events[0]?.rated ?? '0'),
    leases: leases.map(({ state, amount, settled }) => ({
      state,
      amountPico: BigInt(amount),
      settledPico: BigInt(settled),
    })),
  };
}
