/** Why a route is refused. */
import { defineErrors } from '#platform/error.ts';

export const failRouting = defineErrors({
  'route.unknown': { status: 404 },
  'route.model_unknown': { status: 404 },
  'route.deployment_unknown': { status: 404 },
  'route.weights_zero': { status: 400 },
  'route.target_repeated': { status: 400 },
  'route.circle': { status: 400 },
  'route.too_deep': { status: 400 },
  'route.platform_refused': { status: 403 },
  'route.too_many': { status: 409 },
});
