/**
 * What a seed plays on: two customers (prepaid, and postpaid with a line), an author whose two models they
 * call, plans, a savings plan and a free quota. All of one database share its platform accounts and nothing
 * else; a stage has names and ids of its own.
 */
import assert from 'node:assert/strict';
import { openDatabase, sql } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { KeyIdentity } from '#gateway/control-client.ts';
import { feedModel } from '#gateway/gateway-fixture.ts';
import type { ServedModel } from '#gateway/feed-view.ts';
import type { ControlParts } from '#main/control-parts.ts';
import type { PriceTerms } from '#pricing/api.ts';
import type { Random } from '../chaos/random.ts';
import { type TestDatabase, createTestDatabase } from '../database.ts';
import { insertPublishedModel, insertTenant } from '../money.ts';

/** Every seed begins here, so that all of them use the same days of usage. */
export const BEGIN_MS = Date.parse('2026-03-02T08:00:00Z');
/** And ends here: three months are over everywhere, with their grace. */
export const END_MS = Date.parse('2026-06-05T08:00:00Z');

export const CURRENCY = 'CNY';
const ZONES = ['UTC', 'Asia/Shanghai', 'America/New_York', 'Asia/Kolkata'] as const;

export type Customer = Readonly<{ tenantId: string; key: KeyIdentity }>;

export type Model = Readonly<{ id: string; name: string; prices: ServedModel['model']['prices'] }>;

export type Stage = Readonly<{
  operatorId: string;
  authorId: string;
  customers: readonly [Customer, Customer];
  tenantIds: readonly string[];
  /** As gateways know them; a price that is published later is put in here. */
  models: [Model, Model];
  planIds: readonly [string, string];
  savingsPlanId: string;
  coupons: readonly [string, string];
}>;

export type Theatre = TestDatabase & Readonly<{ operatorId: string }>;

/** A database for some seeds. What the server has on disk is not what dies here, so nobody waits for it. */
export async function openTheatre(): Promise<Theatre> {
  const { database, url, stop } = await createTestDatabase();
  const operatorId = await insertTenant(database, 'operator');
  await sql`do $$ begin
    execute format('alter database %I set synchronous_commit = off', current_database());
  end $$`.execute(database);
  const handle = openDatabase({ url, poolSize: 5 });
  const stopAll = async (): Promise<void> => {
    await handle.stop();
    await stop();
  };
  return { ...handle, url, operatorId, stop: stopAll };
}

export async function buildStage(
  { database, operatorId }: Theatre,
  parts: ControlParts,
  { seed, random }: Readonly<{ seed: number; random: Random }>,
): Promise<Stage> {
  const authorId = await insertTenant(database);
  const customers: [Customer, Customer] = [
    customerOf(await insertTenant(database)),
    customerOf(await insertTenant(database)),
  ];
  const tenantIds = [authorId, ...customers.map(({ tenantId }) => tenantId)];
  await sql`update tenants set created_at = ${new Date(BEGIN_MS)}
    where id = any(${tenantIds}::text[])`.execute(database);
  const operator = { tenantId: operatorId, isOperator: true };
  const models: [Model, Model] = [
    await publishModel(database, parts, { operator, authorId, terms: null }),
    await publishModel(database, parts, { operator, authorId, terms: graduated() }),
  ];
  await parts.authors.setRule({
    model: models[0].name,
    basisPoints: random.between(1, 5) * 1_000,
    authorTenantId: null,
    countsOwnUsage: true,
    countsFreeUsage: random.next() < 0.5,
    effectiveFromMs: null,
    createdBy: null,
  });
  for (const [index, { tenantId }] of customers.entries()) {
    await parts.invoices.changeTerms({
      tenantId,
      userId: null,
      change: {
        timeZone: random.pick(ZONES),
        graceHours: random.pick([0, 12, 48]),
        ...(index === 1 ? { mode: 'postpaid', creditLine: '2' } : {}),
        tax: { name: 'VAT', mode: random.pick(['inclusive', 'exclusive']), ratePpm: 60_000 },
      },
    });
  }
  return {
    operatorId,
    authorId,
    customers,
    tenantIds,
    models,
    ...(await offer(parts, { operator, seed, models, random })),
  };
}

function customerOf(tenantId: string): Customer {
  const projectId = createId('prj');
  const key = { id: createId('key'), tenantId, projectId, models: null, expiresAtMs: null };
  return { tenantId, key: { ...key, role: 'developer' } };
}

type Operator = Readonly<{ tenantId: string; isOperator: boolean }>;

/** Plans, a savings plan, a free quota and coupons, all for names of this seed. */
async function offer(
  { credits }: ControlParts,
  given: Readonly<{
    operator: Operator;
    seed: number;
    models: readonly [Model, Model];
    random: Random;
  }>,
) {
  const { operator, models, random } = given;
  const name = `Seed ${given.seed} ${createId('ord')}`;
  const code = `S-${createId('cpn').slice(-20)}`;
  const atEnd = random.pick(['overage', 'block'] as const);
  const unit = random.pick(['token', 'amount'] as const);
  const planOf = (kind: string, price: string, times: number) =>
    credits.plans.create(operator, null, {
      name: `${name} ${kind}`,
      price,
      unit,
      atEnd,
      models: [models[0].name],
      windows: [
        { period: '5_hours', allowance: unit === 'token' ? String(600 * times) : `0.${times}` },
        { period: 'month', allowance: unit === 'token' ? String(4_000 * times) : `${times}.5` },
      ],
    });
  const plans = [await planOf('small', '0.31', 1), await planOf('large', '0.97', 3)];
  const saving = await credits.savingsPlans.create(operator, null, {
    name,
    amount: '0.5',
    discountPercent: 12.5,
    months: 1,
  });
  await credits.quotas.setRule(operator, null, {
    model: models[1].name,
    units: 900,
    validDays: 20,
  });
  const amount = '0.2';
  await credits.coupons.create(operator, null, { code: `${code}-A`, name, kind: 'amount', amount });
  const topUp = { code: `${code}-T`, name, kind: 'top_up', amount, percent: 10 } as const;
  await credits.coupons.create(operator, null, topUp);
  const [small, large] = plans;
  assert.ok(small !== undefined && large !== undefined);
  const planIds: [string, string] = [small.id, large.id];
  const coupons: [string, string] = [`${code}-A`, `${code}-T`];
  return { planIds, savingsPlanId: saving.id, coupons };
}

async function publishModel(
  database: Theatre['database'],
  parts: ControlParts,
  given: Readonly<{ operator: Operator; authorId: string; terms: PriceTerms | null }>,
): Promise<Model> {
  const { operator, authorId, terms } = given;
  const kind = terms === null ? 'flat' : 'graduated';
  const { id, name } = await insertPublishedModel(database, authorId, kind);
  const base = { model: name, currency: CURRENCY, effectiveFromMs: null, createdBy: null };
  const published = await parts.pricing.publish(
    operator,
    terms === null ? { ...base, ...PER_MILLION } : { ...base, terms },
  );
  return { id, name, prices: await pricesOf(parts, [published.id]) };
}

/** So dear that twenty calls are a yuan: balances here are small. */
export const PER_MILLION = {
  inputPerMillion: '100',
  cacheReadPerMillion: '10',
  outputPerMillion: '400.000001',
  reasoningPerMillion: null,
} as const;

/** Cheaper the more was used in a month. */
function graduated(): PriceTerms {
  const rate = (
    direction: 'input' | 'output',
    first: string,
    then: string,
  ): PriceTerms['rates'][number] => ({
    unit: 'token',
    direction,
    mode: 'graduated',
    per: 1_000_000,
    tiers: [
      { upTo: 2_000, amount: first },
      { upTo: null, amount: then },
    ],
  });
  return {
    rates: [rate('input', '120.5', '60'), rate('output', '480', '240.000003')],
    serviceTiers: {},
    regions: {},
  };
}

export async function pricesOf(
  { pricing }: ControlParts,
  ids: readonly string[],
): Promise<Model['prices']> {
  const found = await pricing.byId(ids);
  return [...found.values()].toSorted((a, b) => a.effectiveFromMs - b.effectiveFromMs);
}

export function servedOf({ id, name, prices }: Model, tenantId: string): ServedModel {
  const model = feedModel({ name, modelId: id, tenantId, contextLength: 2_048, prices });
  return { model, deployments: [], replicas: [] };
}
