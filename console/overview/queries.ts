/** What the overview asks for, and how often: often enough that the wheel is seen turning. */
import { queryOptions } from '@tanstack/react-query';
import { cloud } from '../cloud.ts';

const OVERVIEW_REFETCH_MS = 2000;

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => cloud.overview.get({}, { signal }),
  refetchInterval: OVERVIEW_REFETCH_MS,
});
