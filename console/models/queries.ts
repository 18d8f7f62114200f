/** Models, their imports and their prices. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { CatalogueQuery } from '#client/catalogue.ts';
import { type Import, type Price, cloud } from '../cloud.ts';
import { listQuery } from '../list-query.ts';

/** While something is being imported its bar should move. */
const IMPORTING_REFETCH_MS = 1000;
const IDLE_REFETCH_MS = 15_000;
/** Rows of two and of three are full. */
const FOUND_PAGE_SIZE = 30;

export const modelsQuery = listQuery({ queryKey: ['models'], read: cloud.models.list });

/** What matches; the list before stays on the page until the next one is there. */
export const foundQuery = (query: CatalogueQuery) => ({
  ...listQuery({
    queryKey: ['models', 'found', query],
    read: (page, call) => cloud.models.list({ ...query, ...page }, call),
    pageSize: FOUND_PAGE_SIZE,
  }),
  placeholderData: keepPreviousData,
});

export const facetsQuery = (query: CatalogueQuery) =>
  queryOptions({
    queryKey: ['models', 'facets', query],
    queryFn: ({ signal }) => cloud.models.facets({ ...query }, { signal }),
    placeholderData: keepPreviousData,
  });

/** Measured again in the background: what is shared comes some seconds after an upload. */
export const familyQuery = (name: string) =>
  queryOptions({
    queryKey: ['models', name, 'family'],
    queryFn: ({ signal }) => cloud.models.family(name, { signal }),
  });

export const importsQuery = queryOptions({
  queryKey: ['imports'],
  queryFn: ({ signal }) => cloud.imports.list({}, { signal }),
  refetchInterval: ({ state }) =>
    (state.data?.data ?? []).some(isRunning) ? IMPORTING_REFETCH_MS : IDLE_REFETCH_MS,
});

export const pricesQuery = queryOptions({
  queryKey: ['prices'],
  queryFn: ({ signal }) => cloud.prices.list({}, { signal }),
});

export function isRunning({ state }: Import): boolean {
  return state === 'running';
}

/** The newest price that is valid already; null where the model is free. */
export function currentPrice(
  prices: readonly Price[],
  { modelId, currency }: Readonly<{ modelId: string; currency: string }>,
): Price | null {
  const nowMs = Date.now();
  const valid = prices.filter(
    (price) =>
      price.modelId === modelId && price.currency === currency && Date.parse(price.effectiveFrom) <= nowMs,
  );
  return valid.sort((a, b) => b.effectiveFrom.localeCompare(a.effectiveFrom))[0] ?? null;
}
