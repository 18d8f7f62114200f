/** One module as another wants to see it: the small glue between modules that must not know each other. */
import type { AuthorModels } from '#authors/authors.ts';
import type { Fleet } from '#fleet/fleet.ts';
import type { FeedSourceDeps } from '#gateway/feed-source.ts';
import type { Hub } from '#hub/hub.ts';
import type { CloudCounts } from '#metering/report.ts';
import type { ModelDirectory } from '#pricing/pricing.ts';
import type { NameDirectory, Providers } from '#providers/providers.ts';

/** The operator prices every model; others see the prices of what they may see. */
export function modelDirectory(
  hub: Pick<Hub, 'findModel' | 'listPublished'>,
  providers: Pick<Providers, 'listModelNames'>,
): ModelDirectory {
  const find: ModelDirectory['find'] = async (name, viewer) => {
    if (!viewer.isOperator) return hub.findModel(name, viewer.tenantId);
    return (await hub.listPublished()).find((model) => model.name === name) ?? null;
  };
  return {
    find: async (name, viewer) => {
      const ofHub = await find(name, viewer);
      if (ofHub !== null) return ofHub;
      const external = await providers.listModelNames(viewer.tenantId);
      return external.find((model) => model.name === name) ?? null;
    },
    list: async (viewer) => [
      ...(await hub.listPublished()).filter(
        ({ visibility, tenantId }) =>
          viewer.isOperator || visibility === 'public' || tenantId === viewer.tenantId,
      ),
      ...(await providers.listModelNames(viewer.tenantId)),
    ],
  };
}

/** What a name means already, so that a provider never gives it another meaning. */
export function nameDirectory(
  hub: Pick<Hub, 'findModel' | 'listPublished'>,
  fleet: Pick<Fleet, 'listForFeed'>,
): NameDirectory {
  return {
    findHubModel: async (name, tenantId) =>
      (await hub.listPublished()).find(
        (model) =>
          model.name === name && (model.visibility === 'public' || model.tenantId === tenantId),
      ) ?? null,
    isDeployedName: async ({ name, tenantId, modelId }) => {
      const { deployments } = await fleet.listForFeed();
      return deployments.some(
        (deployment) =>
          deployment.modelName === name &&
          deployment.modelId !== modelId &&
          deployment.tenantId === tenantId,
      );
    },
  };
}

/** Authors earn with models of the hub and, where a rule names them, with those of providers. */
export function authorModels(
  hub: Pick<Hub, 'identify' | 'listPublished'>,
  directory: ModelDirectory,
): AuthorModels {
  const asOperator = { tenantId: '', isOperator: true } as const;
  return {
    publishersOf: async (tx, modelIds) =>
      new Map((await hub.identify(modelIds, tx)).map(({ id, tenantId }) => [id, tenantId])),
    find: (name) => directory.find(name, asOperator),
    namesOf: async (modelIds) => {
      const named = await hub.identify(modelIds);
      const others = named.length < modelIds.length ? await directory.list(asOperator) : [];
      return new Map([...others, ...named].map(({ id, name }) => [id, name]));
    },
    publishedBy: async (tenantId) =>
      (await hub.listPublished()).flatMap((model) => (model.tenantId === tenantId ? model.id : [])),
  };
}

export function hubForFeed(hub: Pick<Hub, 'listPublished'>): FeedSourceDeps['hub'] {
  return {
    listPublished: async () =>
      (await hub.listPublished()).map((model) => ({
        ...model,
        createdAtMs: model.createdAt.getTime(),
      })),
  };
}

/** Machines are the operator's and serve everybody; models are counted for who is looking. */
export function countCloud(hub: Pick<Hub, 'listPublished'>, fleet: Fleet): CloudCounts {
  return async (tenantId) => {
    const models = (await hub.listPublished()).filter(
      (model) => tenantId === null || model.visibility === 'public' || model.tenantId === tenantId,
    );
    return {
      models: models.length,
      machines: await fleet.countNodes(),
      replicasReady: await fleet.countReadyReplicas(),
    };
  };
}
