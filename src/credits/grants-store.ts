/** SQL of grants: given, listed, taken back and ended. What they pay is in purse-store.ts. */
import { type Database, sql } from '#platform/database.ts';
import type { Product } from './charge.ts';
import type { Origin } from './grant.ts';

export type StoredGrant = Readonly<{
  tenantId: string;
  id: string;
  origin: Origin;
  originId: string | null;
  name: string;
  currency: string;
  amountPico: bigint;
  remainingPico: bigint;
  paidPico: bigint;
  shareBasisPoints: number;
  priority: number;
  modelIds: readonly string[] | null;
  models: readonly string[] | null;
  projectId: string | null;
  product: Product | null;
  startsAt: Date;
  expiresAt: Date | null;
  isRevoked: boolean;
  isEnded: boolean;
  note: string;
  createdAt: Date;
}>;

export type NewGrant = Omit<StoredGrant, 'remainingPico' | 'isRevoked' | 'isEnded'> &
  Readonly<{ idempotencyKey: string; createdBy: string | null }>;

type GrantRow = Omit<StoredGrant, 'amountPico' | 'remainingPico' | 'paidPico'> &
  Readonly<{ amount: string; remaining: string; paid: string }>;

const columns = sql`tenant_id as "tenantId", id, origin, origin_id as "originId", name, currency,
  amount_pico as amount, remaining_pico as remaining, paid_pico as paid,
  share_basis_points as "shareBasisPoints", priority, model_ids as "modelIds", models,
  project_id as "projectId", product, starts_at as "startsAt", expires_at as "expiresAt",
  is_revoked as "isRevoked", state = 'ended' as "isEnded", note, created_at as "createdAt"`;

export async function insertGrant(tx: Database, grant: NewGrant): Promise<void> {
  await sql`
    insert into grants (tenant_id, id, origin, origin_id, name, currency, amount_pico,
      remaining_pico, paid_pico, share_basis_points, priority, model_ids, models, project_id,
      product, starts_at, expires_at, note, idempotency_key, created_by, created_at)
    values (${grant.tenantId}, ${grant.id}, ${grant.origin}, ${grant.originId}, ${grant.name},
      ${grant.currency}, ${grant.amountPico.toString()}::numeric,
      ${grant.amountPico.toString()}::numeric, ${grant.paidPico.toString()}::numeric,
      ${grant.shareBasisPoints}, ${grant.priority}, ${grant.modelIds}::text[],
      ${grant.models}::text[], ${grant.projectId}, ${grant.product}, ${grant.startsAt},
      ${grant.expiresAt}, ${grant.note}, ${grant.idempotencyKey}, ${grant.createdBy},
      ${grant.createdAt})`.execute(tx);
}

export async function selectGrant(
  database: Database,
  query: Readonly<{ tenantId: string; id: string }>,
): Promise<StoredGrant | null> {
  const { rows } = await sql<GrantRow>`select ${columns} from grants
    where tenant_id = ${query.tenantId} and id = ${query.id}`.execute(database);
  return rows[0] === undefined ? null : toGrant(rows[0]);
}

export async function selectGrantByKey(
  tx: Database,
  query: Readonly<{ tenantId: string; idempotencyKey: string }>,
): Promise<StoredGrant | null> {
  const { rows } = await sql<GrantRow>`select ${columns} from grants
    where tenant_id = ${query.tenantId} and idempotency_key = ${query.idempotencyKey}`.execute(tx);
  return rows[0] === undefined ? null : toGrant(rows[0]);
}

/** Of one tenant, or of all for the operator; the newest first. */
export async function selectGrants(
  database: Database,
  query: Readonly<{
    tenantId: string | null;
    isLiveOnly: boolean;
    beforeId: string | null;
    limit: number;
  }>,
): Promise<readonly StoredGrant[]> {
  const { rows } = await sql<GrantRow>`select ${columns} from grants
    where (${query.tenantId}::text is null or tenant_id = ${query.tenantId}::text)
      and (${query.beforeId}::text is null or id < ${query.beforeId}::text)
      and (not ${query.isLiveOnly}::boolean or (state = 'active' and remaining_pico > 0))
    order by id desc limit ${query.limit}`.execute(database);
  return rows.map(toGrant);
}

export async function countLiveGrants(tx: Database, tenantId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from grants
    where tenant_id = ${tenantId} and state = 'active' and remaining_pico > 0`.execute(tx);
  return rows[0]?.count ?? 0;
}

export async function revokeGrant(
  tx: Database,
  grant: Readonly<{ tenantId: string; id: string; endsAt: Date }>,
): Promise<void> {
  await sql`update grants
    set is_revoked = true, expires_at = least(coalesce(expires_at, ${grant.endsAt}), ${grant.endsAt})
    where tenant_id = ${grant.tenantId} and id = ${grant.id} and state = 'active'`.execute(tx);
}

/** Grants whose end is long enough ago that nothing dated before it can still arrive. */
export async function selectGrantsToEnd(
  database: Database,
  query: Readonly<{ endedBefore: Date; limit: number }>,
): Promise<readonly Readonly<{ tenantId: string; id: string }>[]> {
  const { rows } = await sql<{ tenantId: string; id: string }>`
    select tenant_id as "tenantId", id from grants
    where state = 'active' and expires_at < ${query.endedBefore}
    order by expires_at limit ${query.limit}`.execute(database);
  return rows;
}

/** Those that end soon and whose tenants were not told yet: now they are. */
export async function takeEnding(
  tx: Database,
  query: Readonly<{ from: Date; to: Date; limit: number }>,
): Promise<readonly StoredGrant[]> {
  const { rows } = await sql<GrantRow>`
    update grants set is_told = true
    where id in (select id from grants
      where state = 'active' and not is_told and not is_revoked and remaining_pico > 0
        and expires_at > ${query.from} and expires_at < ${query.to}
      order by id limit ${query.limit} for update skip locked)
    returning ${columns}`.execute(tx);
  return rows.map(toGrant);
}

export async function endGrant(
  tx: Database,
  grant: Readonly<{ tenantId: string; id: string; at: Date }>,
): Promise<void> {
  await sql`update grants set state = 'ended', remaining_pico = 0, closed_at = ${grant.at}
    where tenant_id = ${grant.tenantId} and id = ${grant.id}`.execute(tx);
}

function toGrant({ amount, remaining, paid, ...row }: GrantRow): StoredGrant {
  return {
    ...row,
    amountPico: BigInt(amount),
    remainingPico: BigInt(remaining),
    paidPico: BigInt(paid),
  };
}
