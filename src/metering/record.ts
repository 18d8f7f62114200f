/**
 * Journal records as they come back from a disk or over the wire, checked field by field: another version
 * of Flywheel may have written them, or a damaged machine. A record that does not parse is kept aside
 * whole, never guessed at.
 */
import { z } from 'zod';
import { CACHE_KINDS, UNITS } from '#pricing/quantities.ts';
import { PRICE_TIERS } from '#pricing/tier.ts';
import { isPlainRecord } from './plain-record.ts';
import type { AdmittedRecord, ProgressRecord, SettledRecord } from './usage-event.ts';

/** PostgreSQL keeps neither of these in a text; a record with one would stop every record behind it. */
const text = z
  .string()
  .min(1)
  .refine((value) => value.isWellFormed() && !value.includes('\0'), 'not a text a database keeps');
const id = text.max(200);
const count = z.int().min(0);
/** To the end of the year 9999: a date of four digits, which every reader takes. */
const instantMs = z.number().min(0).max(253_402_300_799_999);
/** At most what numeric(38, 0) holds, and never negative: a hold sets aside. */
const pico = z.string().regex(/^\d{1,38}$/);

const usage = z.strictObject({
  input: count,
  cacheRead: count,
  cacheWrite: count,
  cacheWrite1h: count.optional(),
  output: count,
  reasoning: count,
});

/** A request lists a unit and direction once; there are nine units. */
const UNIT_COUNTS_MAX = 20;

const unitCount = z.strictObject({
  unit: z.enum(UNITS).exclude(['token']),
  direction: z.enum(['input', 'output']),
  count,
});

/** A newer gateway may know more of them: what is unknown is dropped, because no price here asks for it. */
const attributes = z.object({
  isThinking: z.boolean().optional(),
  cacheKind: z.enum(CACHE_KINDS).optional(),
  resolution: text.max(40).optional(),
  region: text.max(100).optional(),
});

const identity = {
  requestId: id,
  attempt: z.int32().min(0),
  tenantId: id,
  projectId: id,
  keyId: id,
  modelName: text.max(500),
  modelId: id,
  priceId: id.nullable(),
  leaseId: id.nullable(),
  holdPico: pico,
  admittedAtMs: instantMs,
  serviceTier: z.enum(PRICE_TIERS).optional(),
};

const admitted = z.strictObject({
  ...identity,
  kind: z.literal('admitted'),
  inputEstimate: z.number().min(0),
});

const progress = z.strictObject({
  kind: z.literal('progress'),
  requestId: id,
  attempt: count,
  usage,
});

/** What decides; `parseSettled` asks it only of what the quick look does not let through. */
export const settledShape = z.strictObject({
  ...identity,
  kind: z.literal('settled'),
  outcome: z.enum(['finished', 'cancelled', 'failed', 'abandoned']),
  status: z.int().min(0).max(999),
  deploymentId: id.nullable(),
  replicaId: id.nullable(),
  usage,
  usageSource: z.enum(['engine', 'counted', 'none']),
  units: z.array(unitCount).max(UNIT_COUNTS_MAX).optional(),
  attributes: attributes.optional(),
  firstByteAtMs: instantMs.nullable(),
  settledAtMs: instantMs,
  cache: z.enum(['hit', 'miss']).optional(),
  queueMs: count.optional(),
  errorCode: id.optional(),
  journal: z.strictObject({ run: text.max(40), sequence: z.int().min(1) }).optional(),
});

const opened = z.discriminatedUnion('kind', [admitted, progress, settledShape]);

/** Null when the value is not a settled record; `reason` says why, without its values. */
export function parseSettled(
  value: unknown,
): Readonly<{ record: SettledRecord; reason: null } | { record: null; reason: string }> {
  if (isPlainRecord(value)) return { record: value, reason: null };
  const parsed = settledShape.safeParse(value);
  if (parsed.success) return { record: parsed.data, reason: null };
  const issue = parsed.error.issues[0];
  return {
    record: null,
    reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unreadable'}`,
  };
}

/** Any record of a journal; null when it is not one. */
export function parseRecord(
  payload: Uint8Array,
): AdmittedRecord | ProgressRecord | SettledRecord | null {
  try {
    const parsed = opened.safeParse(JSON.parse(Buffer.from(payload).toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    // Not JSON: the checksum held, so this was written that way; the caller reports it.
    return null;
  }
}
