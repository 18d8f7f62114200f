/** All SQL of prices. Versions are inserted and read, never changed. */
import { type Database, sql } from '#platform/database.ts';
import type { CacheTtl, PriceComponent, PriceConditions, PricedModel, TierMode } from './price.ts';
import type { CacheKind, Direction } from './quantities.ts';
import type { PriceTier } from './tier.ts';

type VersionRow = Readonly<{
  id: string;
  modelId: string;
  currency: string;
  effectiveFrom: Date;
  createdAt: Date;
  serviceTerms: PricedModel['serviceTerms'] | null;
  regions: PricedModel['regions'] | null;
}>;

type ComponentRow = Readonly<{
  priceId: string;
  unit: PriceComponent['unit'];
  direction: Direction;
  amountPico: string;
  perUnits: number;
  mode: TierMode;
  upTo: number | null;
  serviceTier: PriceTier | null;
  resolution: string | null;
  isThinking: boolean | null;
  cacheKind: CacheKind | null;
  cacheTtl: CacheTtl | null;
}>;

const versionColumns = sql`id, model_id as "modelId", currency, effective_from as "effectiveFrom",
  created_at as "createdAt", service_terms as "serviceTerms", regions`;

export type StoredPrice = PricedModel & Readonly<{ createdAtMs: number }>;

export async function insertPrice(
  tx: Database,
  price: PricedModel & Readonly<{ createdBy: string | null; createdAtMs: number }>,
): Promise<void> {
  await sql`insert into prices (id, model_id, currency, effective_from, created_by, created_at,
      service_terms, regions)
    values (${price.priceId}, ${price.modelId}, ${price.currency},
      ${new Date(price.effectiveFromMs)}, ${price.createdBy}, ${new Date(price.createdAtMs)},
      ${jsonOf(price.serviceTerms)}::jsonb, ${jsonOf(price.regions)}::jsonb)`.execute(tx);
  const { components } = price;
  await sql`insert into price_components (price_id, unit, direction, amount_pico, per_units, mode, up_to,
      service_tier, resolution, is_thinking, cache_kind, cache_ttl)
    select ${price.priceId}, unit, direction, amount_pico, per_units, mode, up_to,
      service_tier, resolution, is_thinking, cache_kind, cache_ttl
    from unnest(
      ${components.map(({ unit }) => unit)}::text[],
      ${components.map(({ direction }) => direction)}::text[],
      ${components.map(({ amountPico }) => amountPico)}::numeric[],
      ${components.map(({ perUnits }) => perUnits)}::bigint[],
      ${components.map(({ mode = 'whole_request' }) => mode)}::text[],
      ${components.map(({ upTo = null }) => upTo)}::bigint[],
      ${components.map(({ when }) => when?.serviceTier ?? null)}::text[],
      ${components.map(({ when }) => when?.resolution ?? null)}::text[],
      ${components.map(({ when }) => when?.isThinking ?? null)}::boolean[],
      ${components.map(({ when }) => when?.cacheKind ?? null)}::text[],
      ${components.map(({ when }) => when?.cacheTtl ?? null)}::text[]
    ) as component (unit, direction, amount_pico, per_units, mode, up_to,
      service_tier, resolution, is_thinking, cache_kind, cache_ttl)`.execute(tx);
}

export async function selectPricesById(
  database: Database,
  ids: readonly string[],
): Promise<readonly StoredPrice[]> {
  const { rows } = await sql<VersionRow>`
    select ${versionColumns} from prices where id = any(${ids}::text[])`.execute(database);
  return withComponents(database, rows);
}

/** Versions of these models, the last published first. */
export async function selectPricesOf(
  database: Database,
  query: Readonly<{ modelIds: readonly string[]; beforeId: string | null; limit: number }>,
): Promise<readonly StoredPrice[]> {
  const { rows } = await sql<VersionRow>`
    select ${versionColumns} from prices
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
    select ${versionColumns} from prices p
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
    select price_id as "priceId", unit, direction, amount_pico as "amountPico", per_units as "perUnits",
      mode, up_to as "upTo", service_tier as "serviceTier", resolution, is_thinking as "isThinking",
      cache_kind as "cacheKind", cache_ttl as "cacheTtl"
    from price_components where price_id = any(${versions.map(({ id }) => id)}::text[])
    order by price_id, unit, direction, service_tier nulls first, resolution nulls first,
      is_thinking nulls first, cache_kind nulls first, cache_ttl nulls first, up_to nulls last`.execute(
    database,
  );
  const byPrice = Map.groupBy(rows, (row) => row.priceId);
  return versions.map((version) => ({
    priceId: version.id,
    modelId: version.modelId,
    currency: version.currency,
    effectiveFromMs: version.effectiveFrom.getTime(),
    createdAtMs: version.createdAt.getTime(),
    components: (byPrice.get(version.id) ?? []).map(toComponent),
    ...(version.serviceTerms === null ? {} : { serviceTerms: version.serviceTerms }),
    ...(version.regions === null ? {} : { regions: version.regions }),
  }));
}

/** What says nothing is left out: the feed carries every version to every gateway. */
function toComponent(row: ComponentRow): PriceComponent {
  const { unit, direction, amountPico, perUnits, mode, upTo } = row;
  const { serviceTier, resolution, isThinking, cacheKind, cacheTtl } = row;
  const when: PriceConditions = {
    ...(serviceTier === null ? {} : { serviceTier }),
    ...(resolution === null ? {} : { resolution }),
    ...(isThinking === null ? {} : { isThinking }),
    ...(cacheKind === null ? {} : { cacheKind }),
    ...(cacheTtl === null ? {} : { cacheTtl }),
  };
  return {
    unit,
    direction,
    amountPico,
    perUnits,
    ...(mode === 'whole_request' ? {} : { mode }),
    ...(upTo === null ? {} : { upTo }),
    ...(Object.keys(when).length === 0 ? {} : { when }),
  };
}

function jsonOf(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
