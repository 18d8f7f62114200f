/**
 * The CAS server that Xet's clients speak to, under `/xet`. Sources: xet-core's openapi/cas.openapi.yaml,
 * huggingface.co/docs/xet/api. Errors are their plain shape; what a client does next hangs on the status
 * alone: 401 asks the hub for a token, 403 on bytes asks for new addresses, 416 is the end of a file, 404
 * on `v2` would make it fall back.
 */
import { type Context, Hono } from 'hono';
import { FlywheelError } from '#platform/error.ts';
import { failXet } from './errors.ts';
import { requireHash } from './hash.ts';
import type { Fetch, Reconstruction, Span } from './reconstruction.ts';
import { SHARD_BYTES_MAX, type Term } from './shard.ts';
import { type Grant, URL_SPANS_MAX } from './signing.ts';
import { sendSpans } from './spans-response.ts';
import type { Xet } from './xet.ts';
import { XORB_UPLOAD_BYTES_MAX } from './xorb.ts';

/** Both are asked for by clients, whatever the description of the protocol says. */
const PREFIXES = new Set(['default', 'default-merkledb']);

export function createXetRoutes(xet: Xet): Hono {
  const cas = new Hono();
  cas.onError((error) => refuse(error));
  const grantOf = (context: Context, access: Grant['access']): Grant =>
    xet.signing.require(context.req.header('authorization'), access);

  cas.get('/v1/chunks/:prefix/:hash', async (context) => {
    const { tenantId } = grantOf(context, 'read');
    requirePrefix(context);
    const shard = await xet.queryChunk(tenantId, requireHash(context.req.param('hash')));
    return context.body(shard, 200, { 'content-type': 'application/octet-stream' });
  });

  cas.post('/v1/xorbs/:prefix/:hash', async (context) => {
    const { tenantId } = grantOf(context, 'write');
    requirePrefix(context);
    const hash = requireHash(context.req.param('hash'));
    const body = bodyOf(context, XORB_UPLOAD_BYTES_MAX, () =>
      failXet('xet.xorb_too_large', 'A xorb has 64 MiB at most.'),
    );
    const isNew = await xet.bodies.read(body, (bytes) => xet.putXorb(tenantId, hash, bytes));
    return context.json({ was_inserted: isNew });
  });

  cas.get('/v1/xorbs/:prefix/:hash', (context) => {
    const hash = requireHash(context.req.param('hash'));
    return sendSpans(context, xet, hash, xet.signing.readSpans(hash, context.req.query()));
  });

  const readShard = <T>(context: Context, work: (bytes: Uint8Array) => Promise<T>): Promise<T> => {
    const tooLarge = (): Error => failXet('xet.shard_too_large', 'A shard has 64 MiB at most.');
    return xet.bodies.read(bodyOf(context, SHARD_BYTES_MAX, tooLarge), work);
  };
  cas.post('/v1/shards', async (context) => {
    const { tenantId } = grantOf(context, 'write');
    await readShard(context, async (bytes) => {
      for await (const _ of xet.putShard(tenantId, bytes));
    });
    return context.json({ result: 1 });
  });
  cas.post('/v2/shards', async (context) => {
    const { tenantId } = grantOf(context, 'write');
    const bytes = await readShard(context, async (read) => read);
    const events = shardEvents(xet, tenantId, bytes);
    return new Response(ReadableStream.from(events), {
      headers: { 'content-type': 'application/x-ndjson' },
    });
  });

  const plan = async (context: Context): Promise<Reconstruction | null> => {
    const scope = grantOf(context, 'read');
    const hash = requireHash(context.req.param('hash') ?? '');
    return xet.reconstruct(scope, hash, rangeOf(context));
  };
  cas.get('/v1/reconstructions/:hash', async (context) => {
    const found = await plan(context);
    return found === null ? pastEnd() : context.json(answerV1(context, xet, found));
  });
  cas.get('/v2/reconstructions/:hash', async (context) => {
    const found = await plan(context);
    return found === null ? pastEnd() : context.json(answerV2(context, xet, found));
  });

  // Clients report their speed here; nobody reads it.
  cas.post('/v1/telemetry', (context) => context.json({}));
  cas.all('*', (context) => context.json({ error: 'There is no such address.' }, 404));
  return new Hono().route('/xet', cas);
}

/** One line for each step, and one that ends it: a failure too, since the status is sent by then. */
async function* shardEvents(
  xet: Xet,
  tenantId: string,
  bytes: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const line = (event: object): Uint8Array => Buffer.from(`${JSON.stringify(event)}\n`);
  try {
    for await (const progress of xet.putShard(tenantId, bytes)) {
      yield line({ type: 'validating', ...progress });
    }
    yield line({ type: 'result' });
  } catch (error) {
    const isKnown = error instanceof FlywheelError;
    const message = isKnown ? error.message : 'The shard was not registered.';
    yield line({ type: 'error', message, retryable: !isKnown || error.retryable });
  }
}

function answerV1(context: Context, xet: Xet, { skippedBytes, terms, fetches }: Reconstruction) {
  const infos = [...fetches].map(([xorb, stretches]) => [
    xorb,
    stretches.map(({ chunks, bytes }) => ({
      range: chunks,
      url: urlOf(context, xet, xorb, [bytes]),
      url_range: lastIncluded(bytes),
    })),
  ]);
  return {
    offset_into_first_range: skippedBytes,
    terms: terms.map((term) => termOf(term)),
    fetch_info: Object.fromEntries(infos),
  };
}

function answerV2(context: Context, xet: Xet, { skippedBytes, terms, fetches }: Reconstruction) {
  const xorbs = [...fetches].map(([xorb, stretches]) => [
    xorb,
    groupsOf(stretches).map((group) => ({
      url: urlOf(
        context,
        xet,
        xorb,
        group.map(({ bytes }) => bytes),
      ),
      ranges: group.map(({ chunks, bytes }) => ({ chunks, bytes: lastIncluded(bytes) })),
    })),
  ]);
  return {
    offset_into_first_range: skippedBytes,
    terms: terms.map((term) => termOf(term)),
    xorbs: Object.fromEntries(xorbs),
  };
}

function groupsOf(stretches: readonly Fetch[]): readonly (readonly Fetch[])[] {
  const count = Math.ceil(stretches.length / URL_SPANS_MAX);
  return Array.from({ length: count }, (_, index) =>
    stretches.slice(index * URL_SPANS_MAX, (index + 1) * URL_SPANS_MAX),
  );
}

function termOf({ xorb, start, end, sizeBytes }: Term) {
  return { hash: xorb, unpacked_length: sizeBytes, range: { start, end } };
}

/** As the Range header says it. */
function lastIncluded({ start, end }: Span): Span {
  return { start, end: end - 1 };
}

function urlOf(context: Context, xet: Xet, xorb: string, spans: readonly Span[]): string {
  return `${casUrl(context)}/v1/xorbs/default/${xorb}?${xet.signing.signSpans(xorb, spans)}`;
}

/** Where clients find this server: at the address that they came to. */
export function casUrl(context: Context): string {
  const url = new URL(context.req.url);
  const host = context.req.header('x-forwarded-host') ?? url.host;
  const scheme = context.req.header('x-forwarded-proto') ?? url.protocol.replace(':', '');
  return `${scheme}://${host}/xet`;
}

function rangeOf(context: Context): Span | null {
  const match = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(context.req.header('range') ?? '');
  if (match === null) return null;
  const [, start = '0', last = ''] = match;
  return { start: Number(start), end: last === '' ? Number.MAX_SAFE_INTEGER : Number(last) + 1 };
}

function pastEnd(): Response {
  return Response.json({ error: 'The range starts behind the end of the file.' }, { status: 416 });
}

function bodyOf(context: Context, maxBytes: number, tooLarge: () => Error) {
  const length = context.req.header('content-length');
  const lengthBytes = length === undefined ? null : Number(length);
  return { stream: context.req.raw.body, lengthBytes, maxBytes, tooLarge };
}

function requirePrefix(context: Context): void {
  if (PREFIXES.has(context.req.param('prefix') ?? '')) return;
  throw failXet('xet.hash_invalid', 'The prefix of a hash is default.');
}

function refuse(error: Error): Response {
  if (!(error instanceof FlywheelError)) throw error;
  const { message, status, code } = error;
  return Response.json({ error: message }, { status, headers: { 'x-error-code': code } });
}
