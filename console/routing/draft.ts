/** A route as its form holds it: a target is one text, `model` or `model@deployment`. Pure. */
import type { Route, RouteSet } from '../cloud.ts';

export const CONDITIONS = ['unavailable', 'overloaded', 'error', 'timeout'] as const;
export type Condition = (typeof CONDITIONS)[number];

export type WeightedDraft = Readonly<{ target: string; weight: string }>;

export type Draft = Readonly<{
  name: string;
  scope: Route['scope'];
  targets: readonly WeightedDraft[];
  /** Null where there is no canary. */
  canary: Readonly<{ target: string; percent: number }> | null;
  fallbacks: readonly string[];
  fallbackOn: readonly Condition[];
  sticky: Route['sticky'];
}>;

export const EMPTY_DRAFT: Draft = {
  name: '',
  scope: 'tenant',
  targets: [{ target: '', weight: '1' }],
  canary: null,
  fallbacks: [],
  fallbackOn: CONDITIONS,
  sticky: 'key',
};

type Target = Readonly<{ model: string; deploymentId: string | null }>;

const DEPLOYMENT = '@dep_';

export function textOf({ model, deploymentId }: Target): string {
  return deploymentId === null ? model : `${model}@${deploymentId}`;
}

export function targetOf(text: string): Target {
  const at = text.lastIndexOf(DEPLOYMENT);
  if (at === -1) return { model: text, deploymentId: null };
  return { model: text.slice(0, at), deploymentId: text.slice(at + 1) };
}

export function draftOf(route: Route): Draft {
  return {
    name: route.name,
    scope: route.scope,
    targets: route.targets.map((target) => ({
      target: textOf(target),
      weight: String(target.weight),
    })),
    canary:
      route.canary === null
        ? null
        : { target: textOf(route.canary), percent: route.canary.percent },
    fallbacks: route.fallbacks.map(textOf),
    fallbackOn: CONDITIONS.filter((condition) => route.fallbackOn.includes(condition)),
    sticky: route.sticky,
  };
}

export type Fault =
  | 'nameMissing'
  | 'nameInvalid'
  | 'targetMissing'
  | 'targetRepeated'
  | 'weightInvalid'
  | 'weightsZero';

const NAME = /^[A-Za-z0-9][\w.:/@+-]{0,199}$/;
const WEIGHT_MAX = 1000;

/** What is wrong before anybody is asked; the server knows the rest. */
export function faultOf(draft: Draft): Fault | null {
  const { name, targets, canary, fallbacks } = draft;
  if (name.trim() === '') return 'nameMissing';
  if (!NAME.test(name.trim())) return 'nameInvalid';
  const texts = targets.map(({ target }) => target);
  const others = [...fallbacks, ...(canary === null ? [] : [canary.target])];
  if ([...texts, ...others].includes('')) return 'targetMissing';
  if (new Set(texts).size < texts.length) return 'targetRepeated';
  const weights = targets.map(({ weight }) => weightOf(weight));
  if (weights.includes(null)) return 'weightInvalid';
  return weights.every((weight) => weight === 0) ? 'weightsZero' : null;
}

function weightOf(text: string): number | null {
  const weight = Number(text);
  const isWeight = /^\d+$/.test(text.trim()) && weight <= WEIGHT_MAX;
  return isWeight ? weight : null;
}

/** Only of a draft without fault. */
export function wishOf(draft: Draft): RouteSet {
  const { name, scope, targets, canary, fallbacks, fallbackOn, sticky } = draft;
  return {
    name: name.trim(),
    scope,
    targets: targets.map(({ target, weight }) => ({
      ...targetOf(target),
      weight: weightOf(weight) ?? 0,
    })),
    canary: canary === null ? null : { ...targetOf(canary.target), percent: canary.percent },
    fallbacks: fallbacks.map(targetOf),
    fallbackOn: [...fallbackOn],
    sticky,
  };
}

export type Share = Readonly<{ name: string; share: number; isCanary: boolean }>;

/** What each gets of all requests, the canary's part taken first; for the bar. */
export function sharesOf(route: Pick<Draft, 'targets' | 'canary'>): Share[] {
  const canaryShare = route.canary === null ? 0 : route.canary.percent / 100;
  const weights = route.targets.map(({ weight }) => weightOf(weight) ?? 0);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = route.targets.map(({ target }, index) => ({
    name: target,
    share: total === 0 ? 0 : ((weights[index] ?? 0) / total) * (1 - canaryShare),
    isCanary: false,
  }));
  if (route.canary === null) return shares;
  return [...shares, { name: route.canary.target, share: canaryShare, isCanary: true }];
}

/** An item one place up or down, for the order of fallbacks. */
export function moved<T>(items: readonly T[], from: number, by: -1 | 1): readonly T[] {
  const to = from + by;
  const item = items[from];
  if (item === undefined || to < 0 || to >= items.length) return items;
  return items.toSpliced(from, 1).toSpliced(to, 0, item);
}
