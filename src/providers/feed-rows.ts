/**
 * What gateways are told of providers, as plain values. Pure. Shapes match the gateway's, which is above
 * us. Never a key: a gateway asks for each with its own token and holds it in memory, because the feed
 * lies on its disk.
 */
import type { ProviderDialect } from './api.ts';
import type { ProviderModelRow } from './model-store.ts';
import type { ProviderRow } from './store.ts';

/** Where no machine of ours stands; a caller who must stay in a region never gets there. */
export const EXTERNAL_REGION = 'external';

export type FeedProvider = Readonly<{
  id: string;
  dialect: ProviderDialect;
  keyVersion: number;
  allowsPrivate: boolean;
  timeoutMs: number;
  /** Requests at a time, of all its models together. */
  parallel: number;
}>;

export type ProviderFeed = Readonly<{
  /** Names that are none of the hub's. */
  models: readonly Readonly<{
    id: string;
    name: string;
    tenantId: string;
    visibility: 'private' | 'public';
    createdAt: Date;
    contextLength: number | null;
  }>[];
  deployments: readonly Readonly<{
    id: string;
    tenantId: string;
    modelName: string;
    modelId: string;
    isWanted: boolean;
    state: 'ready';
    reason: null;
  }>[];
  replicas: readonly Readonly<{
    id: string;
    deploymentId: string;
    nodeId: null;
    region: string;
    url: string;
    engineKey: null;
    upstreamModel: string;
    parallel: number;
    contextLength: number | null;
    capabilities: readonly string[];
    state: 'ready';
    provider: FeedProvider;
  }>[];
}>;

export function toProviderFeed(
  providers: readonly ProviderRow[],
  models: readonly ProviderModelRow[],
): ProviderFeed {
  const byId = new Map(providers.map((provider) => [provider.id, provider]));
  const served = models.flatMap((model) => {
    const provider = byId.get(model.providerId);
    return provider === undefined ? [] : [{ model, provider }];
  });
  return {
    models: ownNames(served.map(({ model }) => model)),
    deployments: served.map(({ model }) => ({
      id: model.id,
      tenantId: model.tenantId,
      modelName: model.modelName,
      modelId: model.modelId,
      isWanted: true,
      state: 'ready',
      reason: null,
    })),
    replicas: served.map(({ model, provider }) => ({
      id: replicaIdOf(model.id),
      deploymentId: model.id,
      nodeId: null,
      region: EXTERNAL_REGION,
      url: provider.baseUrl,
      engineKey: null,
      upstreamModel: model.upstreamModel,
      parallel: provider.parallel,
      contextLength: model.contextLength,
      capabilities: model.capabilities,
      state: 'ready',
      provider: {
        id: provider.id,
        dialect: provider.dialect,
        keyVersion: provider.keyVersion,
        allowsPrivate: provider.allowsPrivate,
        timeoutMs: provider.timeoutMs,
        parallel: provider.parallel,
      },
    })),
  };
}

/** One replica for each: the provider is the machine. */
export function replicaIdOf(deploymentId: string): string {
  return deploymentId.replace(/^dep_/, 'rep_');
}

/** True where the id was made for a name that is none of the hub's. */
export function isOwnModelId(modelId: string): boolean {
  return modelId.startsWith('ext_');
}

/** Several providers may serve one name: public where any of them is. */
function ownNames(models: readonly ProviderModelRow[]): ProviderFeed['models'] {
  const own = Map.groupBy(
    models.filter(({ modelId }) => isOwnModelId(modelId)),
    ({ modelId }) => modelId,
  );
  return [...own].flatMap(([id, same]) => {
    const [first] = same;
    if (first === undefined) return [];
    const lengths = same.flatMap(({ contextLength }) => contextLength ?? []);
    return [
      {
        id,
        name: first.modelName,
        tenantId: first.tenantId,
        visibility: same.some(({ visibility }) => visibility === 'public') ? 'public' : 'private',
        createdAt: first.createdAt,
        contextLength: lengths.length === 0 ? null : Math.max(...lengths),
      },
    ];
  });
}
