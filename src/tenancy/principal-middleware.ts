/** Puts the caller on every request of our own API, or answers 401; refuses forged cookie writes. */
import type { MiddlewareHandler } from 'hono';
import { secretOf } from './access.ts';
import { fail } from './errors.ts';
import type { CloudEnv } from './principal.ts';
import { isSameOrigin } from './same-origin.ts';
import type { Tenancy } from './tenancy.ts';

export function createPrincipalMiddleware(
  tenancy: Pick<Tenancy, 'authenticate' | 'publicUrl'>,
): MiddlewareHandler<CloudEnv> {
  return async (context, next) => {
    const request = context.req.raw;
    const principal = await tenancy.authenticate(request.headers);
    if (principal === null && secretOf(request.headers) !== null) {
      throw fail('auth.key_invalid', 'This key is unknown, revoked or expired.');
    }
    if (principal === null) {
      throw fail('auth.missing', 'Sign in, or send a key as "Authorization: Bearer …".');
    }
    if (principal.keyId === null && !isSameOrigin(request, tenancy.publicUrl)) {
      throw fail('auth.cross_site', 'This request came from another web page.');
    }
    context.set('principal', principal);
    await next();
  };
}
