/** External providers of the tenant, never with their keys. */
import { queryOptions } from '@tanstack/react-query';
import { cloud } from '../cloud.ts';
import { listQuery } from '../list-query.ts';

export const providersQuery = listQuery({
  queryKey: ['providers'],
  read: cloud.providers.list,
});

export const templatesQuery = queryOptions({
  queryKey: ['provider-templates'],
  queryFn: ({ signal }) => cloud.providers.templates({ signal }),
  staleTime: Infinity,
});

/** Asked of the provider itself: never again by itself. */
export const upstreamQuery = (providerId: string) =>
  queryOptions({
    queryKey: ['provider-upstream', providerId],
    queryFn: ({ signal }) => cloud.providers.upstreamModels(providerId, { signal }),
    staleTime: 60_000,
    retry: false,
    meta: { isSilent: true },
  });

export const DIALECT_LABELS = {
  openai: 'OpenAI',
  anthropic: 'Anthropic',
  dashscope: 'DashScope',
} as const;
