/** The family of a model. */
import { useQuery } from '@tanstack/react-query';
import { ModelLineage } from '../models/model-lineage.tsx';
import { familyQuery } from '../models/queries.ts';
import { Failure } from '../shell/failure.tsx';
import { Loading } from '../ui/skeleton.tsx';
import type { SectionProps } from './repository-tabs.tsx';

export function LineageTab({ repository }: SectionProps) {
  const { data, error, refetch } = useQuery(familyQuery(repository.name));
  if (data !== undefined) return <ModelLineage family={data} />;
  if (error === null) return <Loading className="h-48 rounded-xl" />;
  return <Failure error={error} onRetry={() => void refetch()} />;
}
