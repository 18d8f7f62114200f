/**
 * The one place where money is rounded: half to even, to the smallest coin of the currency, once for each
 * line. Pure. What was cut off is not lost: it is posted to the rounding account, so that the books say
 * the same as the paper.
 */
import { PICO_PER_UNIT, formatAmount } from '#ledger/money.ts';

/** Digits after the point, by ISO 4217: 2 of CNY, 0 of JPY. */
export function minorDigitsOf(currency: string): number {
  return (
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
      .maximumFractionDigits ?? 2
  );
}

export function coinPico(minorDigits: number): bigint {
  return PICO_PER_UNIT / 10n ** BigInt(minorDigits);
}

/** The nearest whole number of coins, in pico; of two that are as near, the even one. */
export function roundHalfEven(amountPico: bigint, minorDigits: number): bigint {
  const coin = coinPico(minorDigits);
  return divideHalfEven(amountPico, coin) * coin;
}

/** `numerator / denominator`, rounded half to even. The denominator is above zero. */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  const isNegative = numerator < 0n;
  const size = isNegative ? -numerator : numerator;
  const whole = size / denominator;
  const twice = (size % denominator) * 2n;
  const up = twice > denominator || (twice === denominator && whole % 2n === 1n);
  const rounded = up ? whole + 1n : whole;
  return isNegative ? -rounded : rounded;
}

/** A rounded amount with all its digits: `12.50`. */
export function formatCoins(amountPico: bigint, minorDigits: number): string {
  const plain = formatAmount(amountPico);
  const [whole = '0', fraction = ''] = plain.split('.');
  return minorDigits === 0 ? plain : `${whole}.${fraction.padEnd(minorDigits, '0')}`;
}
