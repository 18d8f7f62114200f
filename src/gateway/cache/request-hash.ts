/**
 * The name of a request in the cache. Pure. Two requests have one name when they are the same to the
 * model: field order and spaces do not count, nor do fields that only say who asks. Tenant and project
 * are in it, so no two of them ever share an answer; so are the revisions that may answer, so that a new
 * revision starts anew; and so is everything about the dialect that shapes the bytes of an answer.
 */
import { createHash } from 'node:crypto';

export type HashedRequest = Readonly<{
  tenantId: string;
  projectId: string;
  generation: number;
  /** Path, dialect and headers that shape the answer. */
  form: readonly string[];
  /** What may answer, in any order. */
  revisions: readonly string[];
  /** The body as it was sent, parsed. */
  body: unknown;
}>;

/** Who asks and why, in OpenAI's and Anthropic's words; engines make nothing of it. */
const IDENTITY_FIELDS: readonly string[] = [
  'user',
  'metadata',
  'safety_identifier',
  'prompt_cache_key',
  'service_tier',
];

/** 256 bits: a collision would be an answer to another question. */
export function hashRequest(request: HashedRequest): string {
  const { tenantId, projectId, generation, form, revisions, body } = request;
  const head = [tenantId, projectId, generation, form, revisions.toSorted()];
  const digest = createHash('sha256').update(JSON.stringify(head)).update('\n');
  return digest.update(canonical(withoutIdentity(body))).digest('base64url');
}

function withoutIdentity(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(
    Object.entries(body).filter(([name]) => !IDENTITY_FIELDS.includes(name)),
  );
}

/** JSON with the fields of every object in one order. Raises RangeError where it is nested too deeply. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    // Object.entries lists keys that look like numbers first; sorted or not, it is the same for both.
    return Object.fromEntries(Object.entries(part).sort(byName));
  });
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
