/**
 * A quick look at a settled record that says of nearly all of them at once that they are well-formed. Pure. The
 * shape in record.ts is what decides: a value that passes here passes there and comes out as it went in, which
 * record.test.ts holds, and of a value that does not pass here nothing is said. It costs a tenth.
 */
import { CACHE_KINDS, UNITS } from '#pricing/quantities.ts';
import { PRICE_TIERS } from '#pricing/tier.ts';
import type { SettledRecord } from './usage-event.ts';

type Check = (value: unknown) => boolean;

/** What is required stands in the first table, what may be missing in the second. */
type Shape = Readonly<{
  required: ReadonlyMap<string, Check>;
  optional: ReadonlyMap<string, Check>;
}>;

const shape = (
  required: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>>,
): Shape => ({
  required: new Map(Object.entries(required)),
  optional: new Map(Object.entries(optional)),
});

/** Whether a value is an object with all of the shape's required fields and no others than the shape's. */
function fits(value: unknown, { required, optional }: Shape): boolean {
  if (!isObject(value)) return false;
  let found = 0;
  for (const key in value) {
    let check = required.get(key);
    if (check === undefined) check = optional.get(key);
    else found += 1;
    if (check === undefined || !check(value[key])) return false;
  }
  return found === required.size;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Printable ASCII, which is all that our own ids are made of; other texts are for the whole shape to judge. */
const PLAIN_ID = /^[!-~]{1,200}$/;
const PLAIN_NAME = /^[ -~]{1,500}$/;
const DIGITS = /^\d{1,38}$/;
const INSTANT_MAX_MS = 253_402_300_799_999;
const INT32_MAX = 2 ** 31 - 1;

const isId: Check = (value) => typeof value === 'string' && PLAIN_ID.test(value);
const isIdOrNull: Check = (value) => value === null || isId(value);
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isInstant: Check = (value) =>
  typeof value === 'number' && value >= 0 && value <= INSTANT_MAX_MS;
const isInstantOrNull: Check = (value) => value === null || isInstant(value);
const isBelow =
  (max: number): Check =>
  (value) =>
    isCount(value) && Number(value) <= max;
const isOneOf = (values: readonly string[]): Check => {
  const known = new Set<unknown>(values);
  return (value) => known.has(value);
};
const isShortText =
  (max: number): Check =>
  (value) =>
    isId(value) && String(value).length <= max;

const USAGE = shape(
  {
    input: isCount,
    cacheRead: isCount,
    cacheWrite: isCount,
    output: isCount,
    reasoning: isCount,
  },
  { cacheWrite1h: isCount },
);

const UNIT_COUNT = shape(
  {
    unit: isOneOf(UNITS.filter((unit) => unit !== 'token')),
    direction: isOneOf(['input', 'output']),
    count: isCount,
  },
  {},
);
const UNIT_COUNTS_MAX = 20;

const ATTRIBUTES = shape(
  {},
  {
    isThinking: (value) => typeof value === 'boolean',
    cacheKind: isOneOf(CACHE_KINDS),
    resolution: isShortText(40),
    region: isShortText(100),
  },
);

const JOURNAL = shape(
  { run: isShortText(40), sequence: (value) => isCount(value) && Number(value) > 0 },
  {},
);

const SETTLED = shape(
  {
    kind: isOneOf(['settled']),
    requestId: isId,
    attempt: isBelow(INT32_MAX),
    tenantId: isId,
    projectId: isId,
    keyId: isId,
    modelName: (value) => typeof value === 'string' && PLAIN_NAME.test(value),
    modelId: isId,
    priceId: isIdOrNull,
    leaseId: isIdOrNull,
    holdPico: (value) => typeof value === 'string' && DIGITS.test(value),
    admittedAtMs: isInstant,
    outcome: isOneOf(['finished', 'cancelled', 'failed', 'abandoned']),
    status: isBelow(999),
    deploymentId: isIdOrNull,
    replicaId: isIdOrNull,
    usage: (value) => fits(value, USAGE),
    usageSource: isOneOf(['engine', 'counted', 'none']),
    firstByteAtMs: isInstantOrNull,
    settledAtMs: isInstant,
  },
  {
    serviceTier: isOneOf(PRICE_TIERS),
    units: (value) =>
      Array.isArray(value) &&
      value.length <= UNIT_COUNTS_MAX &&
      value.every((each) => fits(each, UNIT_COUNT)),
    attributes: (value) => fits(value, ATTRIBUTES),
    cache: isOneOf(['hit', 'miss']),
    queueMs: isCount,
    errorCode: isId,
    journal: (value) => fits(value, JOURNAL),
  },
);

export function isPlainRecord(value: unknown): value is SettledRecord {
  return fits(value, SETTLED);
}
