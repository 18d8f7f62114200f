/**
 * The catalogue: repositories found by text, filters and facets, in any order, page by page. Whoever asks finds
 * what it may see and nothing of the rest, counts included. Rows are kept by the database (migration 50).
 */
import type { Database } from '#platform/database.ts';
import type { Model } from '../api.ts';
import { selectBases } from '../lineage-store.ts';
import { modelOf } from '../models.ts';
import type { Page } from '../page.ts';
import { selectModelsByIds } from '../store.ts';
import {
  type Candidate,
  type ColumnSort,
  FACETS,
  type Facet,
  type FacetCount,
  countFacets,
  countMatching,
  selectCandidates,
  selectPage,
} from './catalogue-store.ts';
import { failHub } from '../errors.ts';
import {
  type Direction,
  type Filters,
  LIST_PAGE,
  LIST_PAGE_MAX,
  type ListQuery,
  decodeCursor,
  encodeCursor,
} from './list-query.ts';
import { rank } from './rank.ts';

/** So many of what is found are ranked by how well they fit; more is found by a closer question. */
const RANKED_MAX = 1_000;
/** Exact below, and "or more" from here on. */
export const COUNT_MAX = 10_000;
/** Facets of more are counted on so many of them. */
const FACET_SAMPLE = 20_000;
const FACET_VALUES = 40;

export type Facets = Readonly<{
  counts: readonly FacetCount[];
  /** Of repositories; `isMore` where there are more than were counted. */
  total: number;
  isMore: boolean;
}>;

export interface Catalogue {
  /** Raises `list.cursor_invalid`, `list.filter_invalid`. */
  list(tenantId: string, query: ListQuery): Promise<Page<Model>>;
  /** Up to `COUNT_MAX`. */
  count(tenantId: string, filters: Filters): Promise<number>;
  /** Each facet counts as if nothing were chosen in it, so that another value can be. */
  facets(tenantId: string, filters: Filters): Promise<Facets>;
}

export function createCatalogue({ database }: Readonly<{ database: Database }>): Catalogue {
  return {
    list: async (tenantId, query) => {
      const { ids, nextCursor } = await pageOfIds(database, tenantId, query);
      const [rows, bases] = await Promise.all([
        selectModelsByIds(database, ids),
        selectBases(database, tenantId, ids),
      ]);
      const byId = new Map(rows.map((row) => [row.id, row]));
      const data = ids.flatMap((id) => {
        const row = byId.get(id);
        return row === undefined ? [] : [modelOf(row, bases.get(id) ?? [])];
      });
      return { data, nextCursor };
    },
    count: (tenantId, filters) => countMatching(database, tenantId, filters, COUNT_MAX),
    facets: (tenantId, filters) => facetsOf(database, tenantId, filters),
  };
}

type PageOfIds = Readonly<{ ids: readonly string[]; nextCursor: string | null }>;

async function pageOfIds(
  database: Database,
  tenantId: string,
  query: ListQuery,
): Promise<PageOfIds> {
  const { sort = 'created', cursor } = query;
  const direction = query.direction ?? (sort === 'name' ? 'asc' : 'desc');
  const limit = Math.min(query.limit ?? LIST_PAGE, LIST_PAGE_MAX);
  const after = cursor === undefined ? null : decodeCursor(cursor, sort, direction);
  if (sort === 'relevance') {
    const start = Number(after?.value ?? 0);
    return relevantIds(database, tenantId, query, { start, limit });
  }
  return sortedIds(database, tenantId, query, { sort, direction, after, limit });
}

async function sortedIds(
  database: Database,
  tenantId: string,
  query: ListQuery,
  page: Readonly<{
    sort: ColumnSort;
    direction: Direction;
    after: ReturnType<typeof decodeCursor> | null;
    limit: number;
  }>,
): Promise<PageOfIds> {
  // One more than shown says whether there is a next page.
  const found = await selectPage(database, tenantId, query, { ...page, limit: page.limit + 1 });
  const shown = found.slice(0, page.limit);
  const last = shown.at(-1);
  const isMore = found.length > page.limit && last !== undefined;
  return {
    ids: shown.map(({ id }) => id),
    nextCursor: isMore ? encodeCursor(page.sort, page.direction, last) : null,
  };
}

async function relevantIds(
  database: Database,
  tenantId: string,
  query: ListQuery,
  { start, limit }: Readonly<{ start: number; limit: number }>,
): Promise<PageOfIds> {
  if (!Number.isSafeInteger(start) || start < 0) {
    throw failHub('list.cursor_invalid', 'The cursor is not one that this list gave.');
  }
  const found = await selectCandidates(database, tenantId, query, RANKED_MAX);
  const ranked: readonly Candidate[] = rank(found, query.search ?? '');
  const end = start + limit;
  return {
    ids: ranked.slice(start, end).map(({ id }) => id),
    nextCursor:
      ranked.length > end
        ? encodeCursor('relevance', 'desc', { value: String(end), id: '' })
        : null,
  };
}

async function facetsOf(database: Database, tenantId: string, filters: Filters): Promise<Facets> {
  const isChosen = (facet: Facet): boolean => {
    const chosen = filters[facet];
    return chosen !== undefined && (!Array.isArray(chosen) || chosen.length > 0);
  };
  const counted = async (facets: readonly Facet[], among: Filters) =>
    facets.length === 0
      ? []
      : countFacets(database, tenantId, among, {
          facets,
          sample: FACET_SAMPLE,
          values: FACET_VALUES,
        });
  const [total, free, ...chosen] = await Promise.all([
    countMatching(database, tenantId, filters, COUNT_MAX),
    counted(
      FACETS.filter((facet) => !isChosen(facet)),
      filters,
    ),
    ...FACETS.filter(isChosen).map((facet) => counted([facet], { ...filters, [facet]: undefined })),
  ]);
  return { counts: [...free, ...chosen.flat()], total, isMore: total >= COUNT_MAX };
}
