/**
 * Composes the feed from what each module says for it. Pure but for the reads it is given. A model is
 * in the feed under its own name, and once more for every other name that a deployment gives it; such
 * a name belongs to whoever deployed it.
 */
import type { PricedModel } from '#pricing/price.ts';
import { createCapabilityMemory } from './capability-memory.ts';
import type { Feed, FeedDeployment, FeedModel, FeedReplica } from './feed.ts';

/** A model of the hub, as its module lists it for the feed. */
export type PublishedModel = Readonly<{
  id: string;
  name: string;
  tenantId: string;
  visibility: 'public' | 'private';
  createdAt: Date;
  contextLength: number | null;
}>;

export type FeedSourceDeps = Readonly<{
  hub: Readonly<{ listPublished: () => Promise<readonly PublishedModel[]> }>;
  fleet: Readonly<{
    listForFeed: () => Promise<
      Readonly<{ deployments: readonly FeedDeployment[]; replicas: readonly FeedReplica[] }>
    >;
  }>;
  providers: Readonly<{
    listForFeed: () => Promise<
      Readonly<{
        models: readonly PublishedModel[];
        deployments: readonly FeedDeployment[];
        replicas: readonly FeedReplica[];
      }>
    >;
  }>;
  routing: Readonly<{ listForFeed: () => Promise<NonNullable<Feed['routes']>> }>;
  pricing: Readonly<{ listForFeed: () => Promise<readonly PricedModel[]> }>;
  tenancy: Readonly<{
    listRevokedKeyIds: () => Promise<readonly string[]>;
    listSuspendedTenantIds: () => Promise<readonly string[]>;
  }>;
  requests: Readonly<{ listCachesForFeed: () => Promise<NonNullable<Feed['caches']>> }>;
  contents: Readonly<{ listForFeed: () => Promise<NonNullable<Feed['contents']>> }>;
  limits: Readonly<{ listChanges: () => Promise<NonNullable<Feed['limitChanges']>> }>;
}>;

export function createFeedSource(deps: FeedSourceDeps): (version: number) => Promise<Feed> {
  const remember = createCapabilityMemory();
  return async (version) => {
    const [
      published,
      fleet,
      external,
      routes,
      prices,
      revokedKeyIds,
      suspendedTenantIds,
      caches,
      limitChanges,
      contents,
    ] = await Promise.all([
      deps.hub.listPublished(),
      deps.fleet.listForFeed(),
      deps.providers.listForFeed(),
      deps.routing.listForFeed(),
      deps.pricing.listForFeed(),
      deps.tenancy.listRevokedKeyIds(),
      deps.tenancy.listSuspendedTenantIds(),
      deps.requests.listCachesForFeed(),
      deps.limits.listChanges(),
      deps.contents.listForFeed(),
    ]);
    // What a provider serves by a name of its own comes first: whoever publishes that name later takes nothing over.
    const models = [...external.models, ...published];
    const deployments = [...fleet.deployments, ...external.deployments];
    const replicas = [...fleet.replicas, ...external.replicas];
    return {
      version,
      models: remember(composeModels({ models, deployments, replicas, prices })),
      deployments,
      replicas,
      routes,
      revokedKeyIds,
      suspendedTenantIds,
      caches,
      limitChanges,
      contents,
    };
  };
}

export function composeModels(
  parts: Readonly<{
    models: readonly PublishedModel[];
    deployments: readonly FeedDeployment[];
    replicas: readonly FeedReplica[];
    prices: readonly PricedModel[];
  }>,
): FeedModel[] {
  const prices = Map.groupBy(parts.prices, ({ modelId }) => modelId);
  const replicas = Map.groupBy(parts.replicas, ({ deploymentId }) => deploymentId);
  const deployments = Map.groupBy(parts.deployments, ({ modelId }) => modelId);
  return parts.models.flatMap((model) => {
    const own = deployments.get(model.id) ?? [];
    return namesOf(model, own).map(({ name, tenantId, visibility }) => {
      const running = own
        .filter(({ modelName }) => modelName === name)
        .flatMap(({ id }) => replicas.get(id) ?? []);
      return {
        name,
        modelId: model.id,
        tenantId,
        visibility,
        createdAtMs: model.createdAt.getTime(),
        contextLength: longestContext(running) ?? model.contextLength,
        capabilities: [...new Set(running.flatMap(({ capabilities }) => capabilities))].sort(),
        leavesCloud: running.some(({ provider = null }) => provider !== null),
        prices: (prices.get(model.id) ?? []).toSorted(byEffect),
      };
    });
  });
}

type Name = Pick<FeedModel, 'name' | 'tenantId' | 'visibility'>;

function namesOf(model: PublishedModel, deployments: readonly FeedDeployment[]): Name[] {
  const names = new Map<string, Name>([[model.name, model]]);
  for (const { modelName, tenantId } of deployments) {
    if (names.has(modelName)) continue;
    const visibility = tenantId === model.tenantId ? model.visibility : 'private';
    names.set(modelName, { name: modelName, tenantId, visibility });
  }
  return [...names.values()];
}

function longestContext(replicas: readonly FeedReplica[]): number | null {
  let longest: number | null = null;
  for (const { contextLength } of replicas) {
    if (contextLength !== null && contextLength > (longest ?? 0)) longest = contextLength;
  }
  return longest;
}

function byEffect(left: PricedModel, right: PricedModel): number {
  return left.effectiveFromMs - right.effectiveFromMs;
}
