/** For tests: invoices on a real database and ledger, with usage that a test says, posted as metering posts it. */
import { createManualClock } from '#platform/clock.ts';
import { type Database, sql, transaction } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { platformAccount, tenantCredit } from '#ledger/entry.ts';
import { type Ledger, createLedger } from '#ledger/ledger.ts';
import { sum } from '#ledger/money.ts';
import type { NewNotice } from '#notices/send.ts';
import type { TestDatabase } from '../../test/database.ts';
import type { BillingParts } from './billing-ports.ts';
import { type Invoices, createInvoices } from './invoices.ts';
import { lineOf } from './invoices-fixture.ts';
import type { Purchase, Source, SourceSum, UsageLine, UsageLines } from './usage-lines.ts';

type Call = Readonly<{
  tenantId: string;
  atMs: number;
  billedAtMs: number;
  line: UsageLine;
  source: Source;
  entryId: number | null;
}>;

export type Bought = Purchase & Readonly<{ tenantId: string }>;

export const START_MS = Date.parse('2026-11-10T08:00:00Z');
export const CNY = 'CNY';

// oxlint-disable max-lines-per-function -- two fakes, each a whole that reads better in one piece

/** Usage as metering would sum it: calls are kept one by one, and every answer is computed anew. */
export function createUsage(ledger: Ledger) {
  const calls: Call[] = [];
  const within = (span: Readonly<{ tenantId: string; fromMs: number; toMs: number }>) =>
    calls.filter(
      (call) =>
        call.tenantId === span.tenantId &&
        call.billedAtMs >= span.fromMs &&
        call.billedAtMs < span.toMs,
    );
  const lines: UsageLines = {
    sum: async (_database, span) => {
      const found = within(span);
      const groups = Map.groupBy(found, ({ line }) =>
        [
          line.modelId,
          line.serviceTier,
          line.rate,
          line.upTo,
          line.eachPico,
          line.correctionOf,
        ].join(),
      );
      return {
        lines: [...groups.values()].flatMap((group) => {
          const [first] = group;
          if (first === undefined) return [];
          const add = (pick: (line: UsageLine) => bigint) =>
            sum(group.map(({ line }) => pick(line)));
          return [
            {
              ...first.line,
              priced: add((line) => line.priced),
              units: add((line) => line.units),
              amountPico: add((line) => line.amountPico),
              calls: group.length,
            },
          ];
        }),
        sources: sourcesOf(found),
      };
    },
    sources: async (_database, span) => sourcesOf(within(span)),
    otherCurrencies: async () => [],
    drawn: async () => new Map(),
    shares: async () => [],
    posted: async (database, span) => {
      const found = within(span);
      const wrongEntries = [];
      for (const call of found) {
        if (call.entryId === null) continue;
        const postedPico = await readRevenue(database, call.entryId);
        const ratedPico = call.line.amountPico;
        if (postedPico !== ratedPico) {
          wrongEntries.push({ entryId: call.entryId, postedPico, ratedPico });
        }
      }
      const ratedPico = sum(found.map(({ line }) => line.amountPico));
      return { ratedPico, wrongEntries };
    },
  };
  const record = async (tx: Database, call: Omit<Call, 'entryId'>): Promise<void> => {
    const { tenantId, line, source, atMs } = call;
    const { amountPico } = line;
    const payer = source === 'cash' ? tenantCredit(tenantId, CNY) : platformAccount('grant', CNY);
    if (amountPico === 0n) return;
    const { entryId } = await ledger.post(tx, {
      key: `usage/${calls.length}`,
      kind: 'usage',
      reference: {},
      effectiveAtMs: atMs,
      postings: [
        { account: payer, amountPico: -amountPico },
        { account: platformAccount('revenue', CNY), amountPico },
      ],
    });
    calls.push({ ...call, entryId });
  };
  return { calls, lines, record };
}

function sourcesOf(calls: readonly Call[]): readonly SourceSum[] {
  return [...Map.groupBy(calls, ({ source }) => source)].map(([source, group]) => ({
    source,
    sourceId: source === 'cash' ? null : `${source}_1`,
    amountPico: sum(group.map(({ line }) => line.amountPico)),
  }));
}

async function readRevenue(database: Database, entryId: number): Promise<bigint> {
  const { rows } = await sql<{ amount: string }>`
    select coalesce(sum(amount_pico), 0) as amount from ledger_postings
    where entry_id = ${entryId} and account_id like 'platform/revenue/%'`.execute(database);
  return BigInt(rows[0]?.amount ?? 0);
}

export type Billing = Readonly<{
  database: Database;
  ledger: Ledger;
  invoices: Invoices;
  parts: BillingParts;
  clock: ReturnType<typeof createManualClock>;
  told: NewNotice[];
  bought: Bought[];
  /** One call of a tenant, now, recorded as metering does: behind the line it is billed later. */
  use: (
    tenantId: string,
    call?: Readonly<{ atMs?: number; source?: Source; line?: Partial<UsageLine> }>,
  ) => Promise<void>;
  addTenant: (id: string, kind?: 'customer' | 'operator') => Promise<string>;
  /** Money that arrives. */
  pay: (tenantId: string, amountPico: bigint) => Promise<void>;
  at: (time: string) => void;
  balance: (tenantId: string) => Promise<string>;
}>;

export function createBilling(handle: TestDatabase): Billing {
  const { database } = handle;
  const clock = createManualClock(START_MS);
  const ledger = createLedger({ database, clock, log: silentLog });
  const usage = createUsage(ledger);
  const told: NewNotice[] = [];
  const bought: Bought[] = [];
  const keys = new Set<string>();
  const parts: BillingParts = {
    database,
    ledger,
    lines: usage.lines,
    purchases: {
      bought: async (_database, { tenantId, fromMs, toMs }) =>
        bought.filter(
          (each) => each.tenantId === tenantId && each.atMs >= fromMs && each.atMs < toMs,
        ),
      amortised: async () => [],
      wrong: async () => [],
    },
    calls: async () => ({ calls: [], next: null }),
    authors: { ruleChanges: async () => [], reversal: async () => [] },
    notices: {
      send: async (_tx, notice) => {
        const key = `${notice.tenantId} ${notice.kind} ${notice.key}`;
        if (keys.has(key)) return { noticeId: null };
        keys.add(key);
        told.push(notice);
        return { noticeId: key };
      },
    },
    clock,
    log: silentLog,
  };
  const invoices = createInvoices(parts);
  let payments = 0;
  return {
    database,
    ledger,
    invoices,
    parts,
    clock,
    told,
    bought,
    use: async (tenantId, { atMs = clock.nowMs(), source = 'cash', line = {} } = {}) => {
      await transaction(database, async (tx) => {
        const until = (await invoices.closedUntil(tx, [tenantId])).get(tenantId) ?? 0;
        const isLate = atMs < until;
        const correctionOf = isLate ? new Date(atMs).toISOString().slice(0, 10) : null;
        await usage.record(tx, {
          tenantId,
          atMs,
          billedAtMs: isLate ? until : atMs,
          source,
          line: lineOf({ ...line, correctionOf }),
        });
      });
    },
    addTenant: async (id, kind = 'customer') => {
      await sql`insert into tenants (id, kind, name, created_at)
        values (${id}, ${kind}, ${id}, ${new Date(clock.nowMs())})`.execute(database);
      return id;
    },
    pay: async (tenantId, amountPico) => {
      payments += 1;
      const idempotencyKey = `payment-${payments}`;
      await ledger.credit({ tenantId, currency: CNY, amountPico, idempotencyKey, note: '' });
      await transaction(database, (tx) => invoices.resettle(tx, tenantId));
    },
    at: (time) => clock.advance(Date.parse(time) - clock.nowMs()),
    balance: async (tenantId) => (await ledger.balance(tenantId)).balance,
  };
}
