/** Keys of the tenant, never with their secrets. */
import { cloud } from '../cloud.ts';
import { listQuery } from '../list-query.ts';

export const keysQuery = listQuery({
  queryKey: ['keys'],
  read: cloud.keys.list,
  retry: false,
});

export const ROLE_LABELS = {
  owner: 'role.owner',
  admin: 'role.admin',
  developer: 'role.developer',
  finance: 'role.finance',
  viewer: 'role.viewer',
} as const;
