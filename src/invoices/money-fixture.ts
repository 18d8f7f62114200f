/** For tests: every module between a call and its bill, on one real database, as main joins them. */
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { createAuthors } from '#authors/authors.ts';
import { createCredits } from '#credits/credits.ts';
import { createLedger } from '#ledger/ledger.ts';
import { parseAmount } from '#ledger/money.ts';
import { createLines } from '#metering/lines.ts';
import { createLineCalls } from '#metering/line-calls.ts';
import { createMetering } from '#metering/metering.ts';
import type { SettledRecord } from '#metering/usage-event.ts';
import type { PriceTerms } from '#pricing/api.ts';
import { createPricing } from '#pricing/pricing.ts';
import type { TestDatabase } from '../../test/database.ts';
import { insertModel, insertTenant } from '../../test/money.ts';
import { identityOf, settledOf } from '../../test/usage-records.ts';
import { boughtLines } from './bought-lines.ts';
import { type Invoices, createInvoices } from './invoices.ts';
import { meteredLines } from './metered-lines.ts';

export const OPERATOR = { tenantId: 'ten_operator', isOperator: true } as const;
export const START = '2026-11-10T08:00:00Z';

const TERMS: PriceTerms = {
  rates: [
    {
      unit: 'token',
      direction: 'input',
      mode: 'whole_request',
      per: 1_000_000,
      tiers: [
        { upTo: 1_000, amount: '1.5' },
        { upTo: null, amount: '3' },
      ],
    },
    {
      unit: 'token',
      direction: 'output',
      mode: 'whole_request',
      per: 1_000_000,
      tiers: [{ upTo: null, amount: '7.000001' }],
    },
  ],
  serviceTiers: { batch: { times: '0.5', without: [] } },
  regions: {},
};

export type Money = Awaited<ReturnType<typeof createMoney>>;

// oxlint-disable max-lines-per-function -- parts joined by hand, a whole that reads better in one piece

/** A cloud with an operator, one author, one model of hers with a price, and a share of 30 % of it. */
export async function createMoney({ database }: TestDatabase) {
  const clock = createManualClock(Date.parse(START));
  const given = { database, clock, log: silentLog };
  const ledger = createLedger({
    ...given,
    covering: { coverOf: (tx, request) => credits.covering.coverOf(tx, request) },
  });
  const operatorId = await insertTenant(database, 'operator');
  const authorId = await insertTenant(database);
  const model = await insertModel(database, authorId, 'poet');
  const models = { find: async () => model, list: async () => [model] };
  const pricing = createPricing({ ...given, models });
  const authors = createAuthors({
    ...given,
    ledger,
    models: {
      publishersOf: async () => new Map([[model.id, authorId]]),
      find: async () => model,
      namesOf: async () => new Map([[model.id, model.name]]),
      publishedBy: async (tenantId) => (tenantId === authorId ? [model.id] : []),
    },
  });
  const credits = createCredits({
    ...given,
    ledger,
    models,
    heldParts: ledger.leases.heldParts,
    leastPrice: async () => ({ unit: 'token', unitPico: 1n }),
  });
  const sums = createLines();
  const lines = meteredLines(sums);
  const parts = {
    ...given,
    ledger,
    lines,
    purchases: boughtLines(credits.billed, lines),
    authors,
    calls: createLineCalls({ database, pricing }),
    notices: { send: async () => ({ noticeId: null }) },
  };
  const invoices: Invoices = createInvoices(parts);
  const metering = createMetering({
    ...given,
    ledger,
    pricing,
    funding: credits,
    shares: authors,
    periods: invoices,
    counts: async () => ({ models: 1, machines: 1, replicasReady: 1 }),
  });
  const price = await pricing.publish(OPERATOR, {
    model: model.name,
    currency: 'CNY',
    effectiveFromMs: null,
    terms: TERMS,
    createdBy: null,
  });
  let shipments = 0;
  let topUps = 0;
  return {
    ...given,
    ledger,
    credits,
    authors,
    invoices,
    parts,
    metering,
    pricing,
    sums,
    operatorId,
    authorId,
    model,
    price,
    at: (time: string) => clock.advance(Date.parse(time) - clock.nowMs()),
    /** With so much in cash. */
    customer: async (cash: string): Promise<string> => {
      const tenantId = await insertTenant(database);
      await sql`update tenants set created_at = ${new Date(clock.nowMs())}
        where id = ${tenantId}`.execute(database);
      topUps += 1;
      const amountPico = parseAmount(cash);
      const idempotencyKey = `top-up-${topUps}`;
      await ledger.credit({ tenantId, currency: 'CNY', amountPico, idempotencyKey, note: '' });
      return tenantId;
    },
    /** A call of so many tokens, settled now unless said otherwise. */
    call: (
      tenantId: string,
      [input, output]: readonly [number, number],
      changes: Partial<SettledRecord> = {},
    ): SettledRecord => {
      const settledAtMs = changes.settledAtMs ?? clock.nowMs();
      const identity = identityOf({
        tenantId,
        modelId: model.id,
        modelName: model.name,
        priceId: price.id,
        admittedAtMs: settledAtMs - 1_000,
      });
      const usage = { input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
      return settledOf(identity, { usage, ...changes, settledAtMs });
    },
    ship: async (...settled: readonly SettledRecord[]): Promise<void> => {
      shipments += 1;
      const at = { gatewayId: 'gtw_1', segment: 1, fromOffset: shipments, toOffset: shipments + 1 };
      await metering.ingest({ ...at, settled });
    },
    balance: async (tenantId: string) => (await ledger.balance(tenantId)).balance,
  };
}
