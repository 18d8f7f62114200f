/**
 * Tax on an invoice. Pure. Rates are effective-dated by tenant; the one in force at the end of the period
 * holds for all of it, because that is when the supply is complete. The amount is rounded once, on the sum.
 */
import { coinPico, divideHalfEven } from './rounding.ts';

/** `exclusive`: on top of prices. `inclusive`: prices contain it. `exempt`: none, and the paper says why. */
export const TAX_MODES = ['exclusive', 'inclusive', 'exempt'] as const;
export type TaxMode = (typeof TAX_MODES)[number];

export type TaxRate = Readonly<{
  effectiveFromMs: number;
  /** What the law calls it: `VAT`, `增值税`. */
  name: string;
  mode: TaxMode;
  /** Millionths: 6 % is 60 000. */
  ratePpm: number;
  /** Why nothing is due, where it is exempt; printed. */
  reason: string;
}>;

export type Taxed = Readonly<{ netPico: bigint; taxPico: bigint; totalPico: bigint }>;

const PPM = 1_000_000n;

/** Of rates in any order, the latest that has begun. */
export function rateInForce(rates: readonly TaxRate[], atMs: number): TaxRate | null {
  let found: TaxRate | null = null;
  for (const rate of rates) {
    if (rate.effectiveFromMs > atMs) continue;
    if (found === null || rate.effectiveFromMs > found.effectiveFromMs) found = rate;
  }
  return found;
}

/** `amountPico` is a whole number of coins, and so is everything that comes back. */
export function taxOn(amountPico: bigint, rate: TaxRate | null, minorDigits: number): Taxed {
  const coin = coinPico(minorDigits);
  const coins = amountPico / coin;
  if (rate === null || rate.mode === 'exempt') {
    return { netPico: amountPico, taxPico: 0n, totalPico: amountPico };
  }
  const ppm = BigInt(rate.ratePpm);
  if (rate.mode === 'exclusive') {
    const taxPico = divideHalfEven(coins * ppm, PPM) * coin;
    return { netPico: amountPico, taxPico, totalPico: amountPico + taxPico };
  }
  const taxPico = divideHalfEven(coins * ppm, PPM + ppm) * coin;
  return { netPico: amountPico - taxPico, taxPico, totalPico: amountPico };
}

/** 60000 → `6%`, 82500 → `8.25%`. */
export function formatRate(ratePpm: number): string {
  const text = (ratePpm / 10_000).toFixed(4).replace(/\.?0+$/, '');
  return `${text}%`;
}
