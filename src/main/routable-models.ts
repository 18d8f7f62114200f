/** What a route may lead to, as routing sees it: exactly the names that gateways are told of. */
import type { Fleet } from '#fleet/fleet.ts';
import { type FeedSourceDeps, composeModels } from '#gateway/feed-source.ts';
import type { RoutableModels } from '#routing/routing.ts';

type Sources = Readonly<{
  hub: FeedSourceDeps['hub'];
  fleet: Pick<Fleet, 'listForFeed'>;
  providers: FeedSourceDeps['providers'];
}>;

export function routableModels({ hub, fleet, providers }: Sources): RoutableModels {
  return {
    names: async (tenantId) => {
      const [published, own, external] = await Promise.all([
        hub.listPublished(),
        fleet.listForFeed(),
        providers.listForFeed(),
      ]);
      const composed = composeModels({
        models: [...external.models, ...published],
        deployments: [...own.deployments, ...external.deployments],
        replicas: [...own.replicas, ...external.replicas],
        prices: [],
      });
      const mine = composed.filter((model) => model.tenantId === tenantId);
      const seen = composed.filter(({ visibility }) => visibility === 'public');
      return {
        all: new Set([...mine, ...seen].map(({ name }) => name)),
        own: new Set(mine.map(({ name }) => name)),
      };
    },
    nameOfDeployment: async (tenantId, deploymentId) => {
      const [own, external] = await Promise.all([fleet.listForFeed(), providers.listForFeed()]);
      const found = [...own.deployments, ...external.deployments].find(
        (deployment) => deployment.id === deploymentId && deployment.tenantId === tenantId,
      );
      return found?.modelName ?? null;
    },
  };
}
