/**
 * Budgets: what somebody means to spend on a tenant, project, key, model or tag in a day, week or month.
 * Owns budgets, tags of projects and keys, forecasts, and who was told what. Promises that each threshold
 * fires once a period, that a forecast says what it rests on, and that nothing but roll-ups is read, so
 * that none of this slows down as calls pile up. A budget tells; limits (../limits) refuse, and a budget
 * that stops only sets one of those.
 */
import { formatAmount, parseAmount } from '#ledger/money.ts';
import type { Limits } from '#limits/limits.ts';
import type { Notices } from '#notices/notices.ts';
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { Log } from '#platform/log.ts';
import { readCurrency } from '#tenancy/currency.ts';
import type { Principal } from '#tenancy/principal.ts';
import type { ScopeDirectory } from '#tenancy/scope-names.ts';
import { type TagLevel, replaceTags, selectTags } from '#tenancy/tags.ts';
import { percentOf } from './alert.ts';
import type { Budget, BudgetForecast, BudgetLevel, BudgetSet, Tag, TagsSet } from './api.ts';
import { pointsOf } from './chart.ts';
import { fail } from './errors.ts';
import { type Forecast, type Hours, WEEKS_MAX, WEEK_HOURS, forecast, spentIn } from './forecast.ts';
import { HOUR_MS, type Span, isTimeZone, spanOf } from './span.ts';
import { type Rollup, readHours } from './spending.ts';
import { stopAt } from './stop.ts';
import {
  type BudgetRow,
  countBudgetsLocked,
  deleteBudget,
  selectBudget,
  selectBudgets,
  upsertBudget,
} from './store.ts';
import { checkBudgets, checkHour } from './watch.ts';

export type BudgetsOptions = Readonly<{
  database: Database;
  clock: Clock;
  log: Log;
  rollup: Rollup;
  notices: Pick<Notices, 'send'>;
  limits: Pick<Limits, 'list' | 'set'>;
  names: ScopeDirectory;
}>;

/** A budget as it stands now. */
export type Standing = Readonly<{
  row: BudgetRow;
  span: Span;
  hours: Hours;
  spentPico: bigint;
  ahead: Forecast;
}>;

export type BudgetParts = BudgetsOptions &
  Readonly<{ stand: (row: BudgetRow) => Promise<Standing> }>;

/** Each raises `budget.unknown` for what is not the caller's to see. */
export type Budgets = Readonly<{
  list: (principal: Principal) => Promise<readonly Budget[]>;
  forecast: (principal: Principal, id: string) => Promise<BudgetForecast>;
  /** Raises `budget.*` and, where it stops, what limits raise. */
  create: (principal: Principal, wish: BudgetSet) => Promise<Budget>;
  replace: (principal: Principal, id: string, wish: BudgetSet) => Promise<Budget>;
  /** A limit that it had set stays. */
  remove: (principal: Principal, id: string) => Promise<void>;
  tags: (principal: Principal) => Promise<readonly Tag[]>;
  /** Raises `budget.scope_unknown`. */
  setTags: (
    principal: Principal,
    of: Readonly<{ level: TagLevel; scopeId: string }>,
    wish: TagsSet,
  ) => Promise<void>;
  /** One round over budgets, and one over the last complete hour. */
  check: () => Promise<number>;
  checkHour: () => Promise<number>;
  start: () => Readonly<{ stop: () => Promise<void> }>;
}>;

const BUDGETS_PER_TENANT_MAX = 100;
const TICK_MS = 15_000;
const ANOMALIES_EVERY_MS = 10 * 60_000;
const TAGS_PER_TENANT_MAX = 5_000;

export function createBudgets(options: BudgetsOptions): Budgets {
  const { database } = options;
  const parts: BudgetParts = { ...options, stand: (row) => stand(options, row) };
  const find = async (principal: Principal, id: string): Promise<BudgetRow> => {
    const row = await selectBudget(database, { tenantId: principal.tenantId, id });
    if (row !== null && (await maySee(parts, principal, row))) return row;
    throw fail('budget.unknown', `There is no budget ${id}.`);
  };
  return {
    list: async (principal) => {
      const { tenantId } = principal;
      const rows = await selectBudgets(database, { tenantId, limit: BUDGETS_PER_TENANT_MAX });
      const seen: Budget[] = [];
      for (const row of rows) {
        if (await maySee(parts, principal, row))
          seen.push(await present(parts, await parts.stand(row)));
      }
      return seen;
    },
    forecast: async (principal, id) => {
      const standing = await parts.stand(await find(principal, id));
      return {
        budget: await present(parts, standing),
        points: pointsOf(standing, options.clock.nowMs()),
      };
    },
    create: async (principal, wish) =>
      save(parts, principal, await readWish(parts, principal, wish)),
    replace: async (principal, id, wish) => {
      const { createdAt } = await find(principal, id);
      return save(parts, principal, { ...(await readWish(parts, principal, wish)), id, createdAt });
    },
    remove: async (principal, id) => {
      await deleteBudget(database, await find(principal, id));
    },
    tags: async (principal) => {
      const rows = await selectTags(database, principal.tenantId);
      const seen: Tag[] = [];
      for (const row of rows) if (await maySee(parts, principal, row)) seen.push(row);
      return seen;
    },
    setTags: (principal, of, wish) => setTags(parts, principal, of, wish),
    check: () => checkBudgets(parts),
    checkHour: () => checkHour(parts),
    start: () => startWatching(parts),
  };
}

async function stand(options: BudgetsOptions, row: BudgetRow): Promise<Standing> {
  const nowMs = options.clock.nowMs();
  const span = spanOf(row.period, nowMs, row.timeZone);
  const fromMs = Math.min(span.startMs, nowMs - (WEEKS_MAX * WEEK_HOURS + 1) * HOUR_MS);
  const hours = await readHours(options, { ...row, fromMs, toMs: nowMs + 1 });
  const ahead = forecast(hours, span, nowMs);
  return { row, span, hours, spentPico: spentIn(hours, span), ahead };
}

/** A key sees what is of its own project, and what is of all of them. */
async function maySee(
  { names }: BudgetParts,
  principal: Principal,
  { level, scopeId }: Readonly<{ level: BudgetLevel; scopeId: string }>,
): Promise<boolean> {
  const { projectId, tenantId, tenantKind } = principal;
  if (projectId === null || tenantKind === 'operator') return true;
  if (level === 'project') return scopeId === projectId;
  return level === 'key' && (await names.key(tenantId, scopeId))?.projectId === projectId;
}

/** Raises `budget.scope_unknown` for what the tenant does not have. */
async function requireScope(
  parts: BudgetParts,
  principal: Principal,
  scope: Readonly<{ level: BudgetLevel; scopeId: string }>,
): Promise<void> {
  const { tenantId } = principal;
  const { level, scopeId } = scope;
  const isThere =
    (level === 'tenant' && scopeId === tenantId) ||
    (level === 'project' && (await parts.names.project(tenantId, scopeId)) !== null) ||
    (level === 'key' && (await parts.names.key(tenantId, scopeId)) !== null) ||
    level === 'model' ||
    level === 'tag';
  if (isThere && (await maySee(parts, principal, scope))) return;
  throw fail('budget.scope_unknown', `There is no ${level} ${scopeId}.`, { param: 'scopeId' });
}

async function readWish(
  parts: BudgetParts,
  principal: Principal,
  wish: BudgetSet,
): Promise<BudgetRow> {
  const { tenantId } = principal;
  const { level, period = 'month', timeZone = 'UTC', stops = false } = wish;
  const scopeId = wish.scopeId ?? (level === 'tenant' ? tenantId : '');
  await requireScope(parts, principal, { level, scopeId });
  if (!isTimeZone(timeZone)) {
    throw fail('budget.time_zone_invalid', 'A time zone has a name such as Asia/Shanghai.', {
      param: 'timeZone',
    });
  }
  const amountPico = parseAmount(wish.amount);
  if (amountPico <= 0n) {
    throw fail('budget.amount_invalid', 'A budget is above zero.', { param: 'amount' });
  }
  const nowMs = parts.clock.nowMs();
  return {
    tenantId,
    id: createId('bud', nowMs),
    name: wish.name,
    level,
    scopeId,
    period,
    timeZone,
    currency: await readCurrency(parts.database, tenantId),
    amountPico,
    thresholds: wish.thresholds ?? [50, 80, 100],
    forecastThresholds: wish.forecastThresholds ?? [100],
    stops,
    createdAt: new Date(nowMs),
  };
}

async function save(parts: BudgetParts, principal: Principal, row: BudgetRow): Promise<Budget> {
  // First, because it may refuse, and a budget that says it stops must.
  if (row.stops) await stopAt(parts.limits, principal, row);
  await transaction(parts.database, async (tx) => {
    const isNew = (await selectBudget(tx, row)) === null;
    if (isNew && (await countBudgetsLocked(tx, row.tenantId)) >= BUDGETS_PER_TENANT_MAX) {
      throw fail('budget.too_many', `A tenant has at most ${BUDGETS_PER_TENANT_MAX} budgets.`);
    }
    await upsertBudget(tx, row);
  });
  return present(parts, await parts.stand(row));
}

async function present({ names }: BudgetParts, standing: Standing): Promise<Budget> {
  const { row, span, spentPico, ahead } = standing;
  const { amountPico, thresholds, forecastThresholds, createdAt, ...rest } = row;
  const named = row.level === 'project' ? await names.project(row.tenantId, row.scopeId) : null;
  const key = row.level === 'key' ? await names.key(row.tenantId, row.scopeId) : null;
  const tenant = row.level === 'tenant' ? await names.tenant(row.tenantId) : null;
  return {
    ...rest,
    scopeName: (named ?? key ?? tenant)?.name ?? row.scopeId,
    amount: formatAmount(amountPico),
    thresholds: [...thresholds],
    forecastThresholds: [...forecastThresholds],
    periodStart: new Date(span.startMs).toISOString(),
    periodEnd: new Date(span.endMs).toISOString(),
    spent: formatAmount(spentPico),
    percent: percentOf(spentPico, amountPico),
    forecast: ahead.endPico === null ? null : formatAmount(ahead.endPico),
    forecastPercent: ahead.endPico === null ? null : percentOf(ahead.endPico, amountPico),
    basis: ahead.basis,
    createdAt: createdAt.toISOString(),
  };
}

async function setTags(
  parts: BudgetParts,
  principal: Principal,
  of: Readonly<{ level: TagLevel; scopeId: string }>,
  { tags }: TagsSet,
): Promise<void> {
  await requireScope(parts, principal, of);
  const { tenantId } = principal;
  await transaction(parts.database, async (tx) => {
    await replaceTags(tx, { tenantId, ...of, tags });
    if ((await selectTags(tx, tenantId)).length >= TAGS_PER_TENANT_MAX) {
      throw fail('tag.too_many', `A tenant has at most ${TAGS_PER_TENANT_MAX} tags.`);
    }
  });
}

function startWatching(parts: BudgetParts): Readonly<{ stop: () => Promise<void> }> {
  const { clock, log } = parts;
  let last: Promise<unknown> = Promise.resolve();
  let hourCheckedMs = Number.NEGATIVE_INFINITY;
  const round = async (): Promise<void> => {
    await checkBudgets(parts);
    if (clock.monotonicMs() - hourCheckedMs < ANOMALIES_EVERY_MS) return;
    hourCheckedMs = clock.monotonicMs();
    await checkHour(parts);
  };
  const timer = setInterval(() => {
    last = last.then(round).catch((error: unknown) => log.warn('budgets.check_failed', { error }));
  }, TICK_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await last;
    },
  };
}
