/** SQL of purchases: what a tenant bought here, line by line. */
import { type Database, sql } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
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
