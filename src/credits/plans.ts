/** Plans and savings plans as the operator offers them. What is offered never changes; it is archived. */
import { isUniqueViolation, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { formatAmount, parseAmount } from '#ledger/money.ts';
import type { AllowanceUnit, WindowAllowance } from './allowance.ts';
import {
  type Plan,
  type PlanCreate,
  type SavingsPlan,
  type SavingsPlanCreate,
  planCreateSchema,
  savingsPlanCreateSchema,
} from './api.ts';
import { requireCurrency } from './currency.ts';
import { fail } from './errors.ts';
import { ALL_BASIS_POINTS, discounted } from './grant.ts';
import { issueGrant } from './issue.ts';
import { withTenant } from './lock.ts';
import { findModels } from './models.ts';
import {
  type StoredPlan,
  type StoredSavingsPlan,
  archivePlan,
  archiveSavingsPlan,
  insertPlan,
  insertSavingsPlan,
  selectPlans,
  selectSavingsPlan,
  selectSavingsPlans,
} from './plans-store.ts';
import type { CreditsParts, Viewer } from './ports.ts';
import { presentGrant, toBasisPoints, toPercent } from './present.ts';
import { insertPurchases } from './purchases-store.ts';
import { addMonths } from './window.ts';

export type Plans = Readonly<{
  list: () => Promise<readonly Plan[]>;
  /** Raises `plan.exists`, `plan.invalid`, `credit.scope_unknown`. */
  create: (viewer: Viewer, by: string | null, input: PlanCreate) => Promise<Plan>;
  /** Who has it keeps it. Raises `plan.unknown`. */
  archive: (id: string) => Promise<void>;
}>;

export function createPlans({ database, models, clock }: CreditsParts): Plans {
  return {
    list: async () => (await selectPlans(database)).map(presentPlan),
    create: async (viewer, by, input) => {
      const { windows, models: names, ...wanted } = planCreateSchema.parse(input);
      const nowMs = clock.nowMs();
      const plan = {
        ...wanted,
        ...(await findModels(models, viewer, names)),
        id: createId('pln', nowMs),
        pricePico: parseAmount(wanted.price),
        windows: readWindows(wanted.unit, windows),
        createdAt: new Date(nowMs),
      };
      try {
        await transaction(database, (tx) => insertPlan(tx, { ...plan, createdBy: by }));
      } catch (error) {
        throw explain(error, 'plan.exists', plan.name);
      }
      return presentPlan({ ...plan, state: 'active' });
    },
    archive: async (id) => {
      if (await transaction(database, (tx) => archivePlan(tx, id))) return;
      throw fail('plan.unknown', `There is no plan ${id}.`);
    },
  };
}

export type SavingsPlans = Readonly<{
  list: () => Promise<readonly SavingsPlan[]>;
  /** Raises `savings_plan.exists`, `credit.amount_invalid`, `credit.scope_unknown`. */
  create: (viewer: Viewer, by: string | null, input: SavingsPlanCreate) => Promise<SavingsPlan>;
  /** Who bought it keeps it. Raises `savings_plan.unknown`. */
  archive: (id: string) => Promise<void>;
  /** Pays it from cash. Raises `savings_plan.unknown`, `savings_plan.currency_differs`, `ledger.insufficient_balance`, `credit.key_reused`. */
  buy: (
    request: Readonly<{ tenantId: string; by: string | null; id: string; idempotencyKey: string }>,
  ) => Promise<ReturnType<typeof presentGrant>>;
}>;

export function createSavingsPlans(parts: CreditsParts): SavingsPlans {
  const { database, models, clock } = parts;
  return {
    list: async () => (await selectSavingsPlans(database)).map(presentSavingsPlan),
    create: async (viewer, by, input) => {
      const {
        discountPercent,
        models: names,
        amount,
        ...wanted
      } = savingsPlanCreateSchema.parse(input);
      const nowMs = clock.nowMs();
      const amountPico = parseAmount(amount);
      if (amountPico % BigInt(ALL_BASIS_POINTS) !== 0n) {
        throw fail('credit.amount_invalid', 'The amount has at most 8 digits after the point.', {
          param: 'amount',
        });
      }
      const plan = {
        ...wanted,
        ...(await findModels(models, viewer, names)),
        id: createId('svp', nowMs),
        amountPico,
        discountBasisPoints: toBasisPoints(discountPercent),
        createdAt: new Date(nowMs),
      };
      try {
        await transaction(database, (tx) => insertSavingsPlan(tx, { ...plan, createdBy: by }));
      } catch (error) {
        throw explain(error, 'savings_plan.exists', plan.name);
      }
      return presentSavingsPlan({ ...plan, state: 'active' });
    },
    archive: async (id) => {
      if (await transaction(database, (tx) => archiveSavingsPlan(tx, id))) return;
      throw fail('savings_plan.unknown', `There is no savings plan ${id}.`);
    },
    buy: (request) => buy(parts, request),
  };
}

/** What it may spend is more than it cost; the difference is ours to give. */
async function buy(
  { database, ledger, clock }: CreditsParts,
  request: Readonly<{ tenantId: string; by: string | null; id: string; idempotencyKey: string }>,
) {
  const { tenantId, by } = request;
  return withTenant(database, tenantId, async (tx) => {
    const nowMs = clock.nowMs();
    const plan = await selectSavingsPlan(tx, request.id);
    if (plan === null || plan.state === 'archived') {
      throw fail('savings_plan.unknown', `There is no savings plan ${request.id}.`);
    }
    const { currency, amountPico, discountBasisPoints, months, name } = plan;
    await requireCurrency(tx, 'savings_plan.currency_differs', { tenantId, currency });
    const paidPico = discounted(amountPico, discountBasisPoints);
    const expiresAtMs = addMonths(nowMs, months);
    const { grant, entryId, isNew } = await issueGrant(tx, ledger, {
      tenantId,
      id: createId('grt', nowMs),
      origin: 'savings_plan',
      originId: plan.id,
      name,
      currency,
      amountPico,
      paidPico,
      shareBasisPoints: ALL_BASIS_POINTS,
      priority: 100,
      modelIds: plan.modelIds,
      models: plan.models,
      projectId: null,
      product: plan.product,
      startsAt: new Date(nowMs),
      expiresAt: new Date(expiresAtMs),
      note: '',
      idempotencyKey: `savings_plan/${request.idempotencyKey}`,
      createdBy: by,
      createdAt: new Date(nowMs),
    });
    if (isNew) {
      await ledger.requireFloor(tx, { tenantId, currency });
      const line = { tenantId, kind: 'savings_plan', subjectId: grant.id, name, currency } as const;
      const service = { serviceFromMs: nowMs, serviceToMs: expiresAtMs, purchasedAtMs: nowMs };
      await insertPurchases(tx, [{ ...line, ...service, amountPico: paidPico, entryId }]);
    }
    return presentGrant(grant, nowMs);
  });
}

function readWindows(
  unit: AllowanceUnit,
  windows: readonly Readonly<{ period: WindowAllowance['period']; allowance: string }>[],
): readonly WindowAllowance[] {
  if (new Set(windows.map(({ period }) => period)).size !== windows.length) {
    throw fail('plan.invalid', 'Each window is named once.', { param: 'windows' });
  }
  return windows.map(({ period, allowance }) => {
    if (unit === 'amount') return { period, allowance: parseAmount(allowance) };
    if (!/^\d+$/.test(allowance)) {
      throw fail('plan.invalid', 'Tokens are counted in whole numbers.', { param: 'windows' });
    }
    return { period, allowance: BigInt(allowance) };
  });
}

function explain(
  error: unknown,
  code: 'plan.exists' | 'savings_plan.exists',
  name: string,
): unknown {
  if (!isUniqueViolation(error)) return error;
  return fail(code, `The name ${JSON.stringify(name)} is taken.`, { param: 'name', cause: error });
}

export function presentPlan(plan: StoredPlan): Plan {
  return {
    id: plan.id,
    name: plan.name,
    description: plan.description,
    currency: plan.currency,
    price: formatAmount(plan.pricePico),
    unit: plan.unit,
    atEnd: plan.atEnd,
    models: plan.models === null ? null : [...plan.models],
    windows: plan.windows.map(({ period, allowance }) => ({
      period,
      allowance: showUnits(plan.unit, allowance),
    })),
    state: plan.state,
    createdAt: plan.createdAt.toISOString(),
  };
}

export function showUnits(unit: AllowanceUnit, units: bigint): string {
  return unit === 'amount' ? formatAmount(units) : units.toString();
}

function presentSavingsPlan(plan: StoredSavingsPlan): SavingsPlan {
  return {
    id: plan.id,
    name: plan.name,
    currency: plan.currency,
    amount: formatAmount(plan.amountPico),
    price: formatAmount(discounted(plan.amountPico, plan.discountBasisPoints)),
    discountPercent: toPercent(plan.discountBasisPoints),
    months: plan.months,
    models: plan.models === null ? null : [...plan.models],
    product: plan.product,
    state: plan.state,
    createdAt: plan.createdAt.toISOString(),
  };
}
