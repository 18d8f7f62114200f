/**
 * Control's own calls to a provider: what models it lists, which also proves its address and its key.
 * Bounded in time and bytes, redirects are not followed (the key belongs to one address), and what goes
 * wrong is said without the provider's words, which may quote the key.
 */
import { Agent, request } from 'undici';
import { z } from 'zod';
import { FlywheelError, codeOf, messageOf } from '#platform/error.ts';
import { createGuardedLookup, isPrivateHost } from '#platform/public-address.ts';
import type { ProviderDialect } from './api.ts';
import { fail } from './errors.ts';

export type UpstreamTarget = Readonly<{
  dialect: ProviderDialect;
  baseUrl: string;
  allowsPrivate: boolean;
  apiKey: string;
}>;

export type ListedModel = Readonly<{ id: string; contextLength: number | null }>;

export type UpstreamClient = Readonly<{
  /** Null where the provider has no such list. Raises `provider.*`. */
  listModels: (target: UpstreamTarget) => Promise<readonly ListedModel[] | null>;
  stop: () => Promise<void>;
}>;

/** A person waits for this. */
const TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** The longest lists in use have some hundreds of models with prices and prose, about 1 MB. */
const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
const MODELS_MAX = 5_000;
/** Of an error's explanation, read away and never shown. */
const REFUSAL_BYTES_MAX = 64 * 1024;

export function createUpstreamClient(timeoutMs = TIMEOUT_MS): UpstreamClient {
  const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
  const open = new Agent({ ...timeouts, connect: { timeout: CONNECT_TIMEOUT_MS } });
  const guarded = new Agent({
    ...timeouts,
    connect: { timeout: CONNECT_TIMEOUT_MS, lookup: createGuardedLookup(denied) },
  });
  return {
    listModels: async (target) => {
      const url = new URL(listUrl(target));
      if (!target.allowsPrivate && isPrivateHost(url)) throw denied();
      try {
        const { statusCode, headers, body } = await request(url, {
          dispatcher: target.allowsPrivate ? open : guarded,
          headers: {
            ...authorization(target),
            accept: 'application/json',
            'user-agent': 'flywheel',
          },
          signal: AbortSignal.timeout(timeoutMs),
        });
        if (statusCode === 200) return parseList(await readText(body));
        await body.dump({ limit: REFUSAL_BYTES_MAX });
        if (statusCode === 404 || statusCode === 405 || statusCode === 501) return null;
        throw refusal(statusCode, headers['retry-after']);
      } catch (error) {
        throw asProviderError(error);
      }
    },
    stop: async () => {
      await Promise.all([open.destroy(), guarded.destroy()]);
    },
  };
}

/** Addresses are given as each dialect's own SDK takes them. */
function listUrl({ dialect, baseUrl }: UpstreamTarget): string {
  if (dialect === 'openai') return `${baseUrl}/models`;
  if (dialect === 'anthropic') return `${baseUrl.replace(/\/v1$/, '')}/v1/models?limit=1000`;
  return `${baseUrl.replace(/\/(?:compatible-mode\/v1|api\/v1)$/, '')}/compatible-mode/v1/models`;
}

function authorization({ dialect, apiKey }: UpstreamTarget): Record<string, string> {
  if (dialect !== 'anthropic') return { authorization: `Bearer ${apiKey}` };
  return { 'x-api-key': apiKey, 'anthropic-version': '2023-06-01' };
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of body) {
    sizeBytes += part.length;
    if (sizeBytes > ANSWER_BYTES_MAX) throw invalidAnswer();
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

const contextLength = z.number().int().positive().max(100_000_000).optional().catch(undefined);

/** Names of the context length differ; a list without any is a list all the same. */
const listSchema = z.object({
  data: z
    .array(
      z.object({
        id: z.string().min(1).max(200),
        context_length: contextLength,
        context_window: contextLength,
        max_context_length: contextLength,
        max_input_tokens: contextLength,
      }),
    )
    .max(MODELS_MAX),
});

function parseList(text: string): readonly ListedModel[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidAnswer();
  }
  const parsed = listSchema.safeParse(value);
  if (!parsed.success) throw invalidAnswer();
  return parsed.data.data.map((model) => ({
    id: model.id,
    contextLength:
      model.context_length ??
      model.context_window ??
      model.max_context_length ??
      model.max_input_tokens ??
      null,
  }));
}

function refusal(status: number, retryAfter: string | string[] | undefined): FlywheelError {
  if (status === 401 || status === 403) {
    return fail('provider.key_refused', 'The provider refuses this key.');
  }
  if (status === 402) {
    return fail('provider.out_of_credit', 'The account at the provider has no credit left.');
  }
  if (status === 429 || status === 503) {
    const seconds = Number(retryAfter);
    const wait = seconds > 0 ? { retryAfterMs: Math.min(seconds, 3600) * 1000 } : {};
    return fail('provider.busy', 'The provider is busy. Please try again.', wait);
  }
  if (status >= 300 && status < 400) {
    return fail(
      'provider.answer_invalid',
      'The provider redirects to another address. Give that address, if you trust it with the key.',
    );
  }
  return fail('provider.unreachable', `The provider failed with status ${status}.`);
}

function asProviderError(error: unknown): FlywheelError {
  if (error instanceof FlywheelError) return error;
  const cause = error instanceof Error ? error.cause : null;
  if (cause instanceof FlywheelError) return cause;
  // The text of a socket's error names the address; its code says enough.
  const why = codeOf(error) ?? (messageOf(error).includes('timeout') ? 'timeout' : 'broken');
  return fail('provider.unreachable', `The provider cannot be reached (${why}).`);
}

function invalidAnswer(): FlywheelError {
  return fail(
    'provider.answer_invalid',
    'What answers at this address is no API of this kind. Is the address complete?',
  );
}

function denied(): FlywheelError {
  return fail(
    'provider.address_denied',
    'The address of this provider is not on the public Internet. Only the operator may allow that.',
    { param: 'baseUrl' },
  );
}
