/** Keys of the tenant, never with their secrets. */
import { queryOptions } from '@tanstack/react-query';
import { cloud } from '../cloud.ts';

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: ({ signal }) => cloud.keys.list({}, { signal }),
  retry: false,
});

export const ROLE_LABELS = {
  owner: 'role.owner',
  admin: 'role.admin',
  developer: 'role.developer',
  finance: 'role.finance',
  viewer: 'role.viewer',
} as const;
