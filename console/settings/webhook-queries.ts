/** Webhooks of the tenant. */
import { queryOptions } from '@tanstack/react-query';
import { cloud } from '../cloud.ts';

export const WEBHOOKS_KEY = ['webhooks'] as const;

export const webhooksQuery = queryOptions({
  queryKey: WEBHOOKS_KEY,
  queryFn: async ({ signal }) => (await cloud.webhooks.list({ signal })).data,
});
