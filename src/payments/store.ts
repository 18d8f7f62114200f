/**
 * SQL of payments and refunds. Statements of tenants name the tenant; those that look across them say so
 * in their name, for the operator and for messages that carry no more than an id.
 */
import { type Database, sql } from '#platform/database.ts';
import type { PaymentState, Progress } from './payment.ts';
import type { AdapterName } from './port.ts';

export type PaymentRow = Progress &
  Readonly<{
    tenantId: string;
    id: string;
    adapter: AdapterName;
    purpose: 'top_up' | 'invoice';
    invoiceId: string | null;
    postedPico: bigint;
    postings: number;
    externalId: string | null;
    externalPaymentId: string | null;
    isAutomatic: boolean;
    savesMethod: boolean;
    reference: string;
    /** A day, as the bank says. */
    receivedOn: string | null;
    idempotencyKey: string | null;
    createdAt: Date;
    paidAt: Date | null;
    expiresAt: Date | null;
  }>;

type Columns = Omit<
  PaymentRow,
  'expectedPico' | 'receivedPico' | 'refundedPico' | 'lostPico' | 'postedPico'
> &
  Readonly<{
    expected: string;
    received: string;
    refunded: string;
    lost: string;
    posted: string;
  }>;

const columns = sql`tenant_id as "tenantId", id, adapter, purpose, invoice_id as "invoiceId", currency,
  expected_pico as expected, received_pico as received, refunded_pico as refunded, lost_pico as lost,
  posted_pico as posted, postings, state, problem, dispute, external_id as "externalId",
  external_payment_id as "externalPaymentId", is_automatic as "isAutomatic",
  saves_method as "savesMethod", reference, received_on::text as "receivedOn",
  idempotency_key as "idempotencyKey", created_at as "createdAt", paid_at as "paidAt",
  expires_at as "expiresAt"`;

export type NewPayment = Pick<
  PaymentRow,
  | 'tenantId'
  | 'id'
  | 'adapter'
  | 'purpose'
  | 'invoiceId'
  | 'currency'
  | 'expectedPico'
  | 'isAutomatic'
  | 'savesMethod'
  | 'reference'
  | 'receivedOn'
  | 'idempotencyKey'
  | 'createdAt'
>;

/** False when the tenant used the idempotency key before. */
export async function insertPayment(tx: Database, row: NewPayment): Promise<boolean> {
  const { rows } = await sql`
    insert into payments (tenant_id, id, adapter, purpose, invoice_id, currency, expected_pico, state,
      is_automatic, saves_method, reference, received_on, idempotency_key, created_at)
    values (${row.tenantId}, ${row.id}, ${row.adapter}, ${row.purpose}, ${row.invoiceId},
      ${row.currency}, ${row.expectedPico.toString()}::numeric, 'open', ${row.isAutomatic},
      ${row.savesMethod}, ${row.reference}, ${row.receivedOn}::date, ${row.idempotencyKey},
      ${row.createdAt})
    on conflict (tenant_id, idempotency_key) where idempotency_key is not null do nothing
    returning id`.execute(tx);
  return rows.length > 0;
}

export async function setOpened(
  tx: Database,
  row: Readonly<{
    tenantId: string;
    id: string;
    externalId: string | null;
    expiresAt: Date | null;
  }>,
): Promise<void> {
  await sql`update payments set external_id = ${row.externalId}, expires_at = ${row.expiresAt}
    where tenant_id = ${row.tenantId} and id = ${row.id}`.execute(tx);
}

export async function selectPayment(
  database: Database,
  { tenantId, id }: Readonly<{ tenantId: string; id: string }>,
): Promise<PaymentRow | null> {
  const { rows } = await sql<Columns>`select ${columns} from payments
    where tenant_id = ${tenantId} and id = ${id}`.execute(database);
  return rows[0] === undefined ? null : toPayment(rows[0]);
}

export async function selectPaymentByKey(
  database: Database,
  query: Readonly<{ tenantId: string; idempotencyKey: string }>,
): Promise<PaymentRow | null> {
  const { rows } = await sql<Columns>`select ${columns} from payments
    where tenant_id = ${query.tenantId} and idempotency_key = ${query.idempotencyKey}`.execute(
    database,
  );
  return rows[0] === undefined ? null : toPayment(rows[0]);
}

/** One change of a payment at a time. */
export async function lockPayment(
  tx: Database,
  { tenantId, id }: Readonly<{ tenantId: string; id: string }>,
): Promise<PaymentRow | null> {
  const { rows } = await sql<Columns>`select ${columns} from payments
    where tenant_id = ${tenantId} and id = ${id} for update`.execute(tx);
  return rows[0] === undefined ? null : toPayment(rows[0]);
}

/** For messages from outside and for the operator; whose payment it is comes with it. */
export async function selectOfAnyTenant(
  database: Database,
  query: Readonly<{
    adapter: AdapterName | null;
    id: string | null;
    externalPaymentId: string | null;
  }>,
): Promise<PaymentRow | null> {
  const { rows } = await sql<Columns>`select ${columns} from payments
    where (${query.adapter}::text is null or adapter = ${query.adapter})
      and case when ${query.id}::text is not null then id = ${query.id}
        else external_payment_id = ${query.externalPaymentId} end`.execute(database);
  return rows[0] === undefined ? null : toPayment(rows[0]);
}

/** Newest first; `tenantId` null lists every tenant's. One more than `limit` tells of a next page. */
export async function selectPayments(
  database: Database,
  query: Readonly<{
    tenantId: string | null;
    state: PaymentState | null;
    cursor: string | null;
    limit: number;
  }>,
): Promise<readonly PaymentRow[]> {
  const { rows } = await sql<Columns>`select ${columns} from payments
    where (${query.tenantId}::text is null or tenant_id = ${query.tenantId})
      and (${query.state}::text is null or state = ${query.state})
      and (${query.cursor}::text is null or id < ${query.cursor})
    order by id desc limit ${query.limit + 1}`.execute(database);
  return rows.map(toPayment);
}

/** What came of it; the row was locked before. */
export async function updateProgress(tx: Database, row: PaymentRow): Promise<void> {
  await sql`
    update payments set received_pico = ${row.receivedPico.toString()}::numeric,
      refunded_pico = ${row.refundedPico.toString()}::numeric,
      lost_pico = ${row.lostPico.toString()}::numeric,
      posted_pico = ${row.postedPico.toString()}::numeric, postings = ${row.postings},
      state = ${row.state}, problem = ${row.problem}, dispute = ${row.dispute},
      external_payment_id = ${row.externalPaymentId}, reference = ${row.reference},
      received_on = ${row.receivedOn}::date, paid_at = ${row.paidAt}
    where tenant_id = ${row.tenantId} and id = ${row.id}`.execute(tx);
}

/** False when this message was taken before. */
export async function insertEvent(
  tx: Database,
  event: Readonly<{
    adapter: AdapterName;
    eventId: string;
    tenantId: string;
    paymentId: string;
    kind: string;
    now: Date;
  }>,
): Promise<boolean> {
  const { rows } = await sql`
    insert into payment_events (adapter, event_id, tenant_id, payment_id, kind, received_at)
    values (${event.adapter}, ${event.eventId}, ${event.tenantId}, ${event.paymentId}, ${event.kind},
      ${event.now})
    on conflict do nothing returning event_id`.execute(tx);
  return rows.length > 0;
}

/** Charges whose answer never came, of every tenant. */
export async function selectAllUnanswered(
  database: Database,
  query: Readonly<{ before: Date; limit: number }>,
): Promise<readonly PaymentRow[]> {
  const { rows } = await sql<Columns>`select ${columns} from payments
    where state = 'open' and is_automatic and created_at < ${query.before}
    order by id limit ${query.limit}`.execute(database);
  return rows.map(toPayment);
}

/** Announced transfers nobody made, of every tenant. */
export async function expireAllTransfers(
  database: Database,
  request: Readonly<{ now: Date; limit: number }>,
): Promise<void> {
  await sql`update payments set state = 'expired'
    where (tenant_id, id) in (
      select tenant_id, id from payments
      where state = 'open' and adapter = 'manual' and expires_at < ${request.now}
      order by id limit ${request.limit})`.execute(database);
}

function toPayment({ expected, received, refunded, lost, posted, ...row }: Columns): PaymentRow {
  return {
    ...row,
    expectedPico: BigInt(expected),
    receivedPico: BigInt(received),
    refundedPico: BigInt(refunded),
    lostPico: BigInt(lost),
    postedPico: BigInt(posted),
  };
}
