/** SQL of coupons and who redeemed them. */
import { type Database, sql } from '#platform/database.ts';
import type { Product } from './charge.ts';

export type CouponKind = 'amount' | 'top_up' | 'usage';

export type StoredCoupon = Readonly<{
  id: string;
  code: string;
  name: string;
  kind: CouponKind;
  currency: string;
  amountPico: bigint;
  shareBasisPoints: number | null;
  redemptions: number;
  redemptionsMax: number | null;
  validUntil: Date | null;
  grantDays: number | null;
  priority: number;
  modelIds: readonly string[] | null;
  models: readonly string[] | null;
  product: Product | null;
  state: 'active' | 'archived';
  createdAt: Date;
}>;

type CouponRow = Omit<StoredCoupon, 'amountPico'> & Readonly<{ amount: string }>;

const columns = sql`c.id, c.code, c.name, c.kind, c.currency, c.amount_pico as amount,
  c.share_basis_points as "shareBasisPoints", c.redemptions, c.redemptions_max as "redemptionsMax",
  c.valid_until as "validUntil", c.grant_days as "grantDays", c.priority, c.model_ids as "modelIds",
  c.models, c.product, c.state, c.created_at as "createdAt"`;

/** Raises a unique violation where the code is taken. */
export async function insertCoupon(
  tx: Database,
  coupon: Omit<StoredCoupon, 'redemptions' | 'state'> & Readonly<{ createdBy: string | null }>,
): Promise<void> {
  await sql`
    insert into coupons (id, code, name, kind, currency, amount_pico, share_basis_points,
      redemptions_max, valid_until, grant_days, priority, model_ids, models, product, created_by,
      created_at)
    values (${coupon.id}, ${coupon.code}, ${coupon.name}, ${coupon.kind}, ${coupon.currency},
      ${coupon.amountPico.toString()}::numeric, ${coupon.shareBasisPoints},
      ${coupon.redemptionsMax}, ${coupon.validUntil}, ${coupon.grantDays}, ${coupon.priority},
      ${coupon.modelIds}::text[], ${coupon.models}::text[], ${coupon.product}, ${coupon.createdBy},
      ${coupon.createdAt})`.execute(tx);
}

export async function selectCoupons(
  database: Database,
  page: Readonly<{ beforeId: string | null; limit: number }>,
): Promise<readonly StoredCoupon[]> {
  const { rows } = await sql<CouponRow>`select ${columns} from coupons c
    where (${page.beforeId}::text is null or id < ${page.beforeId}::text)
    order by id desc limit ${page.limit}`.execute(database);
  return rows.map(toCoupon);
}

export async function archiveCoupon(tx: Database, id: string): Promise<boolean> {
  const { rows } = await sql`update coupons set state = 'archived' where id = ${id}
    returning id`.execute(tx);
  return rows.length > 0;
}

/** Locked: its last redemption is taken by one tenant only. */
export async function lockCoupon(tx: Database, code: string): Promise<StoredCoupon | null> {
  const { rows } = await sql<CouponRow>`select ${columns} from coupons c
    where c.code = ${code} for update`.execute(tx);
  return rows[0] === undefined ? null : toCoupon(rows[0]);
}

export type StoredRedemption = Readonly<{
  coupon: StoredCoupon;
  state: 'waiting' | 'granted';
  grantId: string | null;
  redeemedAt: Date;
}>;

/** False where the tenant has redeemed it before. */
export async function insertRedemption(
  tx: Database,
  redemption: Readonly<{
    tenantId: string;
    couponId: string;
    grantId: string | null;
    redeemedBy: string | null;
    redeemedAt: Date;
  }>,
): Promise<boolean> {
  const { tenantId, couponId, grantId, redeemedBy, redeemedAt } = redemption;
  const { rows } = await sql`
    insert into coupon_redemptions (tenant_id, coupon_id, state, grant_id, redeemed_by, redeemed_at)
    values (${tenantId}, ${couponId}, ${grantId === null ? 'waiting' : 'granted'}, ${grantId},
      ${redeemedBy}, ${redeemedAt})
    on conflict do nothing returning coupon_id`.execute(tx);
  if (rows.length === 0) return false;
  await sql`update coupons set redemptions = redemptions + 1 where id = ${couponId}`.execute(tx);
  return true;
}

export async function selectWaiting(
  database: Database,
  tenantId: string,
): Promise<readonly StoredRedemption[]> {
  const { rows } = await sql<CouponRow & Readonly<{ redeemedAt: Date }>>`
    select ${columns}, r.redeemed_at as "redeemedAt"
    from coupon_redemptions r join coupons c on c.id = r.coupon_id
    where r.tenant_id = ${tenantId} and r.state = 'waiting'
    order by r.redeemed_at, c.id`.execute(database);
  return rows.map(({ redeemedAt, ...row }) => ({
    coupon: toCoupon(row),
    state: 'waiting',
    grantId: null,
    redeemedAt,
  }));
}

export async function grantRedemption(
  tx: Database,
  redemption: Readonly<{ tenantId: string; couponId: string; grantId: string }>,
): Promise<void> {
  await sql`update coupon_redemptions set state = 'granted', grant_id = ${redemption.grantId}
    where tenant_id = ${redemption.tenantId} and coupon_id = ${redemption.couponId}`.execute(tx);
}

function toCoupon({ amount, ...row }: CouponRow): StoredCoupon {
  return { ...row, amountPico: BigInt(amount) };
}
