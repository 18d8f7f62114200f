/** SQL of refunds. Every statement names the tenant, but for what runs by itself over all of them. */
import { type Database, sql } from '#platform/database.ts';

export type RefundRow = Readonly<{
  tenantId: string;
  id: string;
  paymentId: string;
  amountPico: bigint;
  state: 'pending' | 'done' | 'failed';
  reason: string;
  problem: string | null;
  externalId: string | null;
  idempotencyKey: string;
  createdAt: Date;
}>;

type Columns = Omit<RefundRow, 'amountPico'> & Readonly<{ amount: string }>;

const columns = sql`tenant_id as "tenantId", id, payment_id as "paymentId", amount_pico as amount, state,
  reason, problem, external_id as "externalId", idempotency_key as "idempotencyKey",
  created_at as "createdAt"`;

/** False when the key was used for this payment before. */
export async function insertRefund(tx: Database, row: RefundRow): Promise<boolean> {
  const { rows } = await sql`
    insert into payment_refunds (tenant_id, id, payment_id, amount_pico, state, reason,
      idempotency_key, created_at)
    values (${row.tenantId}, ${row.id}, ${row.paymentId}, ${row.amountPico.toString()}::numeric,
      ${row.state}, ${row.reason}, ${row.idempotencyKey}, ${row.createdAt})
    on conflict (tenant_id, payment_id, idempotency_key) do nothing returning id`.execute(tx);
  return rows.length > 0;
}

export async function selectRefunds(
  database: Database,
  query: Readonly<{ tenantId: string; paymentIds: readonly string[] }>,
): Promise<readonly RefundRow[]> {
  const { rows } = await sql<Columns>`select ${columns} from payment_refunds
    where tenant_id = ${query.tenantId} and payment_id = any(${query.paymentIds}::text[])
    order by id`.execute(database);
  return rows.map(toRefund);
}

export async function selectAllPendingRefunds(
  database: Database,
  query: Readonly<{ before: Date; limit: number }>,
): Promise<readonly RefundRow[]> {
  const { rows } = await sql<Columns>`select ${columns} from payment_refunds
    where state = 'pending' and external_id is null and created_at < ${query.before}
    order by created_at limit ${query.limit}`.execute(database);
  return rows.map(toRefund);
}

export async function updateRefund(
  tx: Database,
  row: Pick<RefundRow, 'tenantId' | 'id' | 'state' | 'problem' | 'externalId'>,
): Promise<void> {
  await sql`update payment_refunds set state = ${row.state}, problem = ${row.problem},
      external_id = coalesce(${row.externalId}, external_id)
    where tenant_id = ${row.tenantId} and id = ${row.id}`.execute(tx);
}

/** Of those that did not fail. */
export async function sumRefunds(
  tx: Database,
  query: Readonly<{ tenantId: string; paymentId: string }>,
): Promise<bigint> {
  const { rows } = await sql<{ total: string }>`
    select coalesce(sum(amount_pico), 0) as total from payment_refunds
    where tenant_id = ${query.tenantId} and payment_id = ${query.paymentId}
      and state <> 'failed'`.execute(tx);
  return BigInt(rows[0]?.total ?? '0');
}

function toRefund({ amount, ...row }: Columns): RefundRow {
  return { ...row, amountPico: BigInt(amount) };
}
