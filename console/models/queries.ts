/** Models, their imports and their prices. */
import { queryOptions } from '@tanstack/react-query';
import { type Import, type Price, cloud } from '../cloud.ts';
import { listQuery } from '../list-query.ts';

/** While something is being imported its bar should move. */
const IMPORTING_REFETCH_MS = 1000;
const IDLE_REFETCH_MS = 15_000;

export const modelsQuery = listQuery({ queryKey: ['models'], read: cloud.models.list });

export const modelQuery = (name: string) =>
  queryOptions({
    queryKey: ['models', name],
    queryFn: ({ signal }) => cloud.models.get(name, { signal }),
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
