/** SQL of what was spent: the fold by quarter hours, and what of it was on a gateway's shares. */
import { type Database, sql } from '#platform/database.ts';
import type { Level } from './api.ts';

export type SpendingScope = Readonly<{
  tenantId: string;
  level: Exclude<Level, 'platform'>;
  scopeId: string;
}>;

export type Spent = SpendingScope & Readonly<{ quarterMs: number; amountPico: bigint }>;

/** In the order given, which is the lock order. */
export async function addToSpending(tx: Database, spent: readonly Spent[]): Promise<void> {
  await sql`
    insert into limit_spending (tenant_id, level, scope_id, quarter, spent_pico)
    select tenant_id, level, scope_id, to_timestamp(quarter_ms / 1000.0), amount
    from unnest(
      ${spent.map(({ tenantId }) => tenantId)}::text[],
      ${spent.map(({ level }) => level)}::text[],
      ${spent.map(({ scopeId }) => scopeId)}::text[],
      ${spent.map(({ quarterMs }) => quarterMs)}::double precision[],
      ${spent.map(({ amountPico }) => amountPico.toString())}::numeric[]
    ) with ordinality as new (tenant_id, level, scope_id, quarter_ms, amount, position)
    order by position
    on conflict (tenant_id, level, scope_id, quarter)
      do update set spent_pico = limit_spending.spent_pico + excluded.spent_pico`.execute(tx);
}

/** A ceiling of the platform counts what its tenant spent. */
export async function selectSpent(
  database: Database,
  query: Readonly<{
    tenantId: string;
    level: Level;
    scopeId: string;
    fromMs: number;
    toMs: number;
  }>,
): Promise<bigint> {
  const level = query.level === 'platform' ? 'tenant' : query.level;
  const { rows } = await sql<{ spent: string }>`
    select coalesce(sum(spent_pico), 0) as spent from limit_spending
    where tenant_id = ${query.tenantId} and level = ${level} and scope_id = ${query.scopeId}
      and quarter >= ${new Date(query.fromMs)} and quarter < ${new Date(query.toMs)}`.execute(
    database,
  );
  return BigInt(rows[0]?.spent ?? '0');
}

/**
 * What one gateway spent within these scopes, counted against its shares of their budgets: the oldest
 * first, each up to its amount and the rest on the last. Locked in the order in which shares are asked for.
 */
export async function settleShares(
  tx: Database,
  request: Readonly<{ gatewayId: string; spent: readonly Omit<Spent, 'quarterMs'>[] }>,
): Promise<void> {
  const { gatewayId, spent } = request;
  const { rows } = await sql<{
    id: string;
    tenantId: string;
    level: Level;
    scopeId: string;
    metric: string;
    rest: string;
  }>`select s.id, s.tenant_id as "tenantId", s.level, s.scope_id as "scopeId", s.metric,
      greatest(s.amount - s.settled, 0) as rest
    from limit_shares s
    where s.gateway_id = ${gatewayId} and s.state = 'open'
      and s.metric in ('daily_budget', 'monthly_budget')
      and s.tenant_id = any(${[...new Set(spent.map(({ tenantId }) => tenantId))]}::text[])
    order by s.tenant_id collate "C", s.level collate "C", s.scope_id collate "C",
      s.metric collate "C", s.id for update`.execute(tx);
  if (rows.length === 0) return;
  const amounts = new Map<string, bigint>();
  for (const { tenantId, level, scopeId, amountPico } of spent) {
    const own = rows.filter(
      (row) =>
        row.tenantId === tenantId &&
        row.scopeId === scopeId &&
        (row.level === level || (row.level === 'platform' && level === 'tenant')),
    );
    for (const shares of Map.groupBy(own, (row) => `${row.level} ${row.metric}`).values()) {
      let left = amountPico;
      for (const [index, { id, rest }] of shares.entries()) {
        const isLast = index === shares.length - 1;
        const part = isLast || left < BigInt(rest) ? left : BigInt(rest);
        amounts.set(id, (amounts.get(id) ?? 0n) + part);
        left -= part;
      }
    }
  }
  await sql`update limit_shares s set settled = s.settled + each.amount
    from unnest(${[...amounts.keys()]}::text[],
      ${[...amounts.values()].map(String)}::numeric[]) as each (id, amount)
    where s.id = each.id`.execute(tx);
}
