/**
 * A route: a name that callers ask for, and the models behind it. Pure: which route a name means to a
 * tenant, and into which models it unfolds.
 *
 * A name inside a route that is already being unfolded means the model of that name: so a route may
 * stand before a model under the model's own name, and no circle goes round more than once.
 */
import type { FallbackCondition, Sticky } from './api.ts';

export type RouteTarget = Readonly<{
  model: string;
  /** Only this deployment; null for any that serves the model. */
  deploymentId: string | null;
}>;

/** What a gateway must know of a route. */
export type RouteRule = Readonly<{
  id: string;
  tenantId: string;
  name: string;
  isPlatform: boolean;
  targets: readonly (RouteTarget & Readonly<{ weight: number }>)[];
  canary: (RouteTarget & Readonly<{ percent: number }>) | null;
  fallbacks: readonly RouteTarget[];
  fallbackOn: readonly FallbackCondition[];
  sticky: Sticky;
}>;

/** A chain of names longer than this is a mistake, and each step costs every request a little. */
export const DEPTH_MAX = 4;

/** The names around a tenant. */
export type Names = Readonly<{
  tenantId: string;
  routesNamed: (name: string) => readonly RouteRule[];
  /** Whether the tenant has a model of its own under this name: that is meant before the operator's route. */
  isOwnModel: (name: string) => boolean;
}>;

/** The tenant's own route first, then its own model, then the operator's route. Null for a model. */
export function findRoute(
  names: Names,
  name: string,
  passed: readonly RouteRule[] = [],
): RouteRule | null {
  const open = names.routesNamed(name).filter((rule) => !passed.includes(rule));
  const own = open.find((rule) => !rule.isPlatform && rule.tenantId === names.tenantId);
  if (own !== undefined) return own;
  if (names.isOwnModel(name)) return null;
  return open.find(({ isPlatform }) => isPlatform) ?? null;
}

/** A number from 0 up to 1 for each purpose, the same for the same caller where the route is sticky. */
export type Draw = (rule: RouteRule, purpose: 'canary' | 'weights') => number;

/** Models in the order in which they are to be tried, the chosen one first. */
export function unfoldRoute(names: Names, rule: RouteRule, draw: Draw): RouteTarget[] {
  const found: RouteTarget[] = [];
  unfoldInto(found, { names, draw }, [rule]);
  return found.filter(
    (target, index) => found.findIndex((earlier) => isSame(earlier, target)) === index,
  );
}

function unfoldInto(
  found: RouteTarget[],
  context: Readonly<{ names: Names; draw: Draw }>,
  passed: readonly RouteRule[],
): void {
  const rule = passed.at(-1);
  if (rule === undefined) return;
  for (const target of inOrder(rule, context.draw)) {
    const next =
      target.deploymentId === null && passed.length < DEPTH_MAX
        ? findRoute(context.names, target.model, passed)
        : null;
    if (next === null) found.push({ model: target.model, deploymentId: target.deploymentId });
    else unfoldInto(found, context, [...passed, next]);
  }
}

/** The canary or the weights decide who is first; behind a canary stands what would be without it. */
function inOrder(rule: RouteRule, draw: Draw): RouteTarget[] {
  const usual = pickWeighted(rule.targets, draw(rule, 'weights'));
  const order: RouteTarget[] = [];
  if (rule.canary !== null && draw(rule, 'canary') * 100 < rule.canary.percent) {
    order.push(rule.canary);
  }
  if (usual !== null) order.push(usual);
  return [...order, ...rule.fallbacks];
}

/** Null where all weights are zero. */
export function pickWeighted(targets: RouteRule['targets'], drawn: number): RouteTarget | null {
  const total = targets.reduce((sum, { weight }) => sum + weight, 0);
  let left = drawn * total;
  for (const target of targets) {
    left -= target.weight;
    if (left < 0) return target;
  }
  return null;
}

/** Every model that a route may lead to, whatever is drawn; for the checks before it is written. */
export function allTargets(rule: RouteRule): RouteTarget[] {
  return [...rule.targets, ...(rule.canary === null ? [] : [rule.canary]), ...rule.fallbacks];
}

/** The same through the routes behind it: models only. */
export function allModels(names: Names, rule: RouteRule, passed = [rule]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { model, deploymentId } of allTargets(rule)) {
    const isEnd = deploymentId !== null || passed.length >= DEPTH_MAX;
    const next = isEnd ? null : findRoute(names, model, passed);
    if (next === null) found.add(model);
    else for (const inner of allModels(names, next, [...passed, next])) found.add(inner);
  }
  return found;
}

export type RouteFault =
  | Readonly<{ kind: 'circle'; name: string }>
  | Readonly<{ kind: 'too_deep'; name: string }>
  | Readonly<{ kind: 'unknown'; name: string }>;

/** What is wrong with where a route leads; null when every way ends at a model. */
export function faultOf(
  names: Names & Readonly<{ isModel: (name: string) => boolean }>,
  rule: RouteRule,
  passed: readonly RouteRule[] = [rule],
): RouteFault | null {
  for (const { model, deploymentId } of allTargets(rule)) {
    if (deploymentId !== null) continue;
    const next = findRoute(names, model, passed);
    if (next === null) {
      if (names.isModel(model)) continue;
      if (passed.some(({ name }) => name === model)) return { kind: 'circle', name: model };
      // What another's route leads to besides is its own matter, and its names are not told.
      if (passed.length > 1) continue;
      return { kind: 'unknown', name: model };
    }
    if (passed.length >= DEPTH_MAX) return { kind: 'too_deep', name: model };
    const fault = faultOf(names, next, [...passed, next]);
    if (fault !== null) return fault;
  }
  return null;
}

function isSame(left: RouteTarget, right: RouteTarget): boolean {
  return left.model === right.model && left.deploymentId === right.deploymentId;
}
