/**
 * The feed: everything a gateway must know to serve, as plain values. Control sends the full state
 * first and then a new full part for whatever changed; a gateway keeps the last state on its own
 * disk and serves from it while control is away.
 *
 * Wire: `GET /internal/v1/feed` answers newline-delimited JSON; each line is a `FeedLine`. A
 * heartbeat comes every few seconds; a gateway that hears nothing for three of them reconnects.
 */
import type { PricedModel } from '#pricing/price.ts';
import type { CacheSettings } from './cache/cache-settings.ts';
import type { ContentSettings } from './contents/content-settings.ts';
import type { RouteRule } from '#routing/route.ts';

export type FeedReplica = Readonly<{
  id: string;
  deploymentId: string;
  nodeId: string | null;
  region: string;
  url: string;
  /** Bearer secret of the engine; it never leaves the gateway. */
  engineKey: string | null;
  /** What the engine calls the model, where that is not our name. */
  upstreamModel: string | null;
  parallel: number;
  contextLength: number | null;
  capabilities: readonly string[];
  state: 'ready' | 'draining';
  /** Set where another cloud answers; absent or null for an engine on a node. */
  provider?: FeedProvider | null;
}>;

/** What a gateway must know to call an external provider, but its key: the feed lies on a disk. */
export type FeedProvider = Readonly<{
  id: string;
  dialect: 'openai' | 'anthropic' | 'dashscope';
  keyVersion: number;
  allowsPrivate: boolean;
  timeoutMs: number;
  /** Requests at a time of all its models together, from this gateway. */
  parallel: number;
}>;

export type FeedDeployment = Readonly<{
  id: string;
  tenantId: string;
  modelName: string;
  modelId: string;
  isWanted: boolean;
  /** State of the best replica, and why, for the error a caller sees. */
  state: 'absent' | 'loading' | 'ready' | 'draining' | 'failed';
  reason: string | null;
}>;

export type FeedModel = Readonly<{
  name: string;
  modelId: string;
  tenantId: string;
  visibility: 'public' | 'private';
  createdAtMs: number;
  contextLength: number | null;
  capabilities: readonly string[];
  /** A prompt to it may leave this cloud: some of its replicas are an external provider's. */
  leavesCloud?: boolean;
  /** Versions that may apply from now on, oldest first; the one in force is picked at admission. */
  prices: readonly PricedModel[];
}>;

export type Feed = Readonly<{
  version: number;
  models: readonly FeedModel[];
  deployments: readonly FeedDeployment[];
  replicas: readonly FeedReplica[];
  /** Names that stand for models, of every tenant; absent in what an older gateway kept on its disk. */
  routes?: readonly RouteRule[];
  /** Keys revoked or changed in the last day: a gateway forgets what it knows of them. */
  revokedKeyIds: readonly string[];
  suspendedTenantIds: readonly string[];
  /** Projects that turned their cache on. */
  caches?: readonly CacheSettings[];
  /** Projects that keep what is asked and answered, up to a size. */
  contents?: readonly ContentSettings[];
  /** Tenants whose limits changed in the last day: a gateway asks anew for what it knows of older versions. */
  limitChanges?: readonly Readonly<{ tenantId: string; version: number }>[];
}>;

export type FeedLine =
  | Readonly<{ kind: 'state'; feed: Feed }>
  | Readonly<{ kind: 'heartbeat'; version: number }>;

export const EMPTY_FEED: Feed = {
  version: 0,
  models: [],
  deployments: [],
  replicas: [],
  revokedKeyIds: [],
  suspendedTenantIds: [],
};
