/** What all requests of a gateway share, built once and handed to each. */
import type { Dispatcher } from 'undici';
import type { Clock } from '#platform/clock.ts';
import type { Log } from '#platform/log.ts';
import type { AccessLog } from './access-log.ts';
import type { Admissions } from './admissions.ts';
import type { Timeouts } from './attempt.ts';
import type { BodyBudget } from './body-budget.ts';
import type { AnswerCache } from './cache/answer-cache.ts';
import type { ContentKeeper } from './contents/content-keeper.ts';
import type { FeedState } from './feed-state.ts';
import type { Limiter } from './limits/limiter.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { ProviderWays } from './providers.ts';
import type { RetryBudget } from './routing/retry-budget.ts';
import type { KeyTable } from './key-table.ts';
import type { ReplicaSlots } from './replica-slots.ts';
import type { ResponseMemory } from './responses/kept-response.ts';

export type ExchangeParts = Readonly<{
  feed: FeedState;
  keys: KeyTable;
  limiter: Limiter;
  admissions: Admissions;
  slots: ReplicaSlots;
  retries: RetryBudget;
  upstream: Dispatcher;
  providers: ProviderWays;
  cache: AnswerCache;
  contents: ContentKeeper;
  timeouts: Timeouts;
  metrics: GatewayMetrics;
  accessLog: AccessLog;
  log: Log;
  clock: Clock;
  bodyLimitBytes: number;
  bodies: BodyBudget;
  responses: ResponseMemory;
}>;
