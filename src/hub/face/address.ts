/** How Hugging Face's clients address things, and what they send: kinds, origins, bodies with a limit. Pure but for reading. */
import type { Context } from 'hono';
import type { z } from '@hono/zod-openapi';
import type { RepositoryKind } from '../api.ts';
import { failHub } from '../errors.ts';
import type { RepositoryId } from '../repositories/repositories.ts';

/** `/api/models/…`, `/api/datasets/…`, `/api/spaces/…`. */
export const KINDS: Readonly<Record<string, RepositoryKind>> = {
  models: 'model',
  datasets: 'dataset',
  spaces: 'space',
};

export const REPOSITORY = '/api/:kinds{(?:models|datasets|spaces)}/:owner/:name';

/** Which repository an address names, under `/api` or before `resolve`. */
export function idOf(context: Context): RepositoryId {
  const kind = KINDS[param(context, 'kinds')] ?? 'model';
  return { kind, name: `${param(context, 'owner')}/${param(context, 'name')}` };
}

export function param(context: Context, name: string): string {
  return context.req.param(name) ?? '';
}

/** As people see the address of a repository: models have no prefix. */
export function pathOf({ kind, name }: RepositoryId): string {
  return kind === 'model' ? name : `${kind}s/${name}`;
}

/** Where the caller reached us, also behind the gateway. */
export function originOf(context: Context): string {
  const url = new URL(context.req.url);
  const host = context.req.header('x-forwarded-host') ?? url.host;
  const scheme = context.req.header('x-forwarded-proto') ?? url.protocol.replace(':', '');
  return `${scheme}://${host}`;
}

/** The same address with a cursor, as the caller wrote it: paths and filters stay. */
export function linkNext(context: Context, cursor: string): void {
  const url = new URL(context.req.url);
  url.searchParams.set('cursor', cursor);
  context.header('link', `<${originOf(context)}${url.pathname}${url.search}>; rel="next"`);
}

export function isSet(value: string | undefined): boolean {
  return /^(?:true|1)$/i.test(value ?? '');
}

/** The body as it streams; nothing where there is none. */
export async function* bodyOf(context: Context): AsyncGenerator<Uint8Array> {
  if (context.req.raw.body !== null) yield* context.req.raw.body;
}

/** Some hundred paths with their samples; files go another way. */
const JSON_BYTES_MAX = 8 * 1024 * 1024;

/** Raises `commit.too_large`, `commit.invalid`. An empty body is an empty object. */
export async function readJson<Schema extends z.ZodType>(
  context: Context,
  schema: Schema,
  bytesMax: number = JSON_BYTES_MAX,
): Promise<z.output<Schema>> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of bodyOf(context)) {
    bytes += part.length;
    if (bytes > bytesMax)
      throw failHub('commit.too_large', `A request has ${bytesMax} bytes at most.`);
    parts.push(part);
  }
  const result = schema.safeParse(parseJson(Buffer.concat(parts).toString('utf8') || '{}'));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw failHub(
    'commit.invalid',
    `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'invalid'}`,
  );
}

/** Undefined for what is no JSON, which fits no schema. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
