/** The short-lived key of the playground, and the usage event that each call becomes. */
import { queryOptions } from '@tanstack/react-query';
import { ApiError } from '#client/api-error.ts';
import { type UsageEvent, cloud } from '../cloud.ts';

/** Asked anew when it has less than this to live: longer than a call takes to be admitted. */
const KEY_SPARE_MS = 30_000;

/** An event is there once its journal was shipped, usually under a second; in the end we give up. */
const EVENT_WAIT_MS = 600;
const EVENT_RETRIES_MAX = 30;

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
    queryFn: async ({ signal }) => {
      await new Promise((resolve) => setTimeout(resolve, EVENT_WAIT_MS));
      return cloud.usage.event(requestId ?? '', { signal });
    },
    enabled: requestId !== null,
    staleTime: Infinity,
    retry: (failures, error) =>
      failures < EVENT_RETRIES_MAX && error instanceof ApiError && error.status === 404,
    retryDelay: 0,
  });
