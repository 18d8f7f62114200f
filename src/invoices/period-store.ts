/** SQL of periods that have ended, and of the numbers of papers. */
import { type Database, sql } from '#platform/database.ts';
import { z } from 'zod';
import { LANGUAGES, type PaperTerms, partySchema } from './document.ts';
import type { Period } from './period.ts';
import { TAX_MODES, type TaxRate } from './tax.ts';

/** What a period is billed by, whatever became of the tenant's terms since. */
export type FrozenTerms = PaperTerms & Readonly<{ currency: string; taxRate: TaxRate | null }>;

const termsSchema = z.object({
  seller: partySchema,
  buyer: partySchema,
  language: z.enum(LANGUAGES),
  mode: z.enum(['prepaid', 'postpaid']),
  dueDays: z.number().int(),
  currency: z.string(),
  taxRate: z
    .object({
      effectiveFromMs: z.number(),
      name: z.string(),
      mode: z.enum(TAX_MODES),
      ratePpm: z.number().int(),
      reason: z.string(),
    })
    .nullable(),
});

export type FrozenPeriod = Period &
  Readonly<{
    tenantId: string;
    state: 'frozen' | 'closed';
    terms: FrozenTerms;
    /** Null where there was nothing to bill, or it is not closed yet. */
    invoiceId: string | null;
    problem: string | null;
    closedAtMs: number | null;
  }>;

type Row = Readonly<{
  tenantId: string;
  label: string;
  timeZone: string;
  fromAt: Date;
  toAt: Date;
  state: FrozenPeriod['state'];
  terms: unknown;
  invoiceId: string | null;
  problem: string | null;
  closedAt: Date | null;
}>;

const columns = sql`tenant_id as "tenantId", label, time_zone as "timeZone", from_at as "fromAt",
  to_at as "toAt", state, terms, invoice_id as "invoiceId", problem, closed_at as "closedAt"`;

export async function insertPeriod(
  tx: Database,
  request: Readonly<{ tenantId: string; period: Period; terms: FrozenTerms; nowMs: number }>,
): Promise<void> {
  const { tenantId, period, terms, nowMs } = request;
  await sql`insert into billing_periods (tenant_id, label, time_zone, from_at, to_at, state, terms, frozen_at)
    values (${tenantId}, ${period.label}, ${period.timeZone}, ${new Date(period.fromMs)},
      ${new Date(period.toMs)}, 'frozen', ${JSON.stringify(terms)}::jsonb, ${new Date(nowMs)})`.execute(
    tx,
  );
}

export async function selectPeriod(
  database: Database,
  at: Readonly<{ tenantId: string; label: string }>,
): Promise<FrozenPeriod | null> {
  const { rows } = await sql<Row>`select ${columns} from billing_periods
    where tenant_id = ${at.tenantId} and label = ${at.label}`.execute(database);
  const row = rows[0];
  return row === undefined ? null : toPeriod(row);
}

/** One close of a period at a time; who waited finds it closed. */
export async function lockPeriod(
  tx: Database,
  at: Readonly<{ tenantId: string; label: string }>,
): Promise<FrozenPeriod | null> {
  await sql`select 1 from billing_periods
    where tenant_id = ${at.tenantId} and label = ${at.label} for update`.execute(tx);
  return selectPeriod(tx, at);
}

/** Frozen and not closed: a close was interrupted, or found something wrong. */
export async function selectFrozen(
  database: Database,
  limit: number,
): Promise<readonly Readonly<{ tenantId: string; label: string }>[]> {
  const { rows } = await sql<{ tenantId: string; label: string }>`
    select tenant_id as "tenantId", label from billing_periods where state = 'frozen'
    order by frozen_at, tenant_id limit ${limit}`.execute(database);
  return rows;
}

/** Closes that found something wrong and wait for a person. */
export async function selectProblems(
  database: Database,
  limit: number,
): Promise<readonly Readonly<{ tenantId: string; period: string; problem: string }>[]> {
  const { rows } = await sql<{ tenantId: string; period: string; problem: string }>`
    select tenant_id as "tenantId", label as period, problem from billing_periods
    where state = 'frozen' and problem is not null
    order by frozen_at, tenant_id limit ${limit}`.execute(database);
  return rows;
}

/** Where the usage begins that no invoice holds yet; null where the last frozen period is closed. */
export async function selectFrozenFromMs(
  database: Database,
  tenantId: string,
): Promise<number | null> {
  const { rows } = await sql<{ fromAt: Date }>`
    select from_at as "fromAt" from billing_periods
    where tenant_id = ${tenantId} and state = 'frozen' order by from_at limit 1`.execute(database);
  return rows[0]?.fromAt.getTime() ?? null;
}

/** Oldest first. */
export async function selectPeriods(
  database: Database,
  request: Readonly<{ tenantId: string | null; limit: number }>,
): Promise<readonly FrozenPeriod[]> {
  const { rows } = await sql<Row>`select ${columns} from billing_periods
    where ${request.tenantId}::text is null or tenant_id = ${request.tenantId}::text
    order by to_at desc, tenant_id limit ${request.limit}`.execute(database);
  return rows.map(toPeriod).toReversed();
}

export async function markClosed(
  tx: Database,
  request: Readonly<{ tenantId: string; label: string; invoiceId: string | null; nowMs: number }>,
): Promise<void> {
  await sql`update billing_periods
    set state = 'closed', closed_at = ${new Date(request.nowMs)}, invoice_id = ${request.invoiceId},
      problem = null
    where tenant_id = ${request.tenantId} and label = ${request.label} and state = 'frozen'`.execute(
    tx,
  );
}

export async function markProblem(
  database: Database,
  request: Readonly<{ tenantId: string; label: string; problem: string }>,
): Promise<void> {
  await sql`update billing_periods set problem = ${request.problem}
    where tenant_id = ${request.tenantId} and label = ${request.label} and state = 'frozen'`.execute(
    database,
  );
}

/** The next of its series. Others wait until this transaction ends; if it fails, the number is not used up. */
export async function takePosition(tx: Database, series: string): Promise<number> {
  const { rows } = await sql<{ position: number }>`
    insert into invoice_series (series, position) values (${series}, 1)
    on conflict (series) do update set position = invoice_series.position + 1
    returning position`.execute(tx);
  const row = rows[0];
  if (row === undefined) throw new Error('an upsert returns its row');
  return row.position;
}

function toPeriod(row: Row): FrozenPeriod {
  const { fromAt, toAt, closedAt, terms, ...rest } = row;
  return {
    ...rest,
    fromMs: fromAt.getTime(),
    toMs: toAt.getTime(),
    closedAtMs: closedAt === null ? null : closedAt.getTime(),
    terms: termsSchema.parse(terms),
  };
}
