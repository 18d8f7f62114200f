/**
 * What may pay for calls that are about to be made, in the order in which it will. Pure. Quotas and
 * allowances are counted in units and worth what their units cost at least, so what is promised of them can
 * always be paid. A grant that pays only a part of each call promises nothing: the rest of it would have to
 * come from somewhere.
 */
import {
  type Allowance,
  type AllowanceWindow,
  isCovered,
  resetsAtMs,
  roomOf,
  windowsAt,
} from './allowance.ts';
import { ALL_BASIS_POINTS, type Grant, compareGrants, mayPay } from './grant.ts';
import { isAnyScope } from './charge.ts';
import type { Purse } from './deduction.ts';
import { EVER, type Opened, unitsHeld } from './holds.ts';
import { type DeductionOrder, type Source, orderInForce, sourcesFor } from './order.ts';
import { compareQuotas, mayUse } from './quota.ts';

export type CoverQuestion = Readonly<{
  /** Null asks for what pays for every call of the tenant. */
  projectId: string | null;
  modelId: string | null;
  serviceTier: string | null;
  currency: string;
  atMs: number;
  /**
   * The least that one unit of the model may cost, if it costs anything. Null where it is priced in several
   * kinds of units: no quota of one kind covers all of such a call.
   */
  least: LeastPrice | null;
  /** Nothing but free quota may pay. */
  isFreeOnly: boolean;
}>;

export type LeastPrice = Readonly<{ unit: string; unitPico: bigint }>;

export type Cover = Readonly<{
  source: Source;
  /** Null for cash. */
  sourceId: string | null;
  /** In units of the source; null for as much as there is. */
  units: bigint | null;
  picoPerUnit: bigint;
  isScoped: boolean;
  endsAtMs: number | null;
  /** Of a plan: when the last of its windows began. */
  beginsAtMs?: number;
}>;

/** Why nothing more may pay, and when that changes; null where cash pays in the end. */
export type Stop = Readonly<{
  code: 'plan_exhausted' | 'free_quota_exhausted';
  retryAtMs: number | null;
}>;

export type Covers = Readonly<{ covers: readonly Cover[]; stop: Stop | null }>;

/**
 * Where a plan blocks some models, nothing covers "every call": what is set aside for one model must not be
 * spent on another that is refused. Nor does a source that the order keeps from some class of service.
 */
export function coversOf(
  purse: Purse,
  orders: readonly DeductionOrder[],
  question: CoverQuestion,
): Covers {
  const { covers, stop } = coversInOrder(purse, orders, question);
  const isSplit = purse.allowances.some(
    ({ atEnd, modelIds, anchorMs, endsAtMs }) =>
      atEnd === 'block' &&
      modelIds !== null &&
      anchorMs <= question.atMs &&
      question.atMs < endsAtMs,
  );
  const picky = orderInForce(orders, question.atMs)
    .steps.filter(({ exceptTiers }) => exceptTiers.length > 0)
    .map(({ source }) => source);
  return {
    covers: covers.map((each) =>
      isSplit || picky.includes(each.source) ? { ...each, isScoped: true } : each,
    ),
    stop,
  };
}

function coversInOrder(
  purse: Purse,
  orders: readonly DeductionOrder[],
  question: CoverQuestion,
): Covers {
  const order = orderInForce(orders, question.atMs);
  const covers: Cover[] = [];
  for (const source of sourcesFor(order, question.serviceTier ?? 'default')) {
    if (source === 'free_quota') covers.push(...quotaCovers(purse, question));
    else if (question.isFreeOnly) continue;
    else if (source === 'plan') {
      const { plans, stop } = planCovers(purse, question);
      covers.push(...plans);
      if (stop !== null) return { covers, stop };
    } else if (source === 'cash') covers.push(CASH);
    else covers.push(...grantCovers(purse, source, question));
  }
  const stop = question.isFreeOnly
    ? ({ code: 'free_quota_exhausted', retryAtMs: null } as const)
    : null;
  return { covers, stop };
}

const CASH: Cover = {
  source: 'cash',
  sourceId: null,
  units: null,
  picoPerUnit: 1n,
  isScoped: false,
  endsAtMs: null,
};

function quotaCovers(purse: Purse, question: CoverQuestion): readonly Cover[] {
  const { modelId, least, atMs } = question;
  if (modelId === null || least === null || least.unitPico <= 0n) return [];
  return purse.quotas
    .toSorted(compareQuotas)
    .filter((quota) => quota.unit === least.unit && mayUse(quota, { modelId, atMs }))
    .map((quota) => ({
      source: 'free_quota' as const,
      sourceId: quota.id,
      units: quota.units - quota.usedUnits,
      picoPerUnit: least.unitPico,
      isScoped: true,
      endsAtMs: quota.expiresAtMs,
    }));
}

/** What a plan that blocks leaves open nobody else pays; whether there is room is said by its windows. */
function planCovers(
  purse: Purse,
  question: CoverQuestion,
): Readonly<{ plans: readonly Cover[]; stop: Stop | null }> {
  const { modelId } = question;
  const plans: Cover[] = [];
  for (const allowance of purse.allowances) {
    if (modelId === null && allowance.modelIds !== null) continue;
    if (!isCovered(allowance, { ...question, modelId: modelId ?? '' })) continue;
    const windows = windowsAt(allowance, question.atMs);
    const picoPerUnit = allowance.unit === 'amount' ? 1n : tokenPicoOf(question);
    const endsAtMs = Math.min(allowance.endsAtMs, ...windows.map(({ endMs }) => endMs));
    if (picoPerUnit !== null && picoPerUnit > 0n) {
      const units = grossRoom(purse, allowance, windows);
      const beginsAtMs = Math.max(...windows.map(({ startMs }) => startMs));
      plans.push(planCover(allowance, { units, picoPerUnit, endsAtMs, beginsAtMs }));
    }
    if (allowance.atEnd === 'block') {
      const retryAtMs = resetsAtMs(windows) ?? endsAtMs;
      return { plans, stop: { code: 'plan_exhausted', retryAtMs } };
    }
  }
  return { plans, stop: null };
}

/**
 * What no lease holds of any window, and what leases hold in all, which the ledger takes off again. A lease of
 * five hours that are over still holds of the week: its calls, however late they arrive, were let in then.
 */
function grossRoom(
  { held }: Purse,
  { subscriptionId }: Allowance,
  windows: readonly AllowanceWindow[],
): bigint {
  const own = held.filter(({ sourceId }) => sourceId === subscriptionId);
  const heldIn = ({ startMs, endMs }: Opened): bigint =>
    own
      .filter(({ openedAtMs }) => openedAtMs >= startMs && openedAtMs < endMs)
      .reduce((sum, part) => sum + unitsHeld(part), 0n);
  return roomOf(windows, heldIn) + heldIn(EVER);
}

function tokenPicoOf({ least }: CoverQuestion): bigint | null {
  return least?.unit === 'token' ? least.unitPico : null;
}

function planCover(
  { subscriptionId, modelIds, unit }: Allowance,
  cover: Pick<Cover, 'units' | 'picoPerUnit' | 'endsAtMs' | 'beginsAtMs'>,
): Cover {
  const isScoped = modelIds !== null || unit === 'token';
  return { source: 'plan', sourceId: subscriptionId, isScoped, ...cover };
}

function grantCovers(
  purse: Purse,
  source: 'savings_plan' | 'grant',
  question: CoverQuestion,
): readonly Cover[] {
  return purse.grants
    .toSorted(compareGrants)
    .filter((grant) => (grant.origin === 'savings_plan') === (source === 'savings_plan'))
    .filter((grant) => grant.shareBasisPoints === ALL_BASIS_POINTS && !grant.isRevoked)
    .filter((grant) => mayCover(grant, question))
    .map((grant) => ({
      source,
      sourceId: grant.id,
      units: grant.remainingPico,
      picoPerUnit: 1n,
      isScoped: !isAnyScope(grant.scope),
      endsAtMs: grant.expiresAtMs,
    }));
}

/** Where nobody says for what it is, only a grant for everything covers it. */
function mayCover(grant: Grant, question: CoverQuestion): boolean {
  const { modelId, projectId, serviceTier, currency, atMs } = question;
  const { scope } = grant;
  if (modelId === null && scope.modelIds !== null) return false;
  if (projectId === null && scope.projectId !== null) return false;
  if (serviceTier === null && scope.product !== null) return false;
  const product = serviceTier === 'batch' ? 'batch' : 'inference';
  const subject = { modelId: modelId ?? '', projectId: projectId ?? '', product } as const;
  return mayPay(grant, { ...subject, currency, atMs });
}
