/**
 * Stripe's HTTP API, as much of it as payments need: forms out, JSON in, an idempotency key on whatever
 * changes something, bounded time, and a few tries for what a second try can mend. Stripe's own words may
 * quote what they were sent, so errors carry its codes only.
 */
import { Agent, request } from 'undici';
import { codeOf } from '#platform/error.ts';
import { fail } from './errors.ts';

/** What a form holds; nested as `a[b][0][c]`. */
export type Form = Readonly<{
  [field: string]: string | number | boolean | undefined | Form | readonly (string | Form)[];
}>;

export type StripeClient = Readonly<{
  /** Raises `payment.provider_refused`, `payment.provider_unreachable`. */
  post: (path: string, form: Form, idempotencyKey: string) => Promise<unknown>;
  /** Raises as `post` does. */
  get: (path: string, query: Form) => Promise<unknown>;
}>;

/** The version whose objects are read here; without it an account's own setting would decide. */
const API_VERSION = '2026-09-30.dahlia';

/** A person waits for a checkout page. */
const TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 5_000;
const ATTEMPTS_MAX = 3;
const RETRY_AFTER_MS = 500;
const ANSWER_BYTES_MAX = 1024 * 1024;

/** One for all: it keeps connections, and closes them by itself when they are idle. */
export function createStripeAgent(): Agent {
  return new Agent({
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    maxResponseSize: ANSWER_BYTES_MAX,
    connect: { timeout: CONNECT_TIMEOUT_MS },
  });
}

export function createStripeClient(
  options: Readonly<{ agent: Agent; apiBase: string; secretKey: string }>,
): StripeClient {
  const { agent, apiBase, secretKey } = options;
  const headers = {
    authorization: `Bearer ${secretKey}`,
    'stripe-version': API_VERSION,
    'user-agent': 'flywheel',
  };
  return {
    post: (path, form, idempotencyKey) =>
      withRetries(() =>
        ask(new URL(path, apiBase), {
          dispatcher: agent,
          method: 'POST',
          headers: {
            ...headers,
            'content-type': 'application/x-www-form-urlencoded',
            'idempotency-key': idempotencyKey,
          },
          body: encodeForm(form),
        }),
      ),
    get: (path, query) =>
      withRetries(() =>
        ask(new URL(`${path}?${encodeForm(query)}`, apiBase), {
          dispatcher: agent,
          method: 'GET',
          headers,
        }),
      ),
  };
}

export function encodeForm(form: Form): string {
  const pairs = new URLSearchParams();
  const add = (name: string, value: Form[string]): void => {
    if (value === undefined) return;
    if (typeof value !== 'object') return pairs.append(name, String(value));
    // An array's keys are its places, which is how Stripe numbers them.
    for (const [key, each] of Object.entries(value)) add(`${name}[${key}]`, each);
  };
  for (const [name, value] of Object.entries(form)) add(name, value);
  return pairs.toString();
}

type Asked = Readonly<{ value: unknown } | { again: string } | { refused: string }>;

async function ask(url: URL, options: Parameters<typeof request>[1]): Promise<Asked> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const { statusCode, body } = await request(url, { ...options, signal });
    const value = parseJson(await body.text());
    if (statusCode === 200) return value === undefined ? { again: 'no JSON' } : { value };
    const code = codeOfAnswer(value) ?? `status ${statusCode}`;
    // 409: another request with this key is on its way.
    const mayHelp = statusCode === 409 || statusCode === 429 || statusCode >= 500;
    return mayHelp ? { again: code } : { refused: code };
  } catch (error) {
    return { again: codeOf(error) ?? 'no answer' };
  }
}

async function withRetries(call: () => Promise<Asked>): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    const asked = await call();
    if ('value' in asked) return asked.value;
    if ('refused' in asked) {
      throw fail('payment.provider_refused', `Stripe refused this (${asked.refused}).`);
    }
    if (attempt === ATTEMPTS_MAX) {
      throw fail(
        'payment.provider_unreachable',
        `Stripe cannot be reached (${asked.again}). Try again.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS * attempt));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `{ error: { code, type } }`, and both are words of Stripe's own list. */
function codeOfAnswer(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('error' in value)) return null;
  const { error } = value;
  if (typeof error !== 'object' || error === null) return null;
  const word = codeOf(error) ?? ('type' in error ? error.type : null);
  return typeof word === 'string' && /^\w{1,60}$/.test(word) ? word : null;
}
