/**
 * Which requests the gateway answers itself. Pure. Everything at a wire's own paths is ours, known or not;
 * `/internal` is for gateways and nodes and is never reached through the front door, however it is
 * spelled; the rest is control's.
 */
import type { ResponsePage } from './responses/response-pages.ts';
import { ENDPOINTS, dialectAt } from './wire/endpoints.ts';
import { openAiDialect } from './wire/openai/dialect.ts';
import { type TaskPage, taskPage } from './wire/dashscope/task.ts';
import type { Dialect, Endpoint } from './wire/wire.ts';

export type Destination =
  | Readonly<{ kind: 'call'; endpoint: Endpoint }>
  | Readonly<{ kind: 'models'; dialect: Dialect }>
  | Readonly<{ kind: 'model'; name: string; dialect: Dialect }>
  | Readonly<{ kind: 'response'; page: ResponsePage }>
  | Readonly<{ kind: 'task'; page: TaskPage; dialect: Dialect }>
  | Readonly<{ kind: 'health' | 'ready' | 'metrics' }>
  | Readonly<{ kind: 'method_not_allowed'; allow: string; dialect: Dialect }>
  | Readonly<{ kind: 'unknown'; dialect: Dialect }>
  | Readonly<{ kind: 'hidden' }>
  /** `isKept`: what keys keep there, so that the rules of their networks hold for it too. */
  | Readonly<{ kind: 'control'; isKept?: true }>;

const OWN_PAGES: Readonly<Record<string, 'health' | 'ready' | 'metrics'>> = {
  '/healthz': 'health',
  '/readyz': 'ready',
  '/metrics': 'metrics',
};

const RESPONSE = /^\/v1\/responses\/(?<id>[^/]+)(?<items>\/input_items)?$/;
/** Files and batches, in OpenAI's dialect. */
const KEPT_BY_CONTROL = /^(?:\/compatible-mode)?\/v1\/(?:files|batches)(?:\/|$)/;
const MODELS = /^(?:\/compatible-mode)?\/v1\/models(?:\/(?<name>.*))?$/;

export function destinationOf(method: string, url: string): Destination {
  const endpoint = ENDPOINTS.get(url);
  // The hot path: no query, no escapes, nothing to decode.
  if (endpoint !== undefined && method === 'POST') return { kind: 'call', endpoint };
  const path = plainPath(url);
  if (path === null) return { kind: 'unknown', dialect: openAiDialect };
  if (/^\/internal(?:\/|$)/i.test(path)) return { kind: 'hidden' };
  const own = OWN_PAGES[path];
  if (own !== undefined) return reading(method, { kind: own });
  if (KEPT_BY_CONTROL.test(path)) return { kind: 'control', isKept: true };
  const dialect = dialectAt(path);
  return dialect === null ? { kind: 'control' } : ownPath(method, path, dialect);
}

function ownPath(method: string, path: string, dialect: Dialect): Destination {
  const endpoint = ENDPOINTS.get(path);
  if (endpoint !== undefined) {
    return method === 'POST'
      ? { kind: 'call', endpoint }
      : { kind: 'method_not_allowed', allow: 'POST', dialect };
  }
  const kept = RESPONSE.exec(path)?.groups;
  if (kept !== undefined)
    return keptResponse(method, kept['id'] ?? '', kept['items'] !== undefined);
  const task = taskPage(path);
  if (task !== null) return taskAt(method, task, dialect);
  const models = MODELS.exec(path);
  if (models === null) return { kind: 'unknown', dialect };
  const name = models.groups?.['name'] ?? '';
  return reading(
    method,
    name === '' ? { kind: 'models', dialect } : { kind: 'model', name, dialect },
    dialect,
  );
}

function keptResponse(method: string, id: string, isItems: boolean): Destination {
  const part = isItems ? 'input_items' : 'response';
  if (method === 'GET') return { kind: 'response', page: { method, id, part } };
  if (method === 'DELETE' && !isItems) return { kind: 'response', page: { method, id, part } };
  const allow = isItems ? 'GET' : 'GET, DELETE';
  return { kind: 'method_not_allowed', allow, dialect: openAiDialect };
}

function taskAt(method: string, page: TaskPage, dialect: Dialect): Destination {
  const allow = page.action === 'cancel' ? 'POST' : 'GET';
  if (method === allow) return { kind: 'task', page, dialect };
  return { kind: 'method_not_allowed', allow, dialect };
}

function reading(
  method: string,
  destination: Destination,
  dialect: Dialect = openAiDialect,
): Destination {
  if (method === 'GET' || method === 'HEAD') return destination;
  return { kind: 'method_not_allowed', allow: 'GET, HEAD', dialect };
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
