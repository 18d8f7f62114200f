/**
 * The feed, indexed for the hot path: one look-up from a name to everything a request needs. Built
 * anew for each feed, so that a request in flight keeps the view it was admitted with.
 */
import type { RouteRule } from '#routing/route.ts';
import { contentKey } from './contents/content-settings.ts';
import type { Feed, FeedDeployment, FeedModel, FeedReplica } from './feed.ts';

/** A replica, with its address taken apart once and not for each request. */
export type ServedReplica = FeedReplica & Readonly<{ origin: string; pathPrefix: string }>;

export type ServedModel = Readonly<{
  model: FeedModel;
  /** Deployments that answer to the model's name, sleeping ones included. */
  deployments: readonly FeedDeployment[];
  /** Replicas of those deployments, ready and draining. */
  replicas: readonly ServedReplica[];
}>;

export type FeedView = Readonly<{
  version: number;
  byName: ReadonlyMap<string, readonly ServedModel[]>;
  models: readonly ServedModel[];
  /** Names that stand for models, of every tenant. */
  routes: ReadonlyMap<string, readonly RouteRule[]>;
  suspendedTenantIds: ReadonlySet<string>;
  /** By `contentKey`: how many bytes each way a project keeps; empty where none does. */
  contents: ReadonlyMap<string, number>;
}>;

export function createFeedView(feed: Feed): FeedView {
  const replicas = groupBy(feed.replicas.flatMap(servedReplica), (replica) => replica.deploymentId);
  const deployments = groupBy(feed.deployments, (deployment) => deployment.modelName);
  const models = feed.models.map((model): ServedModel => {
    const own = (deployments.get(model.name) ?? []).filter(
      (deployment) => deployment.modelId === model.modelId,
    );
    return {
      model,
      deployments: own,
      replicas: own.flatMap((deployment) => replicas.get(deployment.id) ?? []),
    };
  });
  return {
    version: feed.version,
    byName: groupBy(models, (served) => served.model.name),
    models,
    routes: groupBy(feed.routes ?? [], ({ name }) => name),
    suspendedTenantIds: new Set(feed.suspendedTenantIds),
    contents: new Map(
      (feed.contents ?? []).map((one) => [contentKey(one.tenantId, one.projectId), one.bytesMax]),
    ),
  };
}

/** None where the address is no address: such a replica cannot be reached, and harms only itself. */
function servedReplica(replica: FeedReplica): ServedReplica[] {
  const url = URL.parse(replica.url);
  if (url === null) return [];
  const pathPrefix = url.pathname.replace(/\/(?:v1\/?)?$/, '');
  return [{ ...replica, origin: url.origin, pathPrefix }];
}

/** The model of that name that the tenant may see: its own first, then a public one. */
export function findModel(view: FeedView, name: string, tenantId: string): ServedModel | null {
  const named = view.byName.get(name);
  if (named === undefined) return null;
  return (
    named.find((served) => served.model.tenantId === tenantId) ??
    named.find((served) => served.model.visibility === 'public') ??
    null
  );
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
