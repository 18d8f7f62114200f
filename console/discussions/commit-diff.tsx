/** What one commit changed, for the history of a repository. */
import { useQuery } from '@tanstack/react-query';
import type { RepositoryAddress } from '#client/hub-community.ts';
import { Failure } from '../shell/failure.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { ChangeList } from './change-list.tsx';
import { commitChangesQuery } from './queries.ts';

export function CommitDiff({
  kind,
  name,
  revision,
}: RepositoryAddress & Readonly<{ revision: string }>) {
  const { data, error, refetch } = useQuery(commitChangesQuery({ kind, name }, revision));
  if (data !== undefined) return <ChangeList changes={data} />;
  if (error === null) return <SkeletonRows rows={4} />;
  return <Failure error={error} onRetry={() => void refetch()} />;
}
