/** All SQL of leases and their parts. Whoever makes a lease hold more holds the lock of its balances. */
import type { RawBuilder } from 'kysely';
import { type Database, sql } from '#platform/database.ts';
import { CASH_SOURCE } from './covering.ts';
import type { Lease, LeaseMode, LeaseScope } from './lease.ts';
import type { LeasePart, NewPart } from './lease-part.ts';

type LeaseRow = Readonly<{
  id: string;
  tenantId: string;
  gatewayId: string;
  currency: string;
  amount: string;
  slack: string;
  settled: string;
  state: Lease['state'];
  openedAt: Date;
  expiresAt: Date;
  projectId: string | null;
  modelId: string | null;
}>;

const columns = sql`l.id, l.tenant_id as "tenantId", l.gateway_id as "gatewayId",
  (select currency from ledger_accounts where id = l.account_id) as currency,
  l.amount_pico as amount, l.slack_pico as slack, l.settled_pico as settled, l.state,
  l.created_at as "openedAt", l.expires_at as "expiresAt", l.project_id as "projectId",
  l.model_id as "modelId"`;

/** A lease with what it holds of each source. */
export async function insertLease(
  tx: Database,
  lease: Readonly<{
    id: string;
    tenantId: string;
    gatewayId: string;
    accountId: string;
    amountPico: bigint;
    slackPico: bigint;
    scope: LeaseScope | null;
    nowMs: number;
    expiresAtMs: number;
    parts: readonly NewPart[];
  }>,
): Promise<void> {
  const { id, tenantId, parts } = lease;
  await sql`
    with lease as (
      insert into leases (tenant_id, id, account_id, gateway_id, amount_pico, slack_pico, project_id,
        model_id, created_at, expires_at)
      values (${tenantId}, ${id}, ${lease.accountId}, ${lease.gatewayId},
        ${lease.amountPico.toString()}::numeric, ${lease.slackPico.toString()}::numeric,
        ${lease.scope?.projectId ?? null}, ${lease.scope?.modelId ?? null},
        ${new Date(lease.nowMs)}, ${new Date(lease.expiresAtMs)})
    )
    insert into lease_parts (tenant_id, lease_id, position, source_id, account_id, amount_pico, held_pico,
      pico_per_unit)
    select ${tenantId}, ${id}, position, source_id, account_id, amount, amount, per_unit
    from ${partsOf(parts)}`.execute(tx);
}

/** Parts follow those that the lease has. */
export async function insertParts(
  tx: Database,
  lease: Readonly<{ id: string; tenantId: string; parts: readonly NewPart[] }>,
): Promise<void> {
  const { id, tenantId, parts } = lease;
  await sql`
    insert into lease_parts (tenant_id, lease_id, position, source_id, account_id, amount_pico, held_pico,
      pico_per_unit)
    select ${tenantId}, ${id}, before.parts + position, source_id, account_id, amount, amount, per_unit
    from ${partsOf(parts)},
    (select count(*)::integer as parts from lease_parts
      where tenant_id = ${tenantId} and lease_id = ${id}) as before`.execute(tx);
}

const partsOf = (parts: readonly NewPart[]): RawBuilder<unknown> => sql`unnest(
    ${parts.map(({ sourceId }) => sourceId)}::text[],
    ${parts.map(({ accountId }) => accountId)}::text[],
    ${parts.map(({ amountPico }) => amountPico.toString())}::numeric[],
    ${parts.map(({ picoPerUnit }) => picoPerUnit.toString())}::numeric[]
  ) with ordinality as part (source_id, account_id, amount, per_unit, position)`;

export async function growLease(
  tx: Database,
  request: Readonly<{ id: string; amountPico: bigint }>,
): Promise<void> {
  await sql`update leases set amount_pico = amount_pico + ${request.amountPico.toString()}::numeric
    where id = ${request.id} and state = 'open'`.execute(tx);
}

export async function selectLease(tx: Database, id: string): Promise<Lease | null> {
  const { rows } = await sql<LeaseRow>`select ${columns} from leases l where l.id = ${id}`.execute(
    tx,
  );
  const row = rows[0];
  return row === undefined ? null : toLease(row);
}

/** Locked in id order, so that nobody else changes what they hold. */
export async function lockLeases(
  tx: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Lease>> {
  const { rows } = await sql<LeaseRow>`
    select ${columns} from leases l where l.id = any(${ids}::text[])
    order by l.id collate "C" for update of l`.execute(tx);
  return new Map(rows.map((row) => [row.id, toLease(row)]));
}

export async function selectParts(
  tx: Database,
  leaseIds: readonly string[],
): Promise<ReadonlyMap<string, readonly LeasePart[]>> {
  const { rows } = await sql<Omit<LeasePart, 'heldPico'> & { held: string }>`
    select p.lease_id as "leaseId", p.position, p.source_id as "sourceId",
      p.account_id as "accountId", p.held_pico as held
    from lease_parts p join leases l on l.tenant_id = p.tenant_id and l.id = p.lease_id
    where l.id = any(${leaseIds}::text[]) order by p.lease_id, p.position`.execute(tx);
  const parts = rows.map(({ held, ...row }) => ({ ...row, heldPico: BigInt(held) }));
  return Map.groupBy(parts, ({ leaseId }) => leaseId);
}

export async function updateParts(tx: Database, parts: readonly LeasePart[]): Promise<void> {
  if (parts.length === 0) return;
  await sql`
    update lease_parts p set held_pico = changed.held
    from unnest(
      ${parts.map(({ leaseId }) => leaseId)}::text[],
      ${parts.map(({ position }) => position)}::integer[],
      ${parts.map(({ heldPico }) => heldPico.toString())}::numeric[]
    ) as changed (lease_id, position, held)
    join leases l on l.id = changed.lease_id
    where p.tenant_id = l.tenant_id and p.lease_id = l.id and p.position = changed.position`.execute(
    tx,
  );
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

/** What stands beside the balances when a lease is opened. */
export type LeaseTerms = Readonly<{
  /** Of the tenant, or the cloud's where it has none of its own. */
  mode: LeaseMode;
  /** How far open leases of the tenant may still go beyond their amounts, together. */
  lentPico: bigint;
  /** What open leases hold of these sources, in units: a part of one that is held is held whole. */
  held: ReadonlyMap<string, bigint>;
}>;

export async function selectLeaseTerms(
  tx: Database,
  request: Readonly<{ tenantId: string; accountId: string; sourceIds: readonly string[] }>,
): Promise<LeaseTerms> {
  const { tenantId, accountId } = request;
  const { rows } = await sql<
    Readonly<{ mode: LeaseMode | null; lent: string; sourceId: string; held: string }>
  >`
    select coalesce((select mode from lease_modes where tenant_id = ${tenantId}),
        (select mode from lease_mode_of_cloud)) as mode,
      (select coalesce(sum(greatest(slack_pico - greatest(settled_pico - amount_pico, 0), 0)), 0)
        from leases where account_id = ${accountId} and tenant_id = ${tenantId}
          and state = 'open') as lent,
      source.id as "sourceId",
      (select coalesce(sum(div(held_pico + pico_per_unit - 1, pico_per_unit)), 0)
        from lease_parts where tenant_id = ${tenantId} and source_id = source.id
          and held_pico > 0) as held
    from unnest(${[CASH_SOURCE, ...request.sourceIds]}::text[]) as source (id)`.execute(tx);
  return {
    mode: rows[0]?.mode ?? 'strict',
    lentPico: BigInt(rows[0]?.lent ?? 0),
    held: new Map(rows.map(({ sourceId, held }) => [sourceId, BigInt(held)])),
  };
}

export type HeldPart = LeasePart &
  Readonly<{ tenantId: string; picoPerUnit: bigint; openedAtMs: number }>;

type HeldRow = Omit<HeldPart, 'heldPico' | 'picoPerUnit' | 'openedAtMs'> &
  Readonly<{ held: string; perUnit: string; openedAt: Date }>;

/** All that open leases of these tenants hold. */
export async function selectHeldParts(
  tx: Database,
  tenantIds: readonly string[],
): Promise<readonly HeldPart[]> {
  const { rows } = await sql<HeldRow>`
    select p.tenant_id as "tenantId", p.lease_id as "leaseId", p.position, p.source_id as "sourceId",
      p.account_id as "accountId", p.held_pico as held, p.pico_per_unit as "perUnit",
      l.created_at as "openedAt"
    from lease_parts p join leases l on l.tenant_id = p.tenant_id and l.id = p.lease_id
    where p.tenant_id = any(${tenantIds}::text[]) and p.held_pico > 0
    order by p.lease_id, p.position`.execute(tx);
  return rows.map(({ held, perUnit, openedAt, ...row }) => ({
    ...row,
    heldPico: BigInt(held),
    picoPerUnit: BigInt(perUnit),
    openedAtMs: openedAt.getTime(),
  }));
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
  request: Readonly<{ id: string; amountPico: bigint; slackPico: bigint; nowMs: number }>,
): Promise<void> {
  await sql`update leases
    set amount_pico = ${request.amountPico.toString()}::numeric,
      slack_pico = ${request.slackPico.toString()}::numeric, expires_at = ${new Date(request.nowMs)}
    where id = ${request.id} and state = 'open'`.execute(tx);
}

/** Late usage of a lease that ended counts too: the sum of a lease's events is always its `settled_pico`. */
export async function addSettled(
  tx: Database,
  amounts: ReadonlyMap<string, bigint>,
): Promise<void> {
  await sql`
    update leases l set settled_pico = l.settled_pico + spend.amount
    from unnest(
      ${[...amounts.keys()]}::text[],
      ${[...amounts.values()].map((amountPico) => amountPico.toString())}::numeric[]
    ) as spend (id, amount)
    where l.id = spend.id`.execute(tx);
}

/** Ends open leases that are past their grace, and those given back whose spending has all arrived. */
export async function expireLeases(
  tx: Database,
  request: Readonly<{ nowMs: number; overdueMs: number }>,
): Promise<readonly Lease[]> {
  await sql`update leases set state = 'released', closed_at = ${new Date(request.nowMs)}
    where state = 'open' and expires_at <= ${new Date(request.nowMs)}
      and settled_pico >= amount_pico + slack_pico`.execute(tx);
  const { rows } = await sql<LeaseRow>`
    update leases l set state = 'expired', closed_at = ${new Date(request.nowMs)}
    where l.state = 'open' and l.expires_at < ${new Date(request.overdueMs)}
    returning ${columns}`.execute(tx);
  await sql`update lease_parts p set held_pico = 0 from leases l
    where l.id = any(${rows.map(({ id }) => id)}::text[]) and p.tenant_id = l.tenant_id
      and p.lease_id = l.id and p.held_pico > 0`.execute(tx);
  return rows.map(toLease);
}

function toLease(row: LeaseRow): Lease {
  const { projectId, modelId } = row;
  return {
    id: row.id,
    tenantId: row.tenantId,
    gatewayId: row.gatewayId,
    currency: row.currency,
    amountPico: BigInt(row.amount),
    slackPico: BigInt(row.slack),
    settledPico: BigInt(row.settled),
    state: row.state,
    openedAtMs: row.openedAt.getTime(),
    expiresAtMs: row.expiresAt.getTime(),
    scope: projectId === null || modelId === null ? null : { projectId, modelId },
  };
}
