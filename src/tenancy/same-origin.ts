/**
 * Cross-site request forgery: a write that rides on a session cookie must come from our own page.
 * Browsers say so in `Sec-Fetch-Site`, which no page can forge; where that is missing (plain http on
 * a network address) the `Origin` must name the host that the browser asked. Pure.
 */

const READS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

export type OriginRequest = Readonly<{ method: string; headers: Headers }>;

/** True when a cookie on this request may be believed. `publicUrl` is where people reach us. */
export function isSameOrigin(request: OriginRequest, publicUrl: string): boolean {
  if (READS.includes(request.method)) return true;
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin' || site === 'none';
  const origin = request.headers.get('origin');
  if (origin === null) return false;
  return origin === new URL(publicUrl).origin || hostsOf(request.headers).includes(hostOf(origin));
}

/** The host as the browser typed it: the gateway in front passes it on as `x-forwarded-host`. */
function hostsOf(headers: Headers): readonly (string | null)[] {
  return [headers.get('x-forwarded-host') ?? headers.get('host')];
}

/** Never null, so that a malformed origin cannot equal a missing host. */
function hostOf(origin: string): string {
  return URL.parse(origin)?.host ?? 'invalid origin';
}
