/**
 * Rates calls whose price depends on how much of it a tenant used this month. A fold row per tenant, version, rate
 * and UTC month of admission says where the next call stands; taking a stretch of it is one statement inside the
 * transaction that records the calls, so that a stretch is given once. Calls of one shipment stand in the
 * order in which they are given; the sum over the month is the same in any other.
 *
 * A new version counts from nothing: its tiers are other promises, and calls of both may be shipped in any order.
 */
import type { Database } from '#platform/database.ts';
import {
  type PositionKey,
  type PositionUse,
  advancePositions,
  insertPositionUses,
  selectPositionUses,
} from './position-store.ts';
import type { PricedModel, Rated } from './price.ts';
import type { Quantities } from './quantities.ts';
import { type Positions, chargesOf, rate } from './rate.ts';

/** A call that is recorded now, with the version it is rated by, in its class (`priceOfTier`). */
export type RatableCall = Readonly<{
  tenantId: string;
  requestId: string;
  attempt: number;
  price: PricedModel;
  quantities: Quantities;
  admittedAtMs: number;
}>;

/** In the order of the calls. Asks the database nothing where no price has monthly tiers. */
export async function rateCalls(
  tx: Database,
  calls: readonly RatableCall[],
): Promise<readonly Rated[]> {
  const stretches = calls.map(stretchesOf);
  if (stretches.every((each) => each.length === 0)) {
    return calls.map(({ quantities, price }) => rate(quantities, price));
  }
  const next = await advance(tx, stretches.flat());
  const uses: PositionUse[] = [];
  const rated = calls.map((call, index) => {
    const positions = new Map<string, bigint>();
    for (const stretch of stretches[index] ?? []) {
      const key = textOf(stretch);
      const from = next.get(key) ?? 0n;
      next.set(key, from + stretch.count);
      positions.set(stretch.rate, from);
      uses.push({ ...stretch, requestId: call.requestId, attempt: call.attempt, from });
    }
    return rate(call.quantities, call.price, positions);
  });
  await insertPositionUses(tx, uses);
  return rated;
}

/** What calls that were recorded already cost, from where they stood then. */
export async function rateCallsAgain(
  database: Database,
  calls: readonly RatableCall[],
): Promise<readonly Rated[]> {
  const folded = calls.filter((call) => stretchesOf(call).length > 0);
  const uses = folded.length === 0 ? [] : await selectPositionUses(database, folded);
  const byCall = Map.groupBy(uses, callText);
  return calls.map((call) => {
    const found = byCall.get(callText(call)) ?? [];
    const positions: Positions = new Map(found.map((use) => [use.rate, use.from]));
    return rate(call.quantities, call.price, positions);
  });
}

type Stretch = PositionKey & Readonly<{ count: bigint }>;

/** How much of each rate with monthly tiers a call takes. */
function stretchesOf({ tenantId, price, quantities, admittedAtMs }: RatableCall): Stretch[] {
  if (price.components.every(({ mode = 'whole_request' }) => mode === 'whole_request')) return [];
  const counts = new Map<string, bigint>();
  for (const { count, rate: by } of chargesOf(quantities, price)) {
    if (by.mode === 'whole_request') continue;
    counts.set(by.position, (counts.get(by.position) ?? 0n) + BigInt(count));
  }
  const month = `${new Date(admittedAtMs).toISOString().slice(0, 7)}-01`;
  const { priceId } = price;
  return [...counts].map(([position, count]) => ({
    tenantId,
    priceId,
    rate: position,
    month,
    count,
  }));
}

async function advance(tx: Database, stretches: readonly Stretch[]): Promise<Map<string, bigint>> {
  const sums = new Map<string, Stretch>();
  for (const stretch of stretches) {
    const key = textOf(stretch);
    const before = sums.get(key)?.count ?? 0n;
    sums.set(key, { ...stretch, count: before + stretch.count });
  }
  const moved = await advancePositions(tx, [...sums.values()]);
  return new Map(moved.map((position) => [textOf(position), position.from]));
}

const textOf = ({ tenantId, priceId, rate: key, month }: PositionKey): string =>
  [tenantId, priceId, key, month].join(' ');

const callText = (call: Readonly<{ tenantId: string; requestId: string; attempt: number }>) =>
  [call.tenantId, call.requestId, call.attempt].join(' ');
