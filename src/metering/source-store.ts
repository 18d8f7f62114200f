/** SQL that reads who paid: sums by source and time. Keys are not told apart there. */
import { type Database, sql } from '#platform/database.ts';
import type { RollupQuery } from './rollup-store.ts';
import { wholeHours } from './rollup-store.ts';

export type SourceQuery = Pick<
  RollupQuery,
  'scope' | 'range' | 'currency' | 'interval' | 'limit'
> & {
  readonly filter?: Readonly<{ modelNames?: readonly string[]; projectIds?: readonly string[] }>;
};

export type SourceRow = Readonly<{
  start: Date;
  source: string;
  calls: number;
  amountPico: string;
}>;

/** Ordered by time, then by source. */
export async function selectSources(
  database: Database,
  query: SourceQuery,
): Promise<readonly SourceRow[]> {
  const { scope, interval, filter = {} } = query;
  const { modelNames = [], projectIds = [] } = filter;
  const { fromMs, toMs } = wholeHours(query.range);
  const start =
    interval === 'none'
      ? sql`${new Date(fromMs)}::timestamptz`
      : sql`date_trunc(${interval}, quarter, 'UTC')`;
  const { rows } = await sql<SourceRow>`
    select ${start} as start, source, sum(calls)::bigint as calls, sum(amount_pico) as "amountPico"
    from usage_source_sums
    where quarter >= ${new Date(fromMs)} and quarter < ${new Date(toMs)} and currency = ${query.currency}
      and (${scope.tenantId}::text is null or tenant_id = ${scope.tenantId}::text)
      and (${scope.projectId}::text is null or project_id = ${scope.projectId}::text)
      and (${modelNames.length}::integer = 0 or model_name = any(${modelNames}::text[]))
      and (${projectIds.length}::integer = 0 or project_id = any(${projectIds}::text[]))
    group by 1, 2 order by 1, 2 limit ${query.limit}`.execute(database);
  return rows;
}
