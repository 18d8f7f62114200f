/**
 * GET for imports: redirects followed by hand so that a token never leaves the origin it was given
 * for and every hop is judged, time limits on every step, and errors in words for a person.
 */
import { Agent, type Dispatcher, request } from 'undici';
import type { z } from '@hono/zod-openapi';
import { FlywheelError, codeOf, messageOf } from '#platform/error.ts';
import { failImport } from '../errors.ts';
import { guardedLookup, requirePublicHost } from './address.ts';

export type SourceResponse = Readonly<{
  status: number;
  /** Of the last hop. */
  headers: Readonly<Record<string, string>>;
  /** Of every hop, the first first: Hugging Face says the checksum before it redirects. */
  hops: readonly Readonly<Record<string, string>>[];
  body: Dispatcher.ResponseData['body'];
}>;

export type SourceRequest = Readonly<{
  url: string;
  headers?: Readonly<Record<string, string>>;
  /** Bearer token for the origin of `url`. */
  token: string | null;
  /** Whether private addresses may be reached. */
  isOperator: boolean;
  signal: AbortSignal;
}>;

export type SourceClient = Readonly<{
  get: (asked: SourceRequest) => Promise<SourceResponse>;
  getJson: <Schema extends z.ZodType>(
    asked: SourceRequest,
    schema: Schema,
  ) => Promise<Readonly<{ value: z.output<Schema>; headers: Readonly<Record<string, string>> }>>;
  stop: () => Promise<void>;
}>;

const REDIRECTS_MAX = 8;
const CONNECT_TIMEOUT_MS = 15_000;
const HEADERS_TIMEOUT_MS = 60_000;
/** Silence in the middle of a body; then the connection counts as broken and is tried again. */
const BODY_TIMEOUT_MS = 60_000;
/** A listing of some ten thousand files. */
const JSON_BYTES_MAX = 32 * 1024 * 1024;
const DUMP_BYTES_MAX = 64 * 1024;
/** Too early, too slow, too many: the same request may do better later. */
const RETRYABLE: readonly number[] = [408, 425, 429];
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

export function createSourceClient(): SourceClient {
  const timeouts = { headersTimeout: HEADERS_TIMEOUT_MS, bodyTimeout: BODY_TIMEOUT_MS };
  const open = new Agent({ ...timeouts, connect: { timeout: CONNECT_TIMEOUT_MS } });
  const guarded = new Agent({
    ...timeouts,
    connect: { timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup },
  });
  const get = (asked: SourceRequest) => follow(asked, asked.isOperator ? open : guarded);
  return {
    get,
    getJson: async (asked, schema) => {
      const response = await get(asked);
      if (response.status !== 200) throw await refuse(response, asked.url);
      return { value: await readJson(response, asked.url, schema), headers: response.headers };
    },
    stop: async () => {
      await Promise.all([open.destroy(), guarded.destroy()]);
    },
  };
}

async function follow(asked: SourceRequest, dispatcher: Agent): Promise<SourceResponse> {
  const first = new URL(asked.url);
  const hops: Readonly<Record<string, string>>[] = [];
  let url = first;
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
    const response = await hop(asked, { url, first, dispatcher });
    const headers = plainHeaders(response.headers);
    hops.push(headers);
    const location = headers['location'];
    if (!REDIRECTS.includes(response.statusCode) || location === undefined) {
      return { status: response.statusCode, headers, hops, body: response.body };
    }
    await response.body.dump({ limit: DUMP_BYTES_MAX });
    url = resolveLocation(location, url);
  }
  throw failImport('import.source_failed', `${first.host} redirects in circles.`);
}

async function hop(
  asked: SourceRequest,
  { url, first, dispatcher }: { url: URL; first: URL; dispatcher: Agent },
): Promise<Dispatcher.ResponseData> {
  if (!asked.isOperator) requirePublicHost(url);
  const mayKnowToken = asked.token !== null && url.origin === first.origin;
  try {
    return await request(url, {
      dispatcher,
      signal: asked.signal,
      headers: {
        // Sizes, ranges and checksums are those of the plain bytes.
        'accept-encoding': 'identity',
        'user-agent': 'flywheel',
        ...asked.headers,
        ...(mayKnowToken ? { authorization: `Bearer ${asked.token}` } : {}),
      },
    });
  } catch (error) {
    asked.signal.throwIfAborted();
    throw asSourceError(error, url.host);
  }
}

function resolveLocation(location: string, from: URL): URL {
  const url = URL.parse(location, from);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw failImport('import.source_failed', `${from.host} redirects to something that is no URL.`);
}

/** Broken connections become `import.source_failed`; our own errors pass. */
export function asSourceError(error: unknown, host: string): Error {
  if (error instanceof FlywheelError) return error;
  const why = codeOf(error) ?? messageOf(error);
  return failImport('import.source_failed', `${host} cannot be read: ${why}.`, { cause: error });
}

/** The error for an answer that is not the file. Reads the rest of the body away. */
export async function refuse(response: SourceResponse, url: string): Promise<Error> {
  await response.body.dump({ limit: DUMP_BYTES_MAX });
  const { host, pathname } = new URL(url);
  const where = `${host}${pathname}`;
  const { status } = response;
  if (status === 401 || status === 403) {
    return failImport(
      'import.source_denied',
      `${where} needs permission (it answered ${status}). Start the import again with a token.`,
    );
  }
  if (status === 404 || status === 410) {
    return failImport('import.source_missing', `There is nothing at ${where}.`);
  }
  if (status < 500 && !RETRYABLE.includes(status)) {
    return failImport('import.source_refused', `${where} answered ${status}.`);
  }
  const retryAfterS = Number(response.headers['retry-after']);
  const wait = retryAfterS > 0 ? { retryAfterMs: retryAfterS * 1000 } : {};
  return failImport('import.source_failed', `${where} answered ${status}.`, wait);
}

async function readJson<Schema extends z.ZodType>(
  response: SourceResponse,
  url: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  const body: AsyncIterable<Uint8Array> = response.body;
  try {
    for await (const part of body) {
      sizeBytes += part.length;
      if (sizeBytes > JSON_BYTES_MAX) break;
      parts.push(part);
    }
  } catch (error) {
    throw asSourceError(error, new URL(url).host);
  }
  const parsed = schema.safeParse(parseJson(Buffer.concat(parts).toString('utf8')));
  if (parsed.success && sizeBytes <= JSON_BYTES_MAX) return parsed.data;
  throw failImport(
    'import.source_failed',
    `${new URL(url).host} does not list files as a model hub does. Give the URL of one file instead.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is not JSON fits no schema, which is where the caller looks.
    return undefined;
  }
}

function plainHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) plain[name] = first;
  }
  return plain;
}
