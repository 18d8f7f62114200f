/**
 * Routes: names that stand for models, with weights, a canary and fallbacks. A tenant makes its own; the
 * operator also makes some for everybody. Owns the rules and their checks; gateways carry them out from
 * the feed (see gateway/routing/).
 *
 * Promises: a route leads only to what its tenant may call; every way through it ends at a model; a
 * change is at every gateway within seconds. A route gives no right and no price: those are of the model
 * that answers.
 */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { Log } from '#platform/log.ts';
import { type Route, type RouteSet, routeSetSchema } from './api.ts';
import { failRouting } from './errors.ts';
import { type RouteRule, type RouteTarget, allTargets, faultOf } from './route.ts';
import * as store from './store.ts';

/** What routing asks of hub and fleet. */
export type RoutableModels = Readonly<{
  /** Names that a tenant may put in `model`, deployed or not, and which of them are its own. */
  names: (
    tenantId: string,
  ) => Promise<Readonly<{ all: ReadonlySet<string>; own: ReadonlySet<string> }>>;
  /** The name that a live deployment of this tenant serves; null for others and unknown ones. */
  nameOfDeployment: (tenantId: string, deploymentId: string) => Promise<string | null>;
}>;

export type RouteOwner = Readonly<{ tenantId: string; isOperator: boolean }>;

export type Routing = Readonly<{
  /** Creates or replaces; says which. Raises `route.*`. */
  set: (owner: RouteOwner, wish: RouteSet) => Promise<Readonly<{ route: Route; isNew: boolean }>>;
  /** The tenant's and the operator's for everybody; of those only what the tenant may call. */
  list: (
    owner: RouteOwner,
    page: Readonly<{ afterId: string; limit: number }>,
  ) => Promise<readonly Route[]>;
  /** Raises `route.unknown`, also for another tenant's. */
  remove: (key: Readonly<{ tenantId: string; id: string }>) => Promise<void>;
  listForFeed: () => Promise<readonly RouteRule[]>;
}>;

/** Each is sent to every gateway with each change of the feed. */
const ROUTES_PER_TENANT_MAX = 100;

export function createRouting(
  parts: Readonly<{ database: Database; models: RoutableModels; clock: Clock; log: Log }>,
): Routing {
  const { database, models, clock, log } = parts;
  return {
    set: async (owner, wish) => {
      const at = new Date(clock.nowMs());
      const rule = toRule(owner, wish, createId('rte', clock.nowMs()));
      refuseImpossible(rule, owner);
      const reachable = await store.listReachable(database, owner.tenantId);
      const known = reachable.find((other) => isSameName(other, rule));
      await refuseUnknownDeployments(models, rule);
      await refuseAstray(models, rule, reachable);
      if (known === undefined) await refuseTooMany(database, owner.tenantId);
      const stored = await store.upsertRoute(database, { ...rule, at });
      log.info('route.set', { routeId: stored.id, tenantId: owner.tenantId });
      return { route: toRoute(stored), isNew: known === undefined };
    },
    list: async (owner, page) => {
      const found = await store.listRoutes(database, { tenantId: owner.tenantId, ...page });
      if (found.every(({ tenantId }) => tenantId === owner.tenantId)) return found.map(toRoute);
      const { all } = await models.names(owner.tenantId);
      const names = new Set([...all, ...found.map(({ name }) => name)]);
      return found.map((route) =>
        toRoute(route.tenantId === owner.tenantId ? route : shownToOthers(route, names)),
      );
    },
    remove: async (key) => {
      if (await store.removeRoute(database, key)) return;
      throw failRouting('route.unknown', `There is no route ${key.id}.`);
    },
    listForFeed: async () => (await store.listAll(database)).map(toFeedRule),
  };
}

function toRule(owner: RouteOwner, wish: RouteSet, id: string): RouteRule {
  const { scope, ...plan } = routeSetSchema.parse(wish);
  return { ...plan, id, tenantId: owner.tenantId, isPlatform: scope === 'platform' };
}

function isSameName(left: RouteRule, right: RouteRule): boolean {
  return (
    left.tenantId === right.tenantId &&
    left.name === right.name &&
    left.isPlatform === right.isPlatform
  );
}

function refuseImpossible(rule: RouteRule, owner: RouteOwner): void {
  if (rule.isPlatform && !owner.isOperator) {
    throw failRouting('route.platform_refused', 'Only the operator makes routes for everybody.', {
      param: 'scope',
    });
  }
  if (rule.targets.every(({ weight }) => weight === 0)) {
    throw failRouting('route.weights_zero', 'At least one target should weigh more than 0.', {
      param: 'targets',
    });
  }
  const keys = rule.targets.map(keyOf);
  if (new Set(keys).size < keys.length) {
    throw failRouting('route.target_repeated', 'A target should be named once, with its weight.', {
      param: 'targets',
    });
  }
}

function keyOf({ model, deploymentId }: RouteTarget): string {
  return `${model} ${deploymentId ?? ''}`;
}

async function refuseUnknownDeployments(models: RoutableModels, rule: RouteRule): Promise<void> {
  for (const { model, deploymentId } of allTargets(rule)) {
    if (deploymentId === null) continue;
    const served = await models.nameOfDeployment(rule.tenantId, deploymentId);
    if (served === model) continue;
    throw failRouting(
      'route.deployment_unknown',
      served === null
        ? `There is no deployment ${deploymentId}.`
        : `The deployment ${deploymentId} serves ${served}, not ${model}.`,
      { param: 'deploymentId' },
    );
  }
}

/** Every way has to end at a model that the tenant may call. */
async function refuseAstray(
  models: RoutableModels,
  rule: RouteRule,
  reachable: readonly RouteRule[],
): Promise<void> {
  const { all, own } = await models.names(rule.tenantId);
  const rules = [...reachable.filter((other) => !isSameName(other, rule)), rule];
  const fault = faultOf(
    {
      tenantId: rule.tenantId,
      routesNamed: (name) => rules.filter((other) => other.name === name),
      isOwnModel: (name) => own.has(name),
      isModel: (name) => all.has(name),
    },
    rule,
  );
  if (fault === null) return;
  const { name } = fault;
  switch (fault.kind) {
    case 'unknown':
      throw failRouting('route.model_unknown', `There is no model or route ${name}.`, {
        param: 'model',
      });
    case 'circle':
      throw failRouting('route.circle', `Through ${name} the route leads back to itself.`, {
        param: 'model',
      });
    case 'too_deep':
      throw failRouting('route.too_deep', `At ${name} the chain of routes is too long.`, {
        param: 'model',
      });
  }
}

async function refuseTooMany(database: Database, tenantId: string): Promise<void> {
  if ((await store.countRoutes(database, tenantId)) < ROUTES_PER_TENANT_MAX) return;
  throw failRouting(
    'route.too_many',
    `A tenant has at most ${ROUTES_PER_TENANT_MAX} routes; remove one first.`,
  );
}

/** Another's route, without the names and deployments that are none of the reader's business. */
function shownToOthers(route: store.StoredRoute, names: ReadonlySet<string>): store.StoredRoute {
  const isSeen = ({ model }: RouteTarget): boolean => names.has(model);
  const hide = <T extends RouteTarget>(target: T): T => ({ ...target, deploymentId: null });
  const { canary } = route;
  return {
    ...route,
    targets: route.targets.filter(isSeen).map(hide),
    canary: canary !== null && isSeen(canary) ? hide(canary) : null,
    fallbacks: route.fallbacks.filter(isSeen).map(hide),
  };
}

function toRoute(route: store.StoredRoute): Route {
  const { id, name, targets, canary, fallbacks, fallbackOn, sticky } = route;
  return {
    id,
    name,
    scope: route.isPlatform ? 'platform' : 'tenant',
    targets: [...targets],
    canary,
    fallbacks: [...fallbacks],
    fallbackOn: [...fallbackOn],
    sticky,
    createdAt: route.createdAt.toISOString(),
    updatedAt: route.updatedAt.toISOString(),
  };
}

function toFeedRule({ createdAt: _created, updatedAt: _updated, ...rule }: store.StoredRoute) {
  return rule;
}
