/**
 * Who looks at the hub through Hugging Face's clients: a member or a key, or nobody in particular, who
 * sees what is public. A token that is wrong is refused and never taken for nobody.
 */
import type { Context } from 'hono';
import type { Clock } from '#platform/clock.ts';
import { fail as failAuth } from '#tenancy/errors.ts';
import { secretOf } from '#tenancy/access.ts';
import { requirePermission } from '#tenancy/principal.ts';
import { isSameOrigin } from '#tenancy/same-origin.ts';
import type { Tenancy } from '#tenancy/tenancy.ts';
import type { Viewer } from '../repositories/access.ts';
import { createAnonymousRate } from './anonymous-rate.ts';

export type ReadViewer = (context: Context) => Promise<Viewer>;

export function createReadViewer(tenancy: Pick<Tenancy, 'authenticate'>, clock: Clock): ReadViewer {
  const rate = createAnonymousRate(clock);
  return async (context) => {
    const headers = withBearer(context.req.raw.headers);
    const principal = await tenancy.authenticate(headers);
    if (principal !== null) {
      requirePermission(principal, 'model.read');
      return { tenantId: principal.tenantId, principal };
    }
    if (secretOf(headers) !== null) {
      throw failAuth('auth.key_invalid', 'This token is unknown, revoked or expired.');
    }
    // The gateway names the caller; whoever reaches control itself is a process of the cloud.
    rate.count(headers.get('x-forwarded-for') ?? 'control');
    return { tenantId: '', principal: null };
  };
}

/** Git and git-lfs send a token as the password of any name. */
function withBearer(headers: Headers): Headers {
  const [, encoded] = /^basic\s+([A-Za-z0-9+/=]+)$/i.exec(headers.get('authorization') ?? '') ?? [];
  if (encoded === undefined) return headers;
  const words = Buffer.from(encoded, 'base64').toString('utf8');
  const password = words.slice(words.indexOf(':') + 1).replace(/\s/g, '');
  const plain = new Headers(headers);
  plain.set('authorization', `Bearer ${password}`);
  return plain;
}

/** Who changes something: somebody, and from no other web page. Raises `auth.missing`, `auth.cross_site`. */
export function createWriteViewer(
  viewerOf: ReadViewer,
  tenancy: Pick<Tenancy, 'publicUrl'>,
): ReadViewer {
  return async (context) => {
    const viewer = await viewerOf(context);
    if (viewer.principal === null) throw failAuth('auth.missing', 'Send a token.');
    if (viewer.principal.keyId === null && !isSameOrigin(context.req.raw, tenancy.publicUrl)) {
      throw failAuth('auth.cross_site', 'This request came from another web page.');
    }
    return viewer;
  };
}
