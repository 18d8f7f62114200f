/** All SQL of leases. */
import { type Database, sql } from '#platform/database.ts';
import type { Lease, LeaseSpend } from './lease.ts';

type LeaseRow = Readonly<{
  id: string;
  tenantId: string;
  gatewayId: string;
  currency: string;
  amount: string;
  settled: string;
  state: Lease['state'];
  expiresAt: Date;
}>;

const columns = sql`l.id, l.tenant_id as "tenantId", l.gateway_id as "gatewayId",
  (select currency from ledger_accounts where id = l.account_id) as currency,
  l.amount_pico as amount, l.settled_pico as settled, l.state, l.expires_at as "expiresAt"`;

export async function insertLease(
  tx: Database,
  lease: Readonly<{
    id: string;
    tenantId: string;
    gatewayId: string;
    accountId: string;
    amountPico: bigint;
    nowMs: number;
    expiresAtMs: number;
  }>,
): Promise<void> {
  await sql`
    insert into leases (tenant_id, id, account_id, gateway_id, amount_pico, created_at, expires_at)
    values (${lease.tenantId}, ${lease.id}, ${lease.accountId}, ${lease.gatewayId},
      ${lease.amountPico.toString()}::numeric, ${new Date(lease.nowMs)}, ${new Date(lease.expiresAtMs)})`.execute(
    tx,
  );
}

export async function selectLease(tx: Database, id: string): Promise<Lease | null> {
  const { rows } = await sql<LeaseRow>`select ${columns} from leases l where l.id = ${id}`.execute(
    tx,
  );
  const row = rows[0];
  return row === undefined ? null : toLease(row);
}

/** As many as a gateway could have opened before one of them ended. */
const OPEN_MAX = 1_000;

export async function selectOpenIds(
  database: Database,
  gatewayId: string,
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from leases where gateway_id = ${gatewayId} and state = 'open'
    order by id limit ${OPEN_MAX}`.execute(database);
  return rows.map(({ id }) => id);
}

export async function endLease(
  tx: Database,
  request: Readonly<{ id: string; state: 'released' | 'expired'; nowMs: number }>,
): Promise<void> {
  await sql`update leases set state = ${request.state}, closed_at = ${new Date(request.nowMs)}
    where id = ${request.id} and state = 'open'`.execute(tx);
}

/** A lease that was given back but whose spending is still on its way: it holds just that, and ends soon. */
export async function shrinkLease(
  tx: Database,
  request: Readonly<{ id: string; amountPico: bigint; nowMs: number }>,
): Promise<void> {
  await sql`update leases
    set amount_pico = ${request.amountPico.toString()}::numeric, expires_at = ${new Date(request.nowMs)}
    where id = ${request.id} and state = 'open'`.execute(tx);
}

/**
 * Adds posted amounts to their leases, in id order. Late usage of a lease that ended counts too: the
 * sum of a lease's events is always its `settled_pico`.
 */
export async function addSettled(tx: Database, amounts: readonly LeaseSpend[]): Promise<void> {
  if (amounts.length === 0) return;
  const ids = amounts.map(({ id }) => id);
  await sql`select 1 from leases where id = any(${ids}::text[]) order by id for update`.execute(tx);
  await sql`
    update leases l set settled_pico = l.settled_pico + spend.amount
    from (
      select id, tenant_id, sum(amount) as amount
      from unnest(
        ${ids}::text[],
        ${amounts.map(({ tenantId }) => tenantId)}::text[],
        ${amounts.map(({ amountPico }) => amountPico.toString())}::numeric[]
      ) as each (id, tenant_id, amount) group by id, tenant_id
    ) as spend
    where l.id = spend.id and l.tenant_id = spend.tenant_id`.execute(tx);
}

/** Ends open leases that are past their grace, and those given back whose spending has all arrived. */
export async function expireLeases(
  database: Database,
  request: Readonly<{ nowMs: number; overdueMs: number }>,
): Promise<readonly Lease[]> {
  await sql`update leases set state = 'released', closed_at = ${new Date(request.nowMs)}
    where state = 'open' and expires_at <= ${new Date(request.nowMs)} and settled_pico >= amount_pico`.execute(
    database,
  );
  const { rows } = await sql<LeaseRow>`
    update leases l set state = 'expired', closed_at = ${new Date(request.nowMs)}
    where l.state = 'open' and l.expires_at < ${new Date(request.overdueMs)}
    returning ${columns}`.execute(database);
  return rows.map(toLease);
}

function toLease(row: LeaseRow): Lease {
  return {
    id: row.id,
    tenantId: row.tenantId,
    gatewayId: row.gatewayId,
    currency: row.currency,
    amountPico: BigInt(row.amount),
    settledPico: BigInt(row.settled),
    state: row.state,
    expiresAtMs: row.expiresAt.getTime(),
  };
}
