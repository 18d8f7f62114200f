/** One module as another wants to see it: the small glue between modules that must not know each other. */
import type { Fleet } from '#fleet/fleet.ts';
import type { FeedSourceDeps } from '#gateway/feed-source.ts';
import type { Hub } from '#hub/hub.ts';
import type { CloudCounts } from '#metering/report.ts';
import type { ModelDirectory } from '#pricing/pricing.ts';

/** The operator prices every model; others see the prices of what they may see. */
export function modelDirectory(hub: Pick<Hub, 'findModel' | 'listPublished'>): ModelDirectory {
  return {
    find: async (name, viewer) => {
      if (!viewer.isOperator) return hub.findModel(name, viewer.tenantId);
      return (await hub.listPublished()).find((model) => model.name === name) ?? null;
    },
    list: async (viewer) =>
      (await hub.listPublished()).filter(
        ({ visibility, tenantId }) =>
          viewer.isOperator || visibility === 'public' || tenantId === viewer.tenantId,
      ),
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
