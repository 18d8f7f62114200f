/**
 * Coupons: so much credit, a part of the next top-up, or a part of every call up to an amount. Whatever a
 * coupon gives is a grant. A tenant redeems a coupon once; all tenants together as often as it says.
 */
import { type Database, isUniqueViolation, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { formatAmount, parseAmount } from '#ledger/money.ts';
import { type Coupon, type CouponCreate, type Redemption, couponCreateSchema } from './api.ts';
import {
  type StoredCoupon,
  type StoredRedemption,
  archiveCoupon,
  grantRedemption,
  insertCoupon,
  insertRedemption,
  lockCoupon,
  selectCoupons,
  selectWaiting,
} from './coupons-store.ts';
import { countWrongGuess, requireGuess } from './coupon-guesses.ts';
import { requireCurrency } from './currency.ts';
import { fail } from './errors.ts';
import { ALL_BASIS_POINTS } from './grant.ts';
import type { NewGrant } from './grants-store.ts';
import { issueGrant } from './issue.ts';
import { withTenant } from './lock.ts';
import { findModels } from './models.ts';
import type { CreditsParts, Viewer } from './ports.ts';
import { presentGrant, toBasisPoints, toPercent } from './present.ts';
import { lockTenants } from './purse-store.ts';

export type Coupons = Readonly<{
  list: (page: Readonly<{ beforeId: string | null; limit: number }>) => Promise<readonly Coupon[]>;
  /** Raises `coupon.exists`, `coupon.invalid`, `credit.scope_unknown`. */
  create: (viewer: Viewer, by: string | null, input: CouponCreate) => Promise<Coupon>;
  /** What was redeemed stays. Raises `coupon.unknown`. */
  archive: (id: string) => Promise<void>;
  /** Raises `coupon.unknown`, `coupon.guesses_exhausted`, `coupon.currency_differs`, `coupon.expired`, `coupon.used_up`, `coupon.redeemed`. */
  redeem: (
    request: Readonly<{ tenantId: string; by: string | null; code: string }>,
  ) => Promise<Redemption>;
  waiting: (tenantId: string) => Promise<readonly Redemption[]>;
  /** Cash came in, in the transaction that posts it: coupons that waited give their part of it. */
  toppedUp: (tx: Database, topUp: TopUp) => Promise<void>;
}>;

export type TopUp = Readonly<{
  tenantId: string;
  /** The same payment gives nothing twice. */
  paymentId: string;
  currency: string;
  amountPico: bigint;
}>;

const DAY_MS = 24 * 60 * 60_000;

export function createCoupons(parts: CreditsParts): Coupons {
  const { database, models, clock } = parts;
  return {
    list: async (page) => (await selectCoupons(database, page)).map(presentCoupon),
    create: async (viewer, by, input) => {
      const wanted = couponCreateSchema.parse(input);
      if ((wanted.kind === 'amount') !== (wanted.percent === null)) {
        throw fail('coupon.invalid', 'A part of top-ups or usage has a per cent, an amount none.', {
          param: 'percent',
        });
      }
      const nowMs = clock.nowMs();
      const coupon = {
        ...(await findModels(models, viewer, wanted.models)),
        id: createId('cpn', nowMs),
        code: normalize(wanted.code),
        name: wanted.name,
        kind: wanted.kind,
        currency: wanted.currency,
        amountPico: parseAmount(wanted.amount),
        shareBasisPoints: wanted.percent === null ? null : toBasisPoints(wanted.percent),
        redemptionsMax: wanted.redemptionsMax,
        validUntil: readEnd(wanted.validUntil, nowMs),
        grantDays: wanted.grantDays,
        priority: wanted.priority,
        product: wanted.product,
        createdAt: new Date(nowMs),
      };
      await insert(database, { ...coupon, createdBy: by });
      return presentCoupon({ ...coupon, redemptions: 0, state: 'active' });
    },
    archive: async (id) => {
      if (await transaction(database, (tx) => archiveCoupon(tx, id))) return;
      throw fail('coupon.unknown', `There is no coupon ${id}.`);
    },
    redeem: async (request) => {
      const redeemed = await withTenant(database, request.tenantId, (tx) =>
        tryCode(tx, parts, request),
      );
      // Thrown after the commit, so that the wrong guess is counted.
      if (redeemed === null)
        throw fail('coupon.unknown', 'There is no such coupon.', { param: 'code' });
      return redeemed;
    },
    waiting: async (tenantId) =>
      (await selectWaiting(database, tenantId)).map((each) => presentRedemption(each, null)),
    toppedUp: (tx, topUp) => toppedUp(tx, parts, topUp),
  };
}

type Attempt = Readonly<{ tenantId: string; by: string | null; code: string }>;

/** Null for a code that there is not, which is counted. Raises `coupon.guesses_exhausted`. */
async function tryCode(
  tx: Database,
  parts: CreditsParts,
  attempt: Attempt,
): Promise<Redemption | null> {
  const { tenantId } = attempt;
  const nowMs = parts.clock.nowMs();
  await requireGuess(tx, { tenantId, nowMs });
  const coupon = await lockCoupon(tx, normalize(attempt.code));
  if (coupon !== null && coupon.state !== 'archived') return redeem(tx, parts, attempt, coupon);
  await countWrongGuess(tx, { tenantId, nowMs });
  return null;
}

async function redeem(
  tx: Database,
  { ledger, clock }: CreditsParts,
  { tenantId, by }: Attempt,
  coupon: StoredCoupon,
): Promise<Redemption> {
  const nowMs = clock.nowMs();
  await requireCurrency(tx, 'coupon.currency_differs', { tenantId, currency: coupon.currency });
  const { id: couponId, validUntil, redemptions, redemptionsMax } = coupon;
  if (validUntil !== null && validUntil.getTime() <= nowMs) {
    throw fail('coupon.expired', 'The coupon was valid until a day that is over.', {
      param: 'code',
    });
  }
  const grantId = coupon.kind === 'top_up' ? null : createId('grt', nowMs);
  const redeemedAt = new Date(nowMs);
  const isFull = redemptionsMax !== null && redemptions >= redemptionsMax;
  const isNew =
    !isFull &&
    (await insertRedemption(tx, { tenantId, couponId, grantId, redeemedBy: by, redeemedAt }));
  if (isFull) {
    throw fail('coupon.used_up', 'The coupon was redeemed as often as it may be.', {
      param: 'code',
    });
  }
  if (!isNew)
    throw fail('coupon.redeemed', 'You have redeemed this coupon before.', { param: 'code' });
  const redemption = { coupon, grantId, redeemedAt };
  if (grantId === null) return presentRedemption({ ...redemption, state: 'waiting' }, null);
  const { grant } = await issueGrant(tx, ledger, {
    ...grantOf(coupon, { tenantId, id: grantId, amountPico: coupon.amountPico, nowMs }),
    shareBasisPoints: coupon.shareBasisPoints ?? ALL_BASIS_POINTS,
    idempotencyKey: `coupon/${couponId}`,
    createdBy: by,
  });
  return presentRedemption({ ...redemption, state: 'granted' }, presentGrant(grant, nowMs));
}

async function toppedUp(
  tx: Database,
  { ledger, clock }: CreditsParts,
  { tenantId, paymentId, currency, amountPico }: TopUp,
): Promise<void> {
  // Who never redeemed anything has no row here, and nothing that waits.
  if ((await lockTenants(tx, [tenantId])).size === 0) return;
  const nowMs = clock.nowMs();
  for (const { coupon } of await selectWaiting(tx, tenantId)) {
    if (coupon.currency !== currency || coupon.shareBasisPoints === null) continue;
    if (coupon.validUntil !== null && coupon.validUntil.getTime() <= nowMs) continue;
    const partPico = (amountPico * BigInt(coupon.shareBasisPoints)) / BigInt(ALL_BASIS_POINTS);
    const givenPico = partPico < coupon.amountPico ? partPico : coupon.amountPico;
    if (givenPico === 0n) continue;
    const id = createId('grt', nowMs);
    await issueGrant(tx, ledger, {
      ...grantOf(coupon, { tenantId, id, amountPico: givenPico, nowMs }),
      shareBasisPoints: ALL_BASIS_POINTS,
      idempotencyKey: `coupon/${coupon.id}`,
      note: paymentId,
      createdBy: null,
    });
    await grantRedemption(tx, { tenantId, couponId: coupon.id, grantId: id });
  }
}

function grantOf(
  coupon: StoredCoupon,
  grant: Readonly<{ tenantId: string; id: string; amountPico: bigint; nowMs: number }>,
): Omit<NewGrant, 'shareBasisPoints' | 'idempotencyKey' | 'createdBy'> {
  const { grantDays, modelIds, models, product, name, currency, priority } = coupon;
  const { tenantId, id, amountPico, nowMs } = grant;
  return {
    tenantId,
    id,
    origin: 'coupon',
    originId: coupon.id,
    name,
    currency,
    amountPico,
    paidPico: 0n,
    priority,
    modelIds,
    models,
    projectId: null,
    product,
    startsAt: new Date(nowMs),
    expiresAt: grantDays === null ? null : new Date(nowMs + grantDays * DAY_MS),
    note: '',
    createdAt: new Date(nowMs),
  };
}

/** People type codes in whatever case, and copy blanks along. */
function normalize(code: string): string {
  return code.replaceAll(/\s/g, '').toUpperCase();
}

function readEnd(text: string | null, nowMs: number): Date | null {
  if (text === null) return null;
  const end = new Date(text);
  if (end.getTime() > nowMs) return end;
  throw fail('credit.time_invalid', 'A coupon is valid until some time to come.', {
    param: 'validUntil',
  });
}

async function insert(
  database: Database,
  coupon: Parameters<typeof insertCoupon>[1],
): Promise<void> {
  try {
    await transaction(database, (tx) => insertCoupon(tx, coupon));
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw fail('coupon.exists', `There is a coupon ${coupon.code} already.`, {
      param: 'code',
      cause: error,
    });
  }
}

function presentCoupon(coupon: StoredCoupon): Coupon {
  return {
    id: coupon.id,
    code: coupon.code,
    name: coupon.name,
    kind: coupon.kind,
    currency: coupon.currency,
    amount: formatAmount(coupon.amountPico),
    percent: coupon.shareBasisPoints === null ? null : toPercent(coupon.shareBasisPoints),
    redemptions: coupon.redemptions,
    redemptionsMax: coupon.redemptionsMax,
    validUntil: coupon.validUntil?.toISOString() ?? null,
    grantDays: coupon.grantDays,
    models: coupon.models === null ? null : [...coupon.models],
    product: coupon.product,
    state: coupon.state,
    createdAt: coupon.createdAt.toISOString(),
  };
}

function presentRedemption(
  { coupon, state, redeemedAt }: StoredRedemption,
  grant: ReturnType<typeof presentGrant> | null,
): Redemption {
  return {
    coupon: coupon.name,
    kind: coupon.kind,
    state,
    percent: coupon.shareBasisPoints === null ? null : toPercent(coupon.shareBasisPoints),
    redeemedAt: redeemedAt.toISOString(),
    grant,
  };
}
