/** SQL of purchases: what a tenant bought here, line by line. */
import { type Database, sql } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { tenantCredit } from '#ledger/entry.ts';
import type { Purchase } from './api.ts';

export type StoredPurchase = Readonly<{
  tenantId: string;
  id: string;
  kind: Purchase['kind'];
  subjectId: string;
  name: string;
  currency: string;
  amountPico: bigint;
  serviceFromMs: number;
  serviceToMs: number;
  entryId: number | null;
  purchasedAtMs: number;
}>;

export async function insertPurchases(
  tx: Database,
  lines: readonly Omit<StoredPurchase, 'id'>[],
): Promise<void> {
  for (const line of lines) {
    await sql`
      insert into purchases (tenant_id, id, kind, subject_id, name, currency, amount_pico,
        service_from, service_to, entry_id, purchased_at)
      values (${line.tenantId}, ${createId('pch', line.purchasedAtMs)}, ${line.kind},
        ${line.subjectId}, ${line.name}, ${line.currency}, ${line.amountPico.toString()}::numeric,
        ${new Date(line.serviceFromMs)}, ${new Date(line.serviceToMs)}, ${line.entryId},
        ${new Date(line.purchasedAtMs)})`.execute(tx);
  }
}

type Row = Omit<StoredPurchase, 'amountPico' | 'serviceFromMs' | 'serviceToMs' | 'purchasedAtMs'> &
  Readonly<{ amount: string; serviceFrom: Date; serviceTo: Date; purchasedAt: Date }>;

/** In one currency, half open, of when they count. */
export type BilledSpan = Readonly<{
  tenantId: string;
  currency: string;
  fromMs: number;
  toMs: number;
}>;

export type BilledPurchase = Omit<StoredPurchase, 'entryId' | 'purchasedAtMs'> &
  Readonly<{
    billedAtMs: number;
    /** What may be spent of a savings plan; null for others. */
    facePico: bigint | null;
  }>;

type BilledRow = Omit<Row, 'entryId' | 'purchasedAt'> &
  Readonly<{ billedAt: Date; face: string | null }>;

/** Lines of nothing are left out; oldest first. */
export async function selectBilledPurchases(
  database: Database,
  span: BilledSpan & Readonly<{ of: 'bought' | 'served' }>,
): Promise<readonly BilledPurchase[]> {
  const [from, to] = [new Date(span.fromMs), new Date(span.toMs)];
  const isOf =
    span.of === 'bought'
      ? sql`p.billed_at >= ${from}`
      : sql`(p.billed_at >= ${from} or p.service_to >= ${from})`;
  const { rows } = await sql<BilledRow>`
    select p.tenant_id as "tenantId", p.id, p.kind, p.subject_id as "subjectId", p.name, p.currency,
      p.amount_pico as amount, p.service_from as "serviceFrom", p.service_to as "serviceTo",
      p.billed_at as "billedAt", g.amount_pico as face
    from purchases p
    left join grants g
      on p.kind = 'savings_plan' and g.tenant_id = p.tenant_id and g.id = p.subject_id
    where p.tenant_id = ${span.tenantId} and p.currency = ${span.currency}
      and p.amount_pico <> 0 and ${isOf} and p.billed_at < ${to}
    order by p.billed_at, p.id`.execute(database);
  return rows.map(({ amount, serviceFrom, serviceTo, billedAt, face, ...row }) => ({
    ...row,
    amountPico: BigInt(amount),
    serviceFromMs: serviceFrom.getTime(),
    serviceToMs: serviceTo.getTime(),
    billedAtMs: billedAt.getTime(),
    facePico: face === null ? null : BigInt(face),
  }));
}

export type WrongPurchase = Readonly<{
  entryId: number | null;
  boughtPico: bigint;
  postedPico: bigint;
}>;

/** Entries that took something else from the tenant's cash than the lines that name them say. */
export async function selectWrongPurchases(
  database: Database,
  span: BilledSpan & Readonly<{ limit: number }>,
): Promise<readonly WrongPurchase[]> {
  const { rows } = await sql<{ entryId: number | null; bought: string; posted: string }>`
    select b.entry_id as "entryId", b.bought, coalesce(sum(-l.amount_pico), 0) as posted
    from (
      select entry_id, sum(amount_pico) as bought from purchases
      where tenant_id = ${span.tenantId} and currency = ${span.currency}
        and billed_at >= ${new Date(span.fromMs)} and billed_at < ${new Date(span.toMs)}
      group by entry_id
    ) b
    left join ledger_postings l on l.entry_id = b.entry_id
      and l.account_id = ${tenantCredit(span.tenantId, span.currency).id}
    group by b.entry_id, b.bought
    having b.bought <> coalesce(sum(-l.amount_pico), 0)
    order by 1 limit ${span.limit}`.execute(database);
  return rows.map(({ entryId, bought, posted }) => ({
    entryId,
    boughtPico: BigInt(bought),
    postedPico: BigInt(posted),
  }));
}

/** Newest first. */
export async function selectPurchases(
  database: Database,
  query: Readonly<{
    tenantId: string;
    fromMs?: number;
    toMs?: number;
    beforeId: string | null;
    limit: number;
  }>,
): Promise<readonly StoredPurchase[]> {
  const { tenantId, fromMs, toMs, beforeId, limit } = query;
  const from = fromMs === undefined ? null : new Date(fromMs);
  const to = toMs === undefined ? null : new Date(toMs);
  const { rows } = await sql<Row>`
    select tenant_id as "tenantId", id, kind, subject_id as "subjectId", name, currency,
      amount_pico as amount, service_from as "serviceFrom", service_to as "serviceTo",
      entry_id as "entryId", purchased_at as "purchasedAt"
    from purchases
    where tenant_id = ${tenantId} and (${beforeId}::text is null or id < ${beforeId}::text)
      and (${from}::timestamptz is null or purchased_at >= ${from}::timestamptz)
      and (${to}::timestamptz is null or purchased_at < ${to}::timestamptz)
    order by id desc limit ${limit}`.execute(database);
  return rows.map(({ amount, serviceFrom, serviceTo, purchasedAt, ...row }) => ({
    ...row,
    amountPico: BigInt(amount),
    serviceFromMs: serviceFrom.getTime(),
    serviceToMs: serviceTo.getTime(),
    purchasedAtMs: purchasedAt.getTime(),
  }));
}
