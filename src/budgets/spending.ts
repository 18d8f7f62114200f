/** What a budget's calls cost, hour by hour, out of the roll-ups that metering keeps. */
import type { Metering } from '#metering/metering.ts';
import type { Database } from '#platform/database.ts';
import { selectKeyIdsOfTag } from '#tenancy/tags.ts';
import type { BudgetLevel } from './api.ts';
import type { Hours } from './forecast.ts';
import { HOUR_MS } from './span.ts';

export type Rollup = Pick<Metering, 'rollup'>['rollup'];

export type Spent = Readonly<{
  tenantId: string;
  level: BudgetLevel;
  scopeId: string;
  currency: string;
  fromMs: number;
  toMs: number;
}>;

/** A month and four weeks before it, with room for a longer look back. */
const HOURS_MAX = 2_000;
/** One question of hours reaches this far. */
const CHUNK_MS = 28 * 24 * HOUR_MS;

export async function readHours(
  parts: Readonly<{ database: Database; rollup: Rollup }>,
  query: Spent,
): Promise<Hours> {
  const filter = await filterOf(parts.database, query);
  const hours = new Map<number, bigint>();
  if (filter === null) return hours;
  const { tenantId, currency } = query;
  const toMs = Math.ceil(query.toMs / HOUR_MS) * HOUR_MS;
  for (
    let fromMs = Math.floor(query.fromMs / HOUR_MS) * HOUR_MS;
    fromMs < toMs;
    fromMs += CHUNK_MS
  ) {
    const rows = await parts.rollup({
      scope: { tenantId, projectId: null },
      range: { fromMs, toMs: Math.min(toMs, fromMs + CHUNK_MS) },
      currency,
      interval: 'hour',
      groupBy: [],
      filter,
      limit: HOURS_MAX,
    });
    for (const { start, amountPico } of rows) hours.set(start.getTime(), BigInt(amountPico));
  }
  return hours;
}

/** Null where nothing can have been spent: a tag that nobody carries. */
async function filterOf(
  database: Database,
  { tenantId, level, scopeId }: Spent,
): Promise<NonNullable<Parameters<Rollup>[0]['filter']> | null> {
  if (level === 'project') return { projectIds: [scopeId] };
  if (level === 'key') return { keyIds: [scopeId] };
  if (level === 'model') return { modelNames: [scopeId] };
  if (level === 'tenant') return {};
  const keyIds = await selectKeyIdsOfTag(database, { tenantId, tag: scopeId });
  return keyIds.length === 0 ? null : { keyIds };
}
