/**
 * What a key's holder finds in the list of models: those that are deployed, visible and allowed, and the
 * names of routes that lead to such ones.
 */
import { allModels, findRoute } from '#routing/route.ts';
import type { FeedModel } from '../feed.ts';
import { type FeedView, findModel } from '../feed-view.ts';
import { namesFor } from './targets.ts';

export type Caller = Readonly<{ tenantId: string; models: readonly string[] | null }>;

export function listModels(view: FeedView, caller: Caller): FeedModel[] {
  const listed: FeedModel[] = [];
  for (const name of new Set([...view.byName.keys(), ...view.routes.keys()])) {
    const model = findListed(view, caller, name);
    if (model !== null && isDeployed(view, caller, name)) listed.push(model);
  }
  return listed;
}

/** What stands under a name for this caller, deployed or not; null for what it may not know of. */
export function findListed(view: FeedView, caller: Caller, name: string): FeedModel | null {
  const [first, ...others] = modelsBehind(view, caller, name);
  if (first === undefined) return null;
  // Of a name that may mean several only what holds for each of them can be promised.
  const capabilities = first.capabilities.filter((capability) =>
    others.every((other) => other.capabilities.includes(capability)),
  );
  const leavesCloud = [first, ...others].some((model) => model.leavesCloud === true);
  return {
    ...first,
    name,
    // Each is paid at its own price, and which will answer is not known.
    prices: others.length === 0 ? first.prices : [],
    contextLength: shortestContext([first, ...others]),
    capabilities,
    leavesCloud,
  };
}

/** The models that a name may lead to, as far as the caller may call them. */
function modelsBehind(view: FeedView, caller: Caller, name: string): FeedModel[] {
  const names = namesFor(view, caller.tenantId);
  const route = findRoute(names, name);
  const behind = route === null ? [name] : [...allModels(names, route)];
  return behind.flatMap((model) => {
    if (caller.models !== null && !caller.models.includes(model)) return [];
    return findModel(view, model, caller.tenantId)?.model ?? [];
  });
}

function isDeployed(view: FeedView, caller: Caller, name: string): boolean {
  return modelsBehind(view, caller, name).some((model) => {
    const served = findModel(view, model.name, caller.tenantId);
    return served !== null && served.deployments.length > 0;
  });
}

function shortestContext(models: readonly FeedModel[]): number | null {
  const known = models.flatMap(({ contextLength }) => contextLength ?? []);
  return known.length === 0 ? null : Math.min(...known);
}
