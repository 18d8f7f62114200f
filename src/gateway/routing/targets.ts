/**
 * What a name in a request leads to: one model, or the models of a route in the order in which they are to
 * be tried. Pure. Rights are those of the model that answers: what the key may not call is left out, and
 * where nothing is left the refusal names only what the caller named.
 */
import { crc32 } from 'node:zlib';
import { FlywheelError } from '#platform/error.ts';
import type { FallbackCondition } from '#routing/api.ts';
import { type Names, type RouteRule, findRoute, unfoldRoute } from '#routing/route.ts';
import { admitModel } from '../admission.ts';
import type { KeyIdentity } from '../control-client.ts';
import { failRequest } from '../errors.ts';
import { type FeedView, type ServedModel, findModel } from '../feed-view.ts';
import type { Reply } from '../reply.ts';

export type Target = Readonly<{
  served: ServedModel;
  deploymentId: string | null;
}>;

export type TargetPlan = Readonly<{
  /** Null where the name is a model's own. */
  route: RouteRule | null;
  /** At least one. */
  targets: readonly Target[];
}>;

export type TargetRequest = Readonly<{
  name: string;
  requestId: string;
  /** What the caller calls its session, if anything. */
  session: string | null;
}>;

/** Raises what `admitModel` raises. */
export function planTargets(view: FeedView, key: KeyIdentity, request: TargetRequest): TargetPlan {
  const names = namesFor(view, key.tenantId);
  const route = view.routes.size === 0 ? null : findRoute(names, request.name);
  if (route === null) {
    return {
      route,
      targets: [{ served: admitModel(view, key, request.name), deploymentId: null }],
    };
  }
  const unfolded = unfoldRoute(names, route, (rule, purpose) =>
    drawFor(`${rule.id} ${purpose} ${subjectOf(rule, key, request)}`),
  );
  const targets: Target[] = [];
  let refused: FlywheelError | null = null;
  for (const { model, deploymentId } of unfolded) {
    const admitted = tryAdmit(view, key, model);
    if (admitted instanceof FlywheelError) refused ??= admitted;
    else targets.push({ served: admitted, deploymentId });
  }
  if (targets.length === 0) throw refusalOf(refused, request.name);
  return { route, targets };
}

export function namesFor(view: FeedView, tenantId: string): Names {
  return {
    tenantId,
    routesNamed: (name) => view.routes.get(name) ?? [],
    isOwnModel: (name) => findModel(view, name, tenantId)?.model.tenantId === tenantId,
  };
}

function tryAdmit(view: FeedView, key: KeyIdentity, model: string): ServedModel | FlywheelError {
  try {
    return admitModel(view, key, model);
  } catch (error) {
    if (error instanceof FlywheelError) return error;
    throw error;
  }
}

/** The words of the first refusal, unless they would tell the name of what is behind the route. */
function refusalOf(refused: FlywheelError | null, name: string): FlywheelError {
  if (refused?.code === 'model_not_allowed') {
    return failRequest('model_not_allowed', `This API key may not call what ${name} leads to.`, {
      param: 'model',
    });
  }
  if (refused !== null && refused.code !== 'model_not_found') return refused;
  return failRequest('model_not_found', `${JSON.stringify(name)} leads to no model here.`, {
    param: 'model',
  });
}

function subjectOf({ sticky }: RouteRule, key: KeyIdentity, request: TargetRequest): string {
  if (sticky === 'none') return request.requestId;
  return sticky === 'session' && request.session !== null
    ? `${key.tenantId} ${request.session}`
    : key.id;
}

/** A number from 0 up to 1, equal for equal texts. */
export function drawFor(text: string): number {
  // The checksum of texts that differ little differs in few bits; these steps spread them (murmur3).
  let hash = crc32(text);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

const CONDITIONS: Readonly<Record<string, FallbackCondition>> = {
  model_not_ready: 'unavailable',
  server_is_overloaded: 'overloaded',
  queue_wait_too_long: 'overloaded',
  upstream_failed: 'error',
  upstream_invalid: 'error',
  upstream_truncated: 'error',
  upstream_timeout: 'timeout',
};

/** A limit of the caller's leaves this target out, as its key may: the next one is what the name means to it. */
const LEFT_OUT = new Set(['model_not_allowed', 'model_not_priced', 'region_not_allowed']);

/** Whether a failure is of the kind for which the route goes on; a caller's own mistake never is. */
export function allowsFallback(route: RouteRule | null, error: unknown): boolean {
  if (route === null || !(error instanceof FlywheelError)) return false;
  if (LEFT_OUT.has(error.code)) return true;
  const condition = CONDITIONS[error.code];
  return condition !== undefined && route.fallbackOn.includes(condition);
}

/** Says in headers what stands behind the name that was asked for, and which of it answers. */
export function nameServed(
  reply: Pick<Reply, 'setHeader'>,
  route: RouteRule,
  served: Readonly<{ model: string; deploymentId: string }>,
): void {
  reply.setHeader('x-flywheel-route', route.name);
  reply.setHeader('x-flywheel-model', served.model);
  reply.setHeader('x-flywheel-deployment', served.deploymentId);
}
