/** SQL over the catalogue: one condition for lists, counts and facets, and pages by any sort. */
import { type Database, sql } from '#platform/database.ts';
import { visibleIn } from '../store.ts';
import type { Sort } from './api.ts';
import { type Direction, type Filters, type Place, termsOf } from './list-query.ts';
import { searchQuery } from './words.ts';

type Fragment = ReturnType<typeof visibleIn>;

/** Sorts that have a column and an index; by creation is by id. */
const COLUMNS = {
  trending: ['c.trending', 'double precision'],
  downloads: ['c.downloads', 'bigint'],
  likes: ['c.likes', 'bigint'],
  updated: ['c.updated_at', 'timestamptz'],
  parameters: ['c.parameters', 'bigint'],
  size: ['c.size_bytes', 'bigint'],
  name: ['c.full_name', 'text collate "C"'],
} as const;
type SortedColumn = keyof typeof COLUMNS;
export type ColumnSort = Exclude<Sort, 'relevance'>;

const hasColumn = (sort: ColumnSort): sort is SortedColumn => sort in COLUMNS;

/** Every condition of a list, on `catalogue c`. */
export function matching(tenantId: string, filters: Filters): Fragment {
  const conditions = [
    sql`c.kind = ${filters.kind}`,
    visibleIn('c', 'model_id', tenantId),
    ...searchConditions(filters),
    ...termConditions(tenantId, termsOf(filters.terms ?? [])),
    ...listConditions(filters),
  ];
  return sql.join(conditions, sql` and `);
}

function searchConditions({ search = '', author }: Filters): Fragment[] {
  const typed = search.trim();
  const query = searchQuery(typed);
  return [
    ...(author === undefined ? [] : [sql`c.owner_folded = ${author.toLowerCase()}`]),
    ...(query === null ? [] : [sql`c.words @@ ${query}::tsquery`]),
    // Marks alone name nothing.
    ...(query === null && typed !== '' ? [sql`false`] : []),
  ];
}

function termConditions(tenantId: string, terms: readonly string[]): Fragment[] {
  const plain = terms.filter((term) => !term.startsWith('base_model:'));
  const bases = terms.filter((term) => term.startsWith('base_model:'));
  return [
    ...(plain.length === 0 ? [] : [sql`c.terms @> ${plain}::text[]`]),
    ...bases.map((term) => baseCondition(tenantId, term)),
  ];
}

/** By the base's name of today too: a base that was renamed keeps its derivatives. */
function baseCondition(tenantId: string, term: string): Fragment {
  const [, relation = null, name = ''] =
    /^base_model:(?:(adapter|finetune|quantized|merge):)?(.*)$/.exec(term) ?? [];
  // One after the other, each by its index: joined by "or" they would read every row.
  return sql`c.model_id in (
    select named.model_id from catalogue named where named.terms @> ${[term]}::text[]
    union all select l.model_id from lineage l join models m on m.id = l.base_model_id
    where m.kind = 'model' and lower(m.owner) = split_part(${name}, '/', 1)
      and lower(m.name) = split_part(${name}, '/', 2) and ${visibleIn('m', 'id', tenantId)}
      and m.removed_at is null
      and (${relation}::text is null or l.relation = ${relation}))`;
}

function listConditions(filters: Filters): Fragment[] {
  const { task, library, license, language, quantization, gated, parameters } = filters;
  const oneOf = (column: string, values: readonly string[] | undefined) =>
    values === undefined || values.length === 0
      ? []
      : [sql`${sql.ref(column)} = any(${values}::text[])`];
  return [
    ...oneOf('c.task', task),
    ...oneOf('c.library', library),
    ...oneOf('c.license', license),
    ...oneOf('c.quantization', quantization),
    ...(language === undefined || language.length === 0
      ? []
      : [sql`c.languages && ${language}::text[]`]),
    ...(gated === undefined ? [] : [gated ? sql`c.gated <> 'no'` : sql`c.gated = 'no'`]),
    ...(parameters?.min == null ? [] : [sql`c.parameters >= ${parameters.min}::bigint`]),
    ...(parameters?.max == null
      ? []
      : [sql`c.parameters < ${parameters.max}::bigint and c.parameters > 0`]),
  ];
}

/** Ids with the value they are sorted by, after a place. */
export async function selectPage(
  database: Database,
  tenantId: string,
  filters: Filters,
  page: Readonly<{ sort: ColumnSort; direction: Direction; after: Place | null; limit: number }>,
): Promise<readonly Place[]> {
  const { sort, after } = page;
  const down = page.direction === 'desc';
  const order = down ? sql`desc` : sql`asc`;
  const beyond = down ? sql`<` : sql`>`;
  const [column, type] = hasColumn(sort) ? COLUMNS[sort] : [null, null];
  const value = column === null ? sql`''` : sql`${sql.raw(column)}::text`;
  const from =
    after === null
      ? sql`true`
      : column === null
        ? sql`c.model_id ${beyond} ${after.id}`
        : sql`(${sql.raw(column)}, c.model_id) ${beyond} (${after.value}::${sql.raw(type)}, ${after.id})`;
  const by =
    column === null
      ? sql`c.model_id ${order}`
      : sql`${sql.raw(column)} ${order}, c.model_id ${order}`;
  const { rows } = await sql<Place>`
    select c.model_id as id, ${value} as value from catalogue c
    where ${matching(tenantId, filters)} and ${from}
    order by ${by} limit ${page.limit}`.execute(database);
  return rows;
}

export type Candidate = Readonly<{
  id: string;
  fullName: string;
  downloads: number;
  likes: number;
}>;

/** Of what is found, those that most people use: they are ranked by how well they fit. */
export async function selectCandidates(
  database: Database,
  tenantId: string,
  filters: Filters,
  limit: number,
): Promise<readonly Candidate[]> {
  const { rows } = await sql<Candidate>`
    select c.model_id as id, c.full_name as "fullName", c.downloads, c.likes from catalogue c
    where ${matching(tenantId, filters)}
    order by c.downloads desc, c.model_id desc limit ${limit}`.execute(database);
  return rows;
}

/** Up to `max`, which then means that many or more. */
export async function countMatching(
  database: Database,
  tenantId: string,
  filters: Filters,
  max: number,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (
      select 1 from catalogue c where ${matching(tenantId, filters)} limit ${max}) as found`.execute(
    database,
  );
  return rows[0]?.count ?? 0;
}

export const FACETS = [
  'task',
  'library',
  'license',
  'language',
  'quantization',
  'parameters',
] as const;
export type Facet = (typeof FACETS)[number];
export type FacetCount = Readonly<{ facet: Facet; value: string; count: number }>;

/** Upper borders of the size classes; the last has none. */
export const SIZE_CLASSES = [1e9, 6e9, 12e9, 32e9, 128e9] as const;

const FACET_VALUES: Readonly<Record<Facet, Fragment>> = {
  task: sql`select 'task' as facet, task as value from matched`,
  library: sql`select 'library', library from matched`,
  license: sql`select 'license', license from matched`,
  language: sql`select 'language', unnest(languages) from matched`,
  quantization: sql`select 'quantization', quantization from matched`,
  parameters: sql`select 'parameters', width_bucket(parameters, ${[...SIZE_CLASSES]}::bigint[])::text
    from matched where parameters > 0`,
};

/** Counts of each value among the first `sample` that match, the most frequent first. */
export async function countFacets(
  database: Database,
  tenantId: string,
  filters: Filters,
  asked: Readonly<{ facets: readonly Facet[]; sample: number; values: number }>,
): Promise<readonly FacetCount[]> {
  const parts = sql.join(
    asked.facets.map((facet) => FACET_VALUES[facet]),
    sql` union all `,
  );
  const { rows } = await sql<FacetCount>`
    with matched as materialized (
      select c.task, c.library, c.license, c.languages, c.quantization, c.parameters from catalogue c
      where ${matching(tenantId, filters)} limit ${asked.sample}),
    counted as (select facet, value, count(*) as count from (${parts}) as named (facet, value)
      where value is not null and value <> '' group by facet, value)
    select facet, value, count from (
      select *, row_number() over (partition by facet order by count desc, value) as place from counted
    ) as placed where place <= ${asked.values} order by facet, count desc, value`.execute(database);
  return rows;
}
