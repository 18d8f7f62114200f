/**
 * Who earns how much of a call. Pure. A share is a part of what was paid in basis points, rounded down to
 * whole pico: what is left over stays with the platform, so shares never add up to more than was paid.
 */

/** A version: in force for its model (or, with null, for every model without one) from an instant on. */
export type ShareRule = Readonly<{
  id: string;
  modelId: string | null;
  /** Null sends the model back to the default. */
  basisPoints: number | null;
  authorTenantId: string | null;
  countsOwnUsage: boolean;
  countsFreeUsage: boolean;
  effectiveFromMs: number;
}>;

export const BASIS_POINTS_WHOLE = 10_000n;

/** Sources that nobody paid for: what they cover counts only where a rule says so. */
const FREE_SOURCES: ReadonlySet<string> = new Set(['free_quota', 'grant']);

export type SharedCall = Readonly<{
  tenantId: string;
  modelId: string;
  currency: string;
  amountPico: bigint;
  admittedAtMs: number;
}>;

export type PaidPart = Readonly<{ source: string; amountPico: bigint }>;

export type Earned = Readonly<{
  authorTenantId: string;
  /** The part of the amount that counts. */
  revenuePico: bigint;
  sharePico: bigint;
}>;

/** A model's own version if it has one in force, else the default; the one that began last. */
export function ruleAt(
  rules: readonly ShareRule[],
  modelId: string,
  atMs: number,
): ShareRule | null {
  const own = latest(rules, modelId, atMs);
  return own === null || own.basisPoints === null ? latest(rules, null, atMs) : own;
}

/**
 * Null where nobody earns: no rule, no author, a model of the operator's own, or a call that does not
 * count. A rule holds for what was admitted under it, as a price does.
 */
export function earnedOf(
  call: SharedCall,
  parts: readonly PaidPart[],
  world: Readonly<{
    rules: readonly ShareRule[];
    /** The tenant that published the model; null where the hub does not know it. */
    publisherId: string | null;
    operatorId: string;
  }>,
): Earned | null {
  const rule = ruleAt(world.rules, call.modelId, call.admittedAtMs);
  if (rule === null || rule.basisPoints === null) return null;
  const authorTenantId = rule.authorTenantId ?? world.publisherId;
  if (authorTenantId === null || authorTenantId === world.operatorId) return null;
  if (authorTenantId === call.tenantId && !rule.countsOwnUsage) return null;
  const revenuePico = rule.countsFreeUsage ? call.amountPico : paidOf(call, parts);
  return revenuePico === 0n
    ? null
    : { authorTenantId, revenuePico, sharePico: shareOf(revenuePico, rule.basisPoints) };
}

export function shareOf(revenuePico: bigint, basisPoints: number): bigint {
  return (revenuePico * BigInt(basisPoints)) / BASIS_POINTS_WHOLE;
}

/**
 * What is taken back of a share when a part of its payments is: all of it when all of them are, so that
 * nothing is left over, and never more than was earned.
 */
export function shareOfCredit(
  request: Readonly<{ creditedPico: bigint; amountPico: bigint; sharePico: bigint }>,
): bigint {
  const { creditedPico, amountPico, sharePico } = request;
  if (amountPico <= 0n || creditedPico <= 0n) return 0n;
  return creditedPico >= amountPico ? sharePico : (sharePico * creditedPico) / amountPico;
}

function paidOf({ amountPico }: SharedCall, parts: readonly PaidPart[]): bigint {
  const freePico = parts
    .filter(({ source }) => FREE_SOURCES.has(source))
    .reduce((total, part) => total + part.amountPico, 0n);
  return amountPico - freePico;
}

function latest(
  rules: readonly ShareRule[],
  modelId: string | null,
  atMs: number,
): ShareRule | null {
  let found: ShareRule | null = null;
  for (const rule of rules) {
    if (rule.modelId !== modelId || rule.effectiveFromMs > atMs) continue;
    if (found === null || rule.effectiveFromMs > found.effectiveFromMs) found = rule;
  }
  return found;
}
