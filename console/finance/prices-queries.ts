/** The price book's questions to the cloud. */
import { queryOptions } from '@tanstack/react-query';
import { cloud } from '../cloud.ts';
import { listQuery } from '../list-query.ts';

export const versionsQuery = listQuery({
  queryKey: ['price-versions'],
  read: cloud.prices.list,
});

export const draftsQuery = listQuery({
  queryKey: ['price-drafts'],
  read: (page, call) => cloud.priceDrafts.list({ ...page, state: 'open' }, call),
});

export const draftQuery = (id: string) =>
  queryOptions({
    queryKey: ['price-drafts', id],
    queryFn: ({ signal }) => cloud.priceDrafts.get(id, { signal }),
  });

export const diffQuery = (id: string, revision: number) =>
  queryOptions({
    queryKey: ['price-drafts', id, 'diff', revision],
    queryFn: ({ signal }) => cloud.priceDrafts.diff(id, { signal }),
  });

export const simulationQuery = (id: string, revision: number) =>
  queryOptions({
    queryKey: ['price-drafts', id, 'simulation', revision],
    queryFn: ({ signal }) => cloud.priceDrafts.simulate(id, {}, { signal }),
  });

export const priceSettingsQuery = queryOptions({
  queryKey: ['price-settings'],
  queryFn: ({ signal }) => cloud.priceBook.settings({ signal }),
});

export const priceEventsQuery = listQuery({
  queryKey: ['price-events'],
  read: cloud.priceBook.events,
  pageSize: 20,
});
