/** All SQL of prices. Versions are inserted and read, never changed. */
import { type Database, sql } from '#platform/database.ts';
import type { PriceComponent, PricedModel } from './price.ts';
import type { Direction } from './quantities.ts';

type VersionRow = Readonly<{
  id: string;
  modelId: string;
  currency: string;
  effectiveFrom: Date;
  createdAt: Date;
}>;

type ComponentRow = Readonly<{
  priceId: string;
  unit: PriceComponent['unit'];
  direction: Direction;
  amountPico: string;
  perUnits: number;
}>;

export type StoredPrice = PricedModel & Readonly<{ createdAtMs: number }>;

export async function insertPrice(
  tx: Database,
  price: PricedModel & Readonly<{ createdBy: string | null; createdAtMs: number }>,
): Promise<void> {
  await sql`insert into prices (id, model_id, currency, effective_from, created_by, created_at)
    values (${price.priceId}, ${price.modelId}, ${price.currency},
      ${new Date(price.effectiveFromMs)}, ${price.createdBy}, ${new Date(price.createdAtMs)})`.execute(
    tx,
  );
  const { components } = price;
  await sql`insert into price_components (price_id, unit, direction, amount_pico, per_units)
    select ${price.priceId}, unit, direction, amount_pico, per_units
    from unnest(
      ${components.map(({ unit }) => unit)}::text[],
      ${components.map(({ direction }) => direction)}::text[],
      ${components.map(({ amountPico }) => amountPico)}::numeric[],
      ${components.map(({ perUnits }) => perUnits)}::bigint[]
    ) as component (unit, direction, amount_pico, per_units)`.execute(tx);
}

export async function selectPricesById(
  database: Database,
  ids: readonly string[],
): Promise<readonly StoredPrice[]> {
  const { rows } = await sql<VersionRow>`
    select id, model_id as "modelId", currency, effective_from as "effectiveFrom",
      created_at as "createdAt"
    from prices where id = any(${ids}::text[])`.execute(database);
  return withComponents(database, rows);
}

/** Versions of these models, the last published first. */
export async function selectPricesOf(
  database: Database,
  query: Readonly<{ modelIds: readonly string[]; beforeId: string | null; limit: number }>,
): Promise<readonly StoredPrice[]> {
  const { rows } = await sql<VersionRow>`
    select id, model_id as "modelId", currency, effective_from as "effectiveFrom",
      created_at as "createdAt"
    from prices
    where model_id = any(${query.modelIds}::text[])
      and (${query.beforeId}::text is null or id < ${query.beforeId}::text)
    order by id desc limit ${query.limit}`.execute(database);
  return withComponents(database, rows);
}

/**
 * Every version that begins after an instant, and of each model and currency the one in force then;
 * oldest first.
 */
export async function selectPricesSince(
  database: Database,
  instant: Date,
): Promise<readonly StoredPrice[]> {
  const { rows } = await sql<VersionRow>`
    select id, model_id as "modelId", currency, effective_from as "effectiveFrom",
      created_at as "createdAt"
    from prices p
    where effective_from >= coalesce(
      (select max(before.effective_from) from prices before
        where before.model_id = p.model_id and before.currency = p.currency
          and before.effective_from <= ${instant}), p.effective_from)
    order by model_id, effective_from`.execute(database);
  return withComponents(database, rows);
}

async function withComponents(
  database: Database,
  versions: readonly VersionRow[],
): Promise<readonly StoredPrice[]> {
  const { rows } = await sql<ComponentRow>`
    select price_id as "priceId", unit, direction, amount_pico as "amountPico", per_units as "perUnits"
    from price_components where price_id = any(${versions.map(({ id }) => id)}::text[])
    order by price_id, unit, direction`.execute(database);
  const byPrice = Map.groupBy(rows, (row) => row.priceId);
  return versions.map((version) => ({
    priceId: version.id,
    modelId: version.modelId,
    currency: version.currency,
    effectiveFromMs: version.effectiveFrom.getTime(),
    createdAtMs: version.createdAt.getTime(),
    components: (byPrice.get(version.id) ?? []).map(
      ({ unit, direction, amountPico, perUnits }) => ({ unit, direction, amountPico, perUnits }),
    ),
  }));
}
