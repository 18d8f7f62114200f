/** What a gateway holds at the moment, read when somebody asks for its metrics. */
import type { Journal } from '#metering/journal.ts';
import type { BodyBudget } from './body-budget.ts';
import type { AnswerCache } from './cache/answer-cache.ts';
import type { ContentKeeper } from './contents/content-keeper.ts';
import type { FeedState } from './feed-state.ts';
import type { KeyTable } from './key-table.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import type { Limiter } from './limits/limiter.ts';
import type { GaugeSource } from './metrics.ts';
import type { ProviderWays } from './providers.ts';
import type { RefusalKeeper } from './refusals/refusal-keeper.ts';
import type { ReplicaSlots } from './replica-slots.ts';

export type Gauged = Readonly<{
  bodies: BodyBudget;
  cache: AnswerCache;
  contents: ContentKeeper;
  feed: FeedState;
  journal: Pick<Journal, 'unshippedBytes'>;
  keys: KeyTable;
  leases: LeaseKeeper;
  limiter: Limiter;
  live: Readonly<{ size: number }>;
  providers: ProviderWays;
  refusals: RefusalKeeper;
  slots: ReplicaSlots;
}>;

export function gaugesOf(gauged: Gauged): readonly GaugeSource[] {
  const { bodies, cache, contents, feed, journal, keys, leases, limiter, live } = gauged;
  const { providers, refusals, slots } = gauged;
  return [
    gauge('cache_entries', 'Answers in the cache.', () => cache.entries),
    gauge('cache_bytes', 'Bytes of answers in the cache.', () => cache.bytes),
    gauge('cache_hits', 'Requests answered from the cache.', () => cache.counts.hits),
    gauge('cache_misses', 'Requests that the cache could not answer.', () => cache.counts.misses),
    gauge('cache_evicted', 'Answers that made room for others.', () => cache.counts.evicted),
    gauge('live_requests', 'Requests that have not ended.', () => live.size),
    gauge('slots_taken', 'Slots of replicas in use by this gateway.', () => slots.taken),
    gauge('queue_length', 'Requests that wait for a replica.', () => slots.waiting),
    gauge('replicas_resting', 'Replicas left alone because they fail.', () => slots.resting),
    gauge('prefix_blocks', 'Blocks of prompts remembered for routing.', () => slots.prefixBlocks),
    gauge('holds_open', 'Money holds neither settled nor released.', () => leases.openHolds),
    gauge('limits_open', 'Requests that count against a limit.', () => limiter.open),
    gauge('limits_waiting', 'Requests in line for a limit.', () => limiter.waiting),
    gauge('leases', 'Leases in hand.', () => leases.leases),
    gauge('feed_version', 'Version of the feed in use.', () => feed.view().version),
    gauge('feed_age_seconds', 'Seconds since control was last heard.', feed.ageSeconds),
    gauge('unshipped_bytes', 'Journal bytes that control does not have.', journal.unshippedBytes),
    gauge('provider_requests', 'Requests at external providers.', () => providers.inside),
    gauge('provider_keys', 'Keys of external providers in memory.', () => providers.keys),
    gauge('body_bytes', 'Bytes of request bodies in memory.', () => bodies.bytes),
    gauge('contents_bytes', 'Bytes of contents on the way to control.', () => contents.queuedBytes),
    gauge('contents_dropped', 'Contents that control did not take.', () => contents.dropped),
    gauge('refusals_waiting', 'Refusals on the way to control.', () => refusals.waiting),
    gauge('refusals_dropped', 'Refusals that are in no list.', () => refusals.dropped),
    gauge('keys_known', 'Keys in memory.', () => keys.size),
  ];
}

function gauge(name: string, help: string, read: () => number): GaugeSource {
  return { name, help, read };
}
