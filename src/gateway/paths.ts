/**
 * Which requests the gateway answers itself. Pure. Everything under `/v1` is ours, known or not;
 * `/internal` is for gateways and nodes and is never reached through the front door, however it is
 * spelled; the rest is control's.
 */
import type { Operation } from './wire/openai/request.ts';

export type Destination =
  | Readonly<{ kind: 'operation'; operation: Operation }>
  | Readonly<{ kind: 'models' }>
  | Readonly<{ kind: 'model'; name: string }>
  | Readonly<{ kind: 'health' | 'ready' | 'metrics' }>
  | Readonly<{ kind: 'method_not_allowed'; allow: string }>
  | Readonly<{ kind: 'unknown' }>
  | Readonly<{ kind: 'hidden' }>
  | Readonly<{ kind: 'control' }>;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  '/v1/chat/completions': 'chat',
  '/v1/completions': 'completions',
  '/v1/embeddings': 'embeddings',
};

const OWN_PAGES: Readonly<Record<string, 'health' | 'ready' | 'metrics'>> = {
  '/healthz': 'health',
  '/readyz': 'ready',
  '/metrics': 'metrics',
};

const MODELS = '/v1/models';

export function destinationOf(method: string, url: string): Destination {
  const operation = OPERATIONS[url];
  // The hot path: no query, no escapes, nothing to decode.
  if (operation !== undefined && method === 'POST') return { kind: 'operation', operation };
  const path = plainPath(url);
  if (path === null) return { kind: 'unknown' };
  if (/^\/internal(?:\/|$)/i.test(path)) return { kind: 'hidden' };
  const own = OWN_PAGES[path];
  if (own !== undefined) return reading(method, { kind: own });
  if (path !== '/v1' && !path.startsWith('/v1/')) return { kind: 'control' };
  return versionOne(method, path);
}

function versionOne(method: string, path: string): Destination {
  const operation = OPERATIONS[path];
  if (operation !== undefined) {
    return method === 'POST'
      ? { kind: 'operation', operation }
      : { kind: 'method_not_allowed', allow: 'POST' };
  }
  if (path === MODELS || path === `${MODELS}/`) return reading(method, { kind: 'models' });
  if (path.startsWith(`${MODELS}/`)) {
    return reading(method, { kind: 'model', name: path.slice(MODELS.length + 1) });
  }
  return { kind: 'unknown' };
}

function reading(method: string, destination: Destination): Destination {
  if (method === 'GET' || method === 'HEAD') return destination;
  return { kind: 'method_not_allowed', allow: 'GET, HEAD' };
}

/** Dots resolved, escapes decoded, slashes merged: the path as any server behind us might read it. */
function plainPath(url: string): string | null {
  const parsed = URL.parse(url.replace(/^\/+/, '/'), 'http://gateway');
  if (parsed === null) return null;
  try {
    return decodeURIComponent(parsed.pathname).replaceAll(/\/{2,}|\\+/g, '/');
  } catch {
    return null;
  }
}
