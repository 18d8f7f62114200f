/** SQL of plans and savings plans, which the operator defines and nobody changes afterwards. */
import { type Database, sql } from '#platform/database.ts';
import type { AllowanceUnit, AtEnd, WindowAllowance } from './allowance.ts';
import type { Product } from './charge.ts';
import type { WindowPeriod } from './window.ts';

export type StoredPlan = Readonly<{
  id: string;
  name: string;
  description: string;
  currency: string;
  pricePico: bigint;
  unit: AllowanceUnit;
  atEnd: AtEnd;
  modelIds: readonly string[] | null;
  models: readonly string[] | null;
  windows: readonly WindowAllowance[];
  state: 'active' | 'archived';
  createdAt: Date;
}>;

type PlanRow = Omit<StoredPlan, 'pricePico' | 'windows'> &
  Readonly<{
    price: string;
    windows: readonly Readonly<{ period: WindowPeriod; allowance: string }>[];
  }>;

const planColumns = sql`p.id, p.name, p.description, p.currency, p.price_pico as price, p.unit,
  p.at_end as "atEnd", p.model_ids as "modelIds", p.models, p.state, p.created_at as "createdAt",
  (select jsonb_agg(jsonb_build_object('period', w.period, 'allowance', w.allowance::text)
    order by array_position(array['5_hours', 'week', 'month'], w.period))
    from plan_windows w where w.plan_id = p.id) as windows`;

/** More than anybody would look through. */
const PLANS_MAX = 500;

/** Raises a unique violation where the name is taken. */
export async function insertPlan(
  tx: Database,
  plan: Omit<StoredPlan, 'state'> & Readonly<{ createdBy: string | null }>,
): Promise<void> {
  await sql`insert into plans (id, name, description, currency, price_pico, unit, at_end, model_ids,
      models, created_by, created_at)
    values (${plan.id}, ${plan.name}, ${plan.description}, ${plan.currency},
      ${plan.pricePico.toString()}::numeric, ${plan.unit}, ${plan.atEnd}, ${plan.modelIds}::text[],
      ${plan.models}::text[], ${plan.createdBy}, ${plan.createdAt})`.execute(tx);
  await sql`insert into plan_windows (plan_id, period, allowance)
    select ${plan.id}, period, allowance from unnest(
      ${plan.windows.map(({ period }) => period)}::text[],
      ${plan.windows.map(({ allowance }) => allowance.toString())}::numeric[]
    ) as new (period, allowance)`.execute(tx);
}

/** The cheapest first, as people compare them. */
export async function selectPlans(database: Database): Promise<readonly StoredPlan[]> {
  const { rows } = await sql<PlanRow>`select ${planColumns} from plans p
    order by p.state, p.price_pico, p.name limit ${PLANS_MAX}`.execute(database);
  return rows.map(toPlan);
}

/** By id or by name. */
export async function selectPlan(database: Database, id: string): Promise<StoredPlan | null> {
  const { rows } = await sql<PlanRow>`select ${planColumns} from plans p
    where p.id = ${id} or p.name = ${id} order by p.id = ${id} desc limit 1`.execute(database);
  return rows[0] === undefined ? null : toPlan(rows[0]);
}

export async function archivePlan(tx: Database, id: string): Promise<boolean> {
  const { rows } =
    await sql`update plans set state = 'archived' where id = ${id} returning id`.execute(tx);
  return rows.length > 0;
}

function toPlan({ price, windows, ...row }: PlanRow): StoredPlan {
  return {
    ...row,
    pricePico: BigInt(price),
    windows: windows.map(({ period, allowance }) => ({ period, allowance: BigInt(allowance) })),
  };
}

export type StoredSavingsPlan = Readonly<{
  id: string;
  name: string;
  currency: string;
  amountPico: bigint;
  discountBasisPoints: number;
  months: number;
  modelIds: readonly string[] | null;
  models: readonly string[] | null;
  product: Product | null;
  state: 'active' | 'archived';
  createdAt: Date;
}>;

type SavingsRow = Omit<StoredSavingsPlan, 'amountPico'> & Readonly<{ amount: string }>;

const savingsColumns = sql`id, name, currency, amount_pico as amount,
  discount_basis_points as "discountBasisPoints", months, model_ids as "modelIds", models, product,
  state, created_at as "createdAt"`;

/** Raises a unique violation where the name is taken. */
export async function insertSavingsPlan(
  tx: Database,
  plan: Omit<StoredSavingsPlan, 'state'> & Readonly<{ createdBy: string | null }>,
): Promise<void> {
  await sql`insert into savings_plans (id, name, currency, amount_pico, discount_basis_points, months,
      model_ids, models, product, created_by, created_at)
    values (${plan.id}, ${plan.name}, ${plan.currency}, ${plan.amountPico.toString()}::numeric,
      ${plan.discountBasisPoints}, ${plan.months}, ${plan.modelIds}::text[], ${plan.models}::text[],
      ${plan.product}, ${plan.createdBy}, ${plan.createdAt})`.execute(tx);
}

export async function selectSavingsPlans(
  database: Database,
): Promise<readonly StoredSavingsPlan[]> {
  const { rows } = await sql<SavingsRow>`select ${savingsColumns} from savings_plans
    order by state, amount_pico, months, name limit ${PLANS_MAX}`.execute(database);
  return rows.map(toSavingsPlan);
}

/** By id or by name. */
export async function selectSavingsPlan(
  database: Database,
  id: string,
): Promise<StoredSavingsPlan | null> {
  const { rows } = await sql<SavingsRow>`select ${savingsColumns} from savings_plans
    where id = ${id} or name = ${id} order by id = ${id} desc limit 1`.execute(database);
  return rows[0] === undefined ? null : toSavingsPlan(rows[0]);
}

export async function archiveSavingsPlan(tx: Database, id: string): Promise<boolean> {
  const { rows } = await sql`update savings_plans set state = 'archived' where id = ${id}
    returning id`.execute(tx);
  return rows.length > 0;
}

function toSavingsPlan({ amount, ...row }: SavingsRow): StoredSavingsPlan {
  return { ...row, amountPico: BigInt(amount) };
}
