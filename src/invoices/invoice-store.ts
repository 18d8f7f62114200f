/** SQL of invoices and credit notes. */
import { type Database, sql } from '#platform/database.ts';
import type { DunningAction } from './dunning.ts';

export type InvoiceState = 'open' | 'paid' | 'uncollectible' | 'void';

export type StoredInvoice = Readonly<{
  tenantId: string;
  tenantName: string;
  id: string;
  number: string;
  periodLabel: string;
  currency: string;
  state: InvoiceState;
  totalPico: bigint;
  taxPico: bigint;
  creditedPico: bigint;
  writtenOffPico: bigint;
  namedPico: bigint;
  outstandingPico: bigint;
  dueAtMs: number;
  finalizedAtMs: number;
  paidAtMs: number | null;
  dunning: DunningAction | null;
  entryId: number | null;
  document: string;
}>;

type Row = Omit<
  StoredInvoice,
  | 'totalPico'
  | 'taxPico'
  | 'creditedPico'
  | 'writtenOffPico'
  | 'namedPico'
  | 'outstandingPico'
  | 'dueAtMs'
  | 'finalizedAtMs'
  | 'paidAtMs'
> &
  Readonly<{
    total: string;
    tax: string;
    credited: string;
    writtenOff: string;
    named: string;
    outstanding: string;
    dueAt: Date;
    finalizedAt: Date;
    paidAt: Date | null;
  }>;

const columns = sql`i.tenant_id as "tenantId", t.name as "tenantName", i.id, i.number,
  i.period_label as "periodLabel", i.currency, i.state, i.total_pico as total, i.tax_pico as tax,
  i.credited_pico as credited, i.written_off_pico as "writtenOff", i.named_pico as named,
  i.outstanding_pico as outstanding, i.due_at as "dueAt", i.finalized_at as "finalizedAt",
  i.paid_at as "paidAt", i.dunning, i.entry_id as "entryId", i.document`;

const joined = sql`invoices i join tenants t on t.id = i.tenant_id`;

export type NewInvoice = Readonly<{
  tenantId: string;
  id: string;
  number: string;
  periodLabel: string;
  currency: string;
  totalPico: bigint;
  taxPico: bigint;
  outstandingPico: bigint;
  dueAtMs: number;
  finalizedAtMs: number;
  entryId: number | null;
  document: string;
  sha256: Buffer;
}>;

/** Open, until what is owed on it is known. */
export async function insertInvoice(tx: Database, invoice: NewInvoice): Promise<void> {
  await sql`insert into invoices (tenant_id, id, number, period_label, currency, state, total_pico,
      tax_pico, outstanding_pico, due_at, finalized_at, entry_id, document, document_sha256)
    values (${invoice.tenantId}, ${invoice.id}, ${invoice.number}, ${invoice.periodLabel},
      ${invoice.currency}, 'open', ${invoice.totalPico.toString()}::numeric,
      ${invoice.taxPico.toString()}::numeric, ${invoice.outstandingPico.toString()}::numeric,
      ${new Date(invoice.dueAtMs)}, ${new Date(invoice.finalizedAtMs)}, ${invoice.entryId},
      ${invoice.document}, ${invoice.sha256})`.execute(tx);
}

/** Null tenant is the operator's view of the whole cloud. */
export async function selectInvoice(
  database: Database,
  at: Readonly<{ tenantId: string | null; id: string }>,
): Promise<StoredInvoice | null> {
  const { rows } = await sql<Row>`select ${columns} from ${joined}
    where (i.id = ${at.id} or i.number = ${at.id})
      and (${at.tenantId}::text is null or i.tenant_id = ${at.tenantId}::text)`.execute(database);
  const row = rows[0];
  return row === undefined ? null : toInvoice(row);
}

export async function lockInvoice(
  tx: Database,
  at: Readonly<{ tenantId: string; id: string }>,
): Promise<StoredInvoice | null> {
  await sql`select 1 from invoices
    where tenant_id = ${at.tenantId} and id = ${at.id} for update`.execute(tx);
  return selectInvoice(tx, at);
}

export type InvoiceQuery = Readonly<{
  tenantId: string | null;
  state: InvoiceState | null;
  /** Only those that are past their due date now. */
  overdueAtMs: number | null;
  before: Readonly<{ finalizedAtMs: number; id: string }> | null;
  limit: number;
}>;

/** Newest first. */
export async function selectInvoices(
  database: Database,
  query: InvoiceQuery,
): Promise<readonly StoredInvoice[]> {
  const { before, overdueAtMs } = query;
  const beforeAt = before === null ? null : new Date(before.finalizedAtMs);
  const overdueAt = overdueAtMs === null ? null : new Date(overdueAtMs);
  const { rows } = await sql<Row>`select ${columns} from ${joined}
    where (${query.tenantId}::text is null or i.tenant_id = ${query.tenantId}::text)
      and (${query.state}::text is null or i.state = ${query.state}::text)
      and (${overdueAt}::timestamptz is null or (i.state = 'open' and i.due_at <= ${overdueAt}::timestamptz))
      and (${beforeAt}::timestamptz is null or (i.finalized_at, i.id) < (${beforeAt}::timestamptz, ${before?.id ?? ''}))
    order by i.finalized_at desc, i.id desc limit ${query.limit}`.execute(database);
  return rows.map(toInvoice);
}

/** Papers of one tenant that money may go to: ten years of months. */
const SETTLED_MAX = 120;

/** Oldest first, locked. */
export async function lockPayable(
  tx: Database,
  at: Readonly<{ tenantId: string; currency: string }>,
): Promise<readonly StoredInvoice[]> {
  await sql`select 1 from invoices where tenant_id = ${at.tenantId} and currency = ${at.currency}
    order by id for update`.execute(tx);
  const { rows } = await sql<Row>`select ${columns} from ${joined}
    where i.tenant_id = ${at.tenantId} and i.currency = ${at.currency} and i.state in ('open', 'paid')
    order by i.period_label desc limit ${SETTLED_MAX}`.execute(tx);
  return rows.map(toInvoice).toReversed();
}

export async function updateInvoice(
  tx: Database,
  invoice: Pick<
    StoredInvoice,
    | 'tenantId'
    | 'id'
    | 'state'
    | 'creditedPico'
    | 'writtenOffPico'
    | 'namedPico'
    | 'outstandingPico'
    | 'paidAtMs'
    | 'dunning'
  >,
): Promise<void> {
  await sql`update invoices set state = ${invoice.state},
      credited_pico = ${invoice.creditedPico.toString()}::numeric,
      written_off_pico = ${invoice.writtenOffPico.toString()}::numeric,
      named_pico = ${invoice.namedPico.toString()}::numeric,
      outstanding_pico = ${invoice.outstandingPico.toString()}::numeric,
      paid_at = ${invoice.paidAtMs === null ? null : new Date(invoice.paidAtMs)},
      dunning = ${invoice.dunning}
    where tenant_id = ${invoice.tenantId} and id = ${invoice.id}`.execute(tx);
}

/** Tenants to look at again: they owe something, or something holds that may be lifted. */
export async function selectDebtors(
  database: Database,
  page: Readonly<{ afterId: string | null; limit: number }>,
): Promise<readonly string[]> {
  const { rows } = await sql<{ tenantId: string }>`
    select tenant_id as "tenantId" from billing_accounts b
    where (${page.afterId}::text is null or tenant_id > ${page.afterId}::text)
      and (restriction is not null or receivable_pico > 0
        or exists (select 1 from invoices i where i.tenant_id = b.tenant_id and i.state = 'open'))
    order by tenant_id limit ${page.limit}`.execute(database);
  return rows.map(({ tenantId }) => tenantId);
}

function toInvoice(row: Row): StoredInvoice {
  const {
    total,
    tax,
    credited,
    writtenOff,
    named,
    outstanding,
    dueAt,
    finalizedAt,
    paidAt,
    ...rest
  } = row;
  return {
    ...rest,
    totalPico: BigInt(total),
    taxPico: BigInt(tax),
    creditedPico: BigInt(credited),
    writtenOffPico: BigInt(writtenOff),
    namedPico: BigInt(named),
    outstandingPico: BigInt(outstanding),
    dueAtMs: dueAt.getTime(),
    finalizedAtMs: finalizedAt.getTime(),
    paidAtMs: paidAt === null ? null : paidAt.getTime(),
  };
}
