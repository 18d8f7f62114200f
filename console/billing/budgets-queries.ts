/** Budgets and how they stand; the page looks again while it is open. */
import { queryOptions } from '@tanstack/react-query';
import { type Budget, cloud } from '../cloud.ts';

export const BUDGETS_KEY = ['budgets'] as const;
/** Roll-ups move with every shipment; a person needs no more than this. */
const REFETCH_MS = 15_000;

export const budgetsQuery = queryOptions({
  queryKey: [...BUDGETS_KEY, 'list'],
  queryFn: async ({ signal }) => (await cloud.budgets.list({ signal })).data,
  refetchInterval: REFETCH_MS,
});

export function budgetForecastQuery(id: string) {
  return queryOptions({
    queryKey: [...BUDGETS_KEY, 'forecast', id],
    queryFn: ({ signal }) => cloud.budgets.forecast(id, { signal }),
  });
}

/** A day of the budget's own clocks, which may not be the reader's. */
export function dayThere(atMs: number, timeZone: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone }).format(atMs);
}

/** The last moment that belongs to the period. */
export function lastMoment({ periodEnd }: Pick<Budget, 'periodEnd'>): number {
  return Date.parse(periodEnd) - 1;
}

export const LEVEL_LABELS = {
  tenant: 'budgets.tenant',
  project: 'budgets.project',
  key: 'budgets.key',
  model: 'budgets.model',
  tag: 'budgets.tag',
} as const;

export const PERIOD_LABELS = {
  day: 'budgets.day',
  week: 'budgets.week',
  month: 'budgets.month',
} as const;
