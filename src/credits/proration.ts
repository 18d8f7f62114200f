/**
 * What a change of plan costs in the middle of a period. Pure. The rest of the period is measured in
 * milliseconds; each line is rounded once, to the hundredth of the currency and in the subscriber's
 * favour: what comes back is rounded up, what is charged down.
 */
import { PICO_PER_UNIT } from '#ledger/money.ts';

export type ProrationLine = Readonly<{
  kind: 'unused' | 'remaining';
  planId: string;
  /** Below zero where it comes back. */
  amountPico: bigint;
  /** The part of the period that is left, and the whole of it. */
  restMs: number;
  wholeMs: number;
}>;

export type Proration = Readonly<{ lines: readonly ProrationLine[]; duePico: bigint }>;

type PricedPlan = Readonly<{ id: string; pricePico: bigint }>;
/** What was paid for the period may be less than its price, where it was changed before. */
type PaidPlan = PricedPlan & Readonly<{ paidPico: bigint }>;

/** The smallest coin of the currencies we price in. */
const COIN_PICO = PICO_PER_UNIT / 100n;

export function prorate(
  request: Readonly<{
    from: PaidPlan;
    to: PricedPlan;
    period: Readonly<{ startMs: number; endMs: number }>;
    atMs: number;
  }>,
): Proration {
  const { from, to, period } = request;
  const wholeMs = period.endMs - period.startMs;
  const restMs = Math.max(0, Math.min(wholeMs, period.endMs - request.atMs));
  const unusedPico = upToCoin(from.pricePico * BigInt(restMs), BigInt(wholeMs));
  // Prices need not be whole coins; what comes back is never more than was paid.
  const backPico = unusedPico < from.paidPico ? unusedPico : from.paidPico;
  const remainingPico = downToCoin(to.pricePico * BigInt(restMs), BigInt(wholeMs));
  return {
    lines: [
      { kind: 'unused', planId: from.id, amountPico: -backPico, restMs, wholeMs },
      { kind: 'remaining', planId: to.id, amountPico: remainingPico, restMs, wholeMs },
    ],
    duePico: remainingPico - backPico,
  };
}

function downToCoin(dividend: bigint, divisor: bigint): bigint {
  return (dividend / divisor / COIN_PICO) * COIN_PICO;
}

function upToCoin(dividend: bigint, divisor: bigint): bigint {
  const step = divisor * COIN_PICO;
  return ((dividend + step - 1n) / step) * COIN_PICO;
}
