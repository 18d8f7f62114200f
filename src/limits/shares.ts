/**
 * Hands out shares of limits to gateways. All that change a meter's shares hold its lock, one meter
 * after the other in one order, so shares never add up to more than the limit and nobody waits in a
 * circle.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { type Definition, limitOf } from './definition.ts';
import { isBudget, ttlMsOf } from './metric.ts';
import { type Period, periodOf } from './period.ts';
import { shareSize } from './share.ts';
import {
  type MeterAddress,
  type Share,
  closeAllEnded,
  closeEnded,
  closeShare,
  closeShippedShares,
  deleteClosedBefore,
  endSharesOfGateway,
  insertShare,
  lockMeter,
  selectOpenShares,
  updateShare,
} from './share-store.ts';
import { selectSpent } from './spending-store.ts';
import { selectLimitsOf } from './store.ts';

export type ShareRequest = MeterAddress &
  Readonly<{
    /** The share the gateway holds, or null. */
    shareId: string | null;
    used: bigint;
    want: bigint;
    least: bigint;
  }>;

export type ShareAnswer = Readonly<{
  shareId: string | null;
  amount: bigint;
  /** Null when there is no such limit any more. */
  limit: bigint | null;
  /** Of the limit, what others hold or have spent: what is left of it is the most this gateway can get. */
  others: bigint;
  /**
   * What every gateway would have if all had the same, where one of the others needs more; else null.
   * Whoever holds more should come down to it, as far as what it did allows.
   */
  fair: bigint | null;
  ttlMs: number;
  /** When the budget begins anew; null for others. */
  resetsInMs: number | null;
}>;

export type Shares = Readonly<{
  /** Answers in the order of the requests. */
  ask: (gatewayId: string, requests: readonly ShareRequest[]) => Promise<readonly ShareAnswer[]>;
  /** A gateway starts and holds nothing: what its predecessor held is over. Names what waits for its journal. */
  endOf: (gatewayId: string) => Promise<readonly string[]>;
  /** Closes those that `endOf` named, once what was spent on them is in the books. */
  closeShipped: (gatewayId: string, ids: readonly string[]) => Promise<void>;
  sweep: () => Promise<void>;
}>;

/** Closed shares are of use to nobody but who looks into something that just happened. */
const CLOSED_KEPT_MS = 60 * 60_000;

export function createShares(parts: Readonly<{ database: Database; clock: Clock }>): Shares {
  const { database, clock } = parts;
  return {
    ask: (gatewayId, requests) =>
      transaction(database, async (tx) => {
        const answers = new Map<ShareRequest, ShareAnswer>();
        const ordered = requests.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
        for (const request of ordered) {
          answers.set(request, await askOne(tx, { gatewayId, request, nowMs: clock.nowMs() }));
        }
        return requests.map((request) => answers.get(request) ?? NOTHING);
      }),
    endOf: (gatewayId) =>
      transaction(database, (tx) => endSharesOfGateway(tx, { gatewayId, nowMs: clock.nowMs() })),
    closeShipped: (gatewayId, ids) =>
      closeShippedShares(database, { gatewayId, ids, nowMs: clock.nowMs() }),
    sweep: async () => {
      const nowMs = clock.nowMs();
      await closeAllEnded(database, nowMs);
      await deleteClosedBefore(database, new Date(nowMs - CLOSED_KEPT_MS));
    },
  };
}

const NOTHING: ShareAnswer = {
  shareId: null,
  amount: 0n,
  limit: null,
  others: 0n,
  fair: null,
  ttlMs: 0,
  resetsInMs: null,
};

function nameOf({ tenantId, level, scopeId, metric }: MeterAddress): string {
  return `${tenantId} ${level} ${scopeId} ${metric}`;
}

type Ask = Readonly<{ gatewayId: string; request: ShareRequest; nowMs: number }>;

async function askOne(tx: Database, { gatewayId, request, nowMs }: Ask): Promise<ShareAnswer> {
  await lockMeter(tx, request);
  const { tenantId, level, scopeId, metric } = request;
  const stored = await selectLimitsOf(tx, { tenantId, scopeIds: [scopeId, tenantId] });
  const definition = stored.find((each) => each.level === level && each.scopeId === scopeId);
  const limit = definition === undefined ? null : limitOf(definition, metric);
  await closeEnded(tx, request, nowMs);
  const open = await selectOpenShares(tx, request);
  const own = open.find(
    (share) =>
      share.id === request.shareId &&
      share.gatewayId === gatewayId &&
      share.expiresAt.getTime() > nowMs,
  );
  if (limit === null) {
    if (own !== undefined) await closeShare(tx, { id: own.id, nowMs });
    return NOTHING;
  }
  const period = isBudget(metric) ? budgetPeriod(metric, nowMs, stored) : null;
  const spent = period === null ? 0n : await spentOn(tx, request, period);
  const others = spent - (own?.settled ?? 0n) + heldBy(open.filter((share) => share !== own));
  const { used, want, least } = request;
  const amount = shareSize({ limit, others, mine: own?.amount ?? 0n, used, want, least });
  const endMs = nowMs + ttlMsOf(metric);
  const expiresAtMs = period === null ? endMs : Math.min(endMs, period.endMs);
  const shareId = await keep(tx, { gatewayId, request, own, amount, nowMs, expiresAtMs });
  return {
    shareId,
    amount,
    limit,
    others,
    fair: fairPart(limit, open, { own, nowMs }),
    ttlMs: expiresAtMs - nowMs,
    resetsInMs: period === null ? null : period.endMs - nowMs,
  };
}

/** A share that holds nothing and has done nothing is closed; one that did something counts on for its while. */
async function keep(
  tx: Database,
  {
    gatewayId,
    request,
    own,
    amount,
    nowMs,
    expiresAtMs,
  }: Ask & {
    own: Share | undefined;
    amount: bigint;
    expiresAtMs: number;
  },
): Promise<string | null> {
  const { used, want } = request;
  if (own === undefined) {
    // One that got nothing is kept too: it says to the others that somebody needs something.
    if (want === 0n) return null;
    const id = createId('shr', nowMs);
    await insertShare(tx, { ...request, id, gatewayId, amount, nowMs, expiresAtMs });
    return id;
  }
  if (want === 0n && amount === 0n) {
    await closeShare(tx, { id: own.id, nowMs });
    return null;
  }
  // Want 0 says that it is given back; what was done on it counts on until it is forgotten.
  const endsMs = want === 0n ? nowMs : expiresAtMs;
  await updateShare(tx, { id: own.id, amount, used, nowMs, expiresAtMs: endsMs });
  return want === 0n ? null : own.id;
}

/** A gateway whose share is used up, or that got none, is one that needs more. */
function fairPart(
  limit: bigint,
  open: readonly Share[],
  { own, nowMs }: Readonly<{ own: Share | undefined; nowMs: number }>,
): bigint | null {
  const others = open.filter((share) => share !== own && share.expiresAt.getTime() > nowMs);
  if (!others.some(({ used, amount }) => used >= amount)) return null;
  const part = limit / BigInt(others.length + 1);
  return part > 0n ? part : 1n;
}

function heldBy(shares: readonly Share[]): bigint {
  let held = 0n;
  for (const { amount, settled } of shares) held += amount > settled ? amount - settled : 0n;
  return held;
}

function budgetPeriod(
  metric: MeterAddress['metric'],
  nowMs: number,
  stored: readonly (Definition & Readonly<{ level: string }>)[],
): Period {
  return periodOf(metric === 'daily_budget' ? 'day' : 'month', nowMs, timeZoneOf(stored));
}

export function timeZoneOf(
  limits: readonly (Pick<Definition, 'timeZone'> & Readonly<{ level: string }>)[],
): string {
  return limits.find(({ level }) => level === 'tenant')?.timeZone ?? 'UTC';
}

function spentOn(tx: Database, meter: MeterAddress, period: Period): Promise<bigint> {
  const { tenantId, level, scopeId } = meter;
  return selectSpent(tx, {
    tenantId,
    level,
    scopeId,
    fromMs: period.startMs,
    toMs: period.endMs,
  });
}
