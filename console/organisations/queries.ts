/** What somebody published, as far as the caller may see it. */
import { queryOptions } from '@tanstack/react-query';
import { type RepositoryKind, cloud } from '../cloud.ts';

export const ownerQuery = (kind: RepositoryKind, owner: string) =>
  queryOptions({
    queryKey: ['owner', owner, kind],
    queryFn: ({ signal }) => cloud.hub.ofOwner(kind, owner, { signal }),
  });

export const membersQuery = queryOptions({
  queryKey: ['members', 'of-owner'],
  queryFn: ({ signal }) => cloud.members.list({ limit: 100 }, { signal }),
});
