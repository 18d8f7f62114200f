/**
 * SQL that sums past calls for pricing to try other prices on: by tenant, model and all that chooses a price. For the
 * operator's whole cloud. Calls that cost nothing whatever the price (our failures, cached answers) are left out.
 */
import { z } from 'zod';
import { type Database, sql } from '#platform/database.ts';
import type { PriceAttributes, UnitCount } from '#pricing/quantities.ts';
import type { ReplayRow, UsageReplay } from '#pricing/simulate.ts';
import type { PriceTier } from '#pricing/tier.ts';
import { selectDays } from './day-store.ts';

type Query = Parameters<UsageReplay>[0];

type KeyColumns = Readonly<{
  tenantId: string;
  modelId: string;
  currency: string;
  serviceTier: PriceTier;
  attributes: PriceAttributes | null;
  month: string;
  sizeClass: number;
  calls: number;
}>;

type TokenRow = KeyColumns &
  Readonly<{
    input: string;
    cacheRead: string;
    cacheWrite: string;
    cacheWrite1h: string;
    output: string;
    reasoning: string;
    amountPico: string;
  }>;

type UnitRow = KeyColumns &
  Readonly<{ unit: string; direction: UnitCount['direction']; count: string }>;

const NO_TOKENS = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };

export async function replayUsage(database: Database, query: Query): Promise<readonly ReplayRow[]> {
  const days = await selectDays(database, query);
  const tokens = await selectTokens(database, query, days);
  const units = await selectUnits(database, query, days);
  return [...tokens.map(tokenRow), ...units.map(unitRow)];
}

const columns = (thresholds: readonly number[]) => sql`tenant_id, model_id, currency, service_tier,
  attributes, to_char(admitted_at at time zone 'UTC', 'YYYY-MM') as month,
  width_bucket(input_tokens + cache_read_tokens + cache_write_tokens + cache_write_1h_tokens - 1,
    ${thresholds}::bigint[]) as size_class`;

const shown = sql`tenant_id as "tenantId", model_id as "modelId", currency,
  service_tier as "serviceTier", attributes, month, size_class as "sizeClass", count(*) as calls`;

const charged = ({ fromMs, toMs, modelIds }: Query, days: readonly string[]) => sql`
  request_day = any(${days}::date[])
  and settled_at >= ${new Date(fromMs)} and settled_at < ${new Date(toMs)}
  and model_id = any(${modelIds}::text[]) and cache is distinct from 'hit'
  and (outcome <> 'failed' or output_tokens > 0 or reasoning_tokens > 0
    or jsonb_path_exists(units, '$[*] ? (@.direction == "output" && @.count > 0)'))`;

async function selectTokens(
  database: Database,
  query: Query,
  days: readonly string[],
): Promise<readonly TokenRow[]> {
  const { rows } = await sql<TokenRow>`
    select ${shown}, sum(input_tokens)::text as input, sum(cache_read_tokens)::text as "cacheRead",
      sum(cache_write_tokens)::text as "cacheWrite", sum(cache_write_1h_tokens)::text as "cacheWrite1h",
      sum(output_tokens)::text as output, sum(reasoning_tokens)::text as reasoning,
      sum(amount_pico)::text as "amountPico"
    from (select ${columns(query.thresholds)}, input_tokens, cache_read_tokens, cache_write_tokens,
        cache_write_1h_tokens, output_tokens, reasoning_tokens, amount_pico
      from usage_events where ${charged(query, days)}) event
    group by tenant_id, model_id, currency, service_tier, attributes, month, size_class`.execute(
    database,
  );
  return rows;
}

async function selectUnits(
  database: Database,
  query: Query,
  days: readonly string[],
): Promise<readonly UnitRow[]> {
  const { rows } = await sql<UnitRow>`
    select ${shown}, unit, direction, sum(used)::text as count
    from (select ${columns(query.thresholds)}, used.unit, used.direction, used.count as used
      from usage_events
      cross join jsonb_to_recordset(units) as used (unit text, direction text, count bigint)
      where ${charged(query, days)} and units is not null) event
    group by tenant_id, model_id, currency, service_tier, attributes, month, size_class,
      unit, direction`.execute(database);
  return rows;
}

function tokenRow(row: TokenRow): ReplayRow {
  return {
    ...keyOf(row),
    tokens: {
      input: wholeOf(row.input),
      cacheRead: wholeOf(row.cacheRead),
      cacheWrite: wholeOf(row.cacheWrite),
      cacheWrite1h: wholeOf(row.cacheWrite1h),
      output: wholeOf(row.output),
      reasoning: wholeOf(row.reasoning),
    },
    units: [],
    amountPico: BigInt(row.amountPico),
  };
}

/** Its amount is with the tokens of the same calls. */
function unitRow(row: UnitRow): ReplayRow {
  const unit = unitSchema.parse(row.unit);
  const used = { unit, direction: row.direction, count: wholeOf(row.count) };
  return { ...keyOf(row), tokens: NO_TOKENS, units: [used], amountPico: 0n };
}

function keyOf({ attributes, ...row }: KeyColumns) {
  const { tenantId, modelId, currency, serviceTier, month, sizeClass, calls } = row;
  const key = { tenantId, modelId, currency, serviceTier, month, sizeClass, calls };
  return { ...key, attributes: attributes ?? {} };
}

/** A month of a cloud stays far below what a number counts exactly; beyond that it must not be wrong in silence. */
const wholeOf = (text: string): number => z.coerce.number().int().parse(text);

const unitSchema = z.enum([
  'character',
  'second',
  'image',
  'video_second',
  'page',
  'request',
  'gb_day',
  'gpu_hour',
  'training_token',
]);
