/**
 * The three classes of service. A class has a share of the replicas that nobody can take from it while
 * it has work, and no more than its share while the others have: so `priority` goes first for as long
 * as few pay for it, and `flex` is slow but never starved. What a class costs belongs to pricing.
 */
export type ServiceTier = 'flex' | 'default' | 'priority';

/** Best first: who goes first where two classes are equal. */
export const SERVICE_TIERS: readonly ServiceTier[] = ['priority', 'default', 'flex'];

/** Shares of the replicas while all three classes wait: 12, 3 and 1 of 16. */
export const TIER_WEIGHTS: Readonly<Record<ServiceTier, number>> = {
  priority: 12,
  default: 3,
  flex: 1,
};

/** What callers write, in OpenAI's words; `scale` is a contract we do not sell, so it is the default. */
const NAMES: Readonly<Record<string, ServiceTier>> = {
  auto: 'default',
  default: 'default',
  scale: 'default',
  flex: 'flex',
  priority: 'priority',
};

/** Null where it is no tier. */
export function parseServiceTier(value: unknown): ServiceTier | null {
  if (value === undefined || value === null) return 'default';
  return typeof value === 'string' ? (NAMES[value] ?? null) : null;
}

/** For callers whose API has no word for it; it goes before what the body says. */
export const TIER_HEADER = 'x-flywheel-service-tier';

type Asking = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The class that a request will be served in, where it spoke of one; null where it did not, or of none there is. */
export function askedTier(
  headers: Asking,
  fields: Readonly<Record<string, unknown>>,
): ServiceTier | null {
  const asked = headers[TIER_HEADER] ?? fields['service_tier'];
  return asked === undefined || asked === null ? null : parseServiceTier(asked);
}

/** The class that an answer should name: of a request that spoke of one. */
export function namedTier(fields: Readonly<Record<string, unknown>>): ServiceTier | null {
  const asked = fields['service_tier'];
  return asked === undefined || asked === null ? null : parseServiceTier(asked);
}
