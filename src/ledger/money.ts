/**
 * Money as `bigint` pico, 10⁻¹² of the currency, and its one text form: a plain decimal such as
 * `-12.000000000001`. Exact both ways; nothing here rounds, and nothing here ever is a `number`.
 */
import { fail } from './errors.ts';

export const PICO_PER_UNIT = 1_000_000_000_000n;
const PLACES = 12;

/** What numeric(38, 0) holds; a larger amount is an attack or a bug, never money. */
export const PICO_MAX = 10n ** 38n - 1n;

const DECIMAL = /^(-?)(\d{1,26})(?:\.(\d{1,12}))?$/;
const WHOLE = /^-?\d{1,38}$/;

/**
 * `1.5` → 1_500_000_000_000n. Raises `ledger.amount_invalid` on anything but a plain decimal with at
 * most 26 digits before the point and 12 after it.
 */
export function parseAmount(text: string): bigint {
  const match = DECIMAL.exec(text);
  if (match === null) {
    throw fail(
      'ledger.amount_invalid',
      'An amount is a plain decimal such as "12.5", with at most 12 digits after the point.',
    );
  }
  const [, sign, whole = '', fraction = ''] = match;
  const pico = BigInt(whole) * PICO_PER_UNIT + BigInt(fraction.padEnd(PLACES, '0'));
  return sign === '-' ? -pico : pico;
}

/** The shortest decimal that parses back to the same amount: no exponent, no trailing zeros. */
export function formatAmount(pico: bigint): string {
  const sign = pico < 0n ? '-' : '';
  const size = pico < 0n ? -pico : pico;
  const whole = size / PICO_PER_UNIT;
  const fraction = (size % PICO_PER_UNIT).toString().padStart(PLACES, '0').replace(/0+$/, '');
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/**
 * Reads pico as SQL and JSON carry them: a whole number in text. Raises `ledger.amount_invalid`.
 */
export function parsePico(text: string): bigint {
  if (!WHOLE.test(text)) {
    throw fail(
      'ledger.amount_invalid',
      'An amount in pico is a whole number of at most 38 digits.',
    );
  }
  return BigInt(text);
}

/** Raises `ledger.amount_too_large` for what the database could not hold. */
export function assertAmountFits(pico: bigint): void {
  if (pico > PICO_MAX || pico < -PICO_MAX) {
    throw fail('ledger.amount_too_large', 'The amount has more than 38 digits in pico.');
  }
}

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** Raises `ledger.currency_unknown` for what is no currency of ISO 4217. */
export function assertCurrency(currency: string): void {
  if (CURRENCIES.has(currency)) return;
  throw fail('ledger.currency_unknown', 'A currency is a code of ISO 4217, such as CNY.');
}

export function sum(amounts: Iterable<bigint>): bigint {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}
