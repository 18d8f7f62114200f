/** Deployments as they live: asked again often, because their state is the news. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { type Deployment, type Replica, cloud } from '../cloud.ts';
import { listQuery } from '../list-query.ts';
import { providersQuery } from '../providers/queries.ts';
import type { Tone } from '../ui/pill.tsx';

const LIVE_REFETCH_MS = 1500;

export const deploymentsQuery = listQuery({
  queryKey: ['deployments'],
  read: cloud.deployments.list,
  refetchMs: () => LIVE_REFETCH_MS,
});

/** A replica that is absent waits for a machine; a deployment that is absent sleeps. */
export const REPLICA_LABELS = {
  absent: 'state.waiting',
  loading: 'state.loading',
  ready: 'state.ready',
  draining: 'state.draining',
  failed: 'state.failed',
} as const;

export const STATE_LABELS = {
  ...REPLICA_LABELS,
  absent: 'state.asleep',
} as const;

export const STATE_TONES: Readonly<Record<Replica['state'], Tone>> = {
  absent: 'quiet',
  loading: 'warn',
  ready: 'good',
  draining: 'info',
  failed: 'bad',
};

/** Names that callers can put into `model`, those that answer at once first. */
export function useServedNames(): readonly string[] {
  const { data } = useInfiniteQuery(deploymentsQuery);
  const { data: providers } = useInfiniteQuery(providersQuery);
  const deployments = [...(data ?? [])].sort((left, right) => rank(left) - rank(right));
  const external = (providers ?? [])
    .filter(({ isEnabled }) => isEnabled)
    .flatMap(({ models }) => models);
  return [...new Set([...deployments, ...external].map(({ modelName }) => modelName))];
}

function rank({ state }: Deployment): number {
  return state === 'ready' ? 0 : 1;
}
