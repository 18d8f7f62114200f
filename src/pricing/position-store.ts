/** All SQL of positions: how much of a rate with monthly tiers a tenant used. */
import { type Database, sql } from '#platform/database.ts';

export type PositionKey = Readonly<{
  tenantId: string;
  priceId: string;
  rate: string;
  /** The first day of a UTC month, `2030-06-01`. */
  month: string;
}>;

/** Adds to each fold and returns what it stood at before; in one order, so that two shipments never deadlock. */
export async function advancePositions(
  tx: Database,
  advances: readonly (PositionKey & Readonly<{ count: bigint }>)[],
): Promise<readonly (PositionKey & Readonly<{ from: bigint }>)[]> {
  const { rows } = await sql<PositionKey & Readonly<{ from: string }>>`
    with advance as (
      select tenant_id, price_id, rate, month, added
      from unnest(
        ${advances.map(({ tenantId }) => tenantId)}::text[],
        ${advances.map(({ priceId }) => priceId)}::text[],
        ${advances.map(({ rate }) => rate)}::text[],
        ${advances.map(({ month }) => month)}::date[],
        ${advances.map(({ count }) => count.toString())}::numeric[]
      ) as advance (tenant_id, price_id, rate, month, added)
    ), moved as (
      insert into price_positions (tenant_id, price_id, rate, month, used_count)
      select tenant_id, price_id, rate, month, added from advance
      order by tenant_id, price_id, rate, month
      on conflict (tenant_id, price_id, rate, month)
      do update set used_count = price_positions.used_count + excluded.used_count
      returning tenant_id, price_id, rate, month, used_count
    )
    select moved.tenant_id as "tenantId", moved.price_id as "priceId", moved.rate,
      to_char(moved.month, 'YYYY-MM-DD') as month, moved.used_count - advance.added as "from"
    from moved join advance using (tenant_id, price_id, rate, month)`.execute(tx);
  return rows.map((row) => ({ ...row, from: BigInt(row.from) }));
}

export type PositionUse = PositionKey &
  Readonly<{ requestId: string; attempt: number; from: bigint; count: bigint }>;

export async function insertPositionUses(
  tx: Database,
  uses: readonly PositionUse[],
): Promise<void> {
  await sql`insert into price_position_uses
      (tenant_id, request_id, attempt, rate, price_id, month, from_count, used_count)
    select * from unnest(
      ${uses.map(({ tenantId }) => tenantId)}::text[],
      ${uses.map(({ requestId }) => requestId)}::text[],
      ${uses.map(({ attempt }) => attempt)}::integer[],
      ${uses.map(({ rate }) => rate)}::text[],
      ${uses.map(({ priceId }) => priceId)}::text[],
      ${uses.map(({ month }) => month)}::date[],
      ${uses.map(({ from }) => from.toString())}::numeric[],
      ${uses.map(({ count }) => count.toString())}::numeric[]
    )`.execute(tx);
}

/** Where these calls stood, by tenant, request and attempt. */
export async function selectPositionUses(
  database: Database,
  calls: readonly Readonly<{ tenantId: string; requestId: string; attempt: number }>[],
): Promise<
  readonly Readonly<{
    tenantId: string;
    requestId: string;
    attempt: number;
    rate: string;
    from: bigint;
  }>[]
> {
  const { rows } = await sql<{
    tenantId: string;
    requestId: string;
    attempt: number;
    rate: string;
    from: string;
  }>`
    select tenant_id as "tenantId", request_id as "requestId", attempt, rate, from_count as "from"
    from price_position_uses join unnest(
      ${calls.map(({ tenantId }) => tenantId)}::text[],
      ${calls.map(({ requestId }) => requestId)}::text[],
      ${calls.map(({ attempt }) => attempt)}::integer[]
    ) as call (tenant_id, request_id, attempt) using (tenant_id, request_id, attempt)`.execute(
    database,
  );
  return rows.map((row) => ({ ...row, from: BigInt(row.from) }));
}
