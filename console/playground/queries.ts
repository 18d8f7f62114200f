/** The short-lived key of the playground, and the usage event that each call becomes. */
import { queryOptions } from '@tanstack/react-query';
import { ApiError } from '#client/api-error.ts';
import { type UsageEvent, cloud } from '../cloud.ts';

/** Asked anew when it has less than this to live: longer than a call takes to be admitted. */
const KEY_SPARE_MS = 30_000;

/** An event is there once its journal was shipped, usually under a second; then we give up politely. */
const EVENT_RETRY_MS = 400;
const EVENT_RETRIES_MAX = 40;

export const playgroundKeyQuery = queryOptions({
  queryKey: ['playground-key'],
  queryFn: ({ signal }) => cloud.playgroundKey.create({ signal }),
  staleTime: ({ state }) => {
    if (state.data === undefined) return 0;
    return Math.max(0, Date.parse(state.data.expiresAt) - state.dataUpdatedAt - KEY_SPARE_MS);
  },
});

export const callQuery = (requestId: string | null) =>
  queryOptions<UsageEvent>({
    queryKey: ['usage-events', requestId],
    queryFn: ({ signal }) => cloud.usage.event(requestId ?? '', { signal }),
    enabled: requestId !== null,
    staleTime: Infinity,
    retry: (failures, error) =>
      failures < EVENT_RETRIES_MAX && error instanceof ApiError && error.status === 404,
    retryDelay: EVENT_RETRY_MS,
  });
