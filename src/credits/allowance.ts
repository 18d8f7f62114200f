/**
 * The allowance of a subscription. Pure. A plan gives so much per five hours, per week and per month, all
 * of them at the same time: a call is covered as far as every window that it falls into has room. It is
 * counted in tokens, or in money at the list price.
 */
import type { Window, WindowPeriod } from './window.ts';
import { windowAt } from './window.ts';

export const ALLOWANCE_UNITS = ['token', 'amount'] as const;
export type AllowanceUnit = (typeof ALLOWANCE_UNITS)[number];

/** `overage`: what follows in the order pays on. `block`: calls are refused until a window begins anew. */
export type AtEnd = 'overage' | 'block';

/** What a plan gives in each window. Tokens, or pico where it is counted in money. */
export type WindowAllowance = Readonly<{ period: WindowPeriod; allowance: bigint }>;

export type AllowanceWindow = Window &
  Readonly<{
    allowance: bigint;
    /** Never more than the allowance. */
    used: bigint;
  }>;

export type Allowance = Readonly<{
  tenantId: string;
  subscriptionId: string;
  /** Null covers every model. */
  modelIds: readonly string[] | null;
  unit: AllowanceUnit;
  atEnd: AtEnd;
  currency: string;
  /** Where its windows are counted from: when the subscription began. */
  anchorMs: number;
  /** What was paid for ends here; null where nobody knows an end. */
  endsAtMs: number;
  terms: readonly WindowAllowance[];
  /** Those that were used already, of any time; what is not here is untouched. */
  windows: readonly AllowanceWindow[];
}>;

/** Whether calls of this model at this time are the plan's. */
export function isCovered(
  allowance: Allowance,
  subject: Readonly<{ modelId: string; currency: string; atMs: number }>,
): boolean {
  return (
    allowance.currency === subject.currency &&
    allowance.anchorMs <= subject.atMs &&
    subject.atMs < allowance.endsAtMs &&
    (allowance.modelIds === null || allowance.modelIds.includes(subject.modelId))
  );
}

/** The windows of an instant, each with its use. */
export function windowsAt(allowance: Allowance, atMs: number): readonly AllowanceWindow[] {
  return allowance.terms.flatMap(({ period, allowance: whole }) => {
    const window = windowAt(period, allowance.anchorMs, atMs);
    if (window === null) return [];
    const known = allowance.windows.find(
      (each) => each.period === period && each.startMs === window.startMs,
    );
    return [known ?? { ...window, allowance: whole, used: 0n }];
  });
}

/** What all of them still have, after what others hold of each; below zero where they hold too much. */
export function roomOf<Each extends AllowanceWindow>(
  windows: readonly Each[],
  heldOf: (window: Each) => bigint = () => 0n,
): bigint {
  let room: bigint | null = null;
  for (const window of windows) {
    const { allowance, used } = window;
    const rest = (allowance > used ? allowance - used : 0n) - heldOf(window);
    if (room === null || rest < room) room = rest;
  }
  return room ?? 0n;
}

/** When there is room again: the last of the windows that are used up ends. Null while there is room. */
export function resetsAtMs(windows: readonly AllowanceWindow[]): number | null {
  const full = windows.filter(({ allowance, used }) => used >= allowance);
  return full.length === 0 ? null : Math.max(...full.map(({ endMs }) => endMs));
}

export function windowKey(
  subscriptionId: string,
  { period, startMs }: Pick<Window, 'period' | 'startMs'>,
): string {
  return `${subscriptionId} ${period} ${startMs}`;
}
