/**
 * Amounts as banks count them: whole cents, or what a currency has in their place. Exact both ways; an
 * amount finer than that is refused, never rounded. Pure.
 */
import { PICO_PER_UNIT } from '#ledger/money.ts';
import { fail } from './errors.ts';

/** ISO 4217; the rest have two places. */
const PLACES: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  MGA: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  JOD: 3,
  KWD: 3,
  OMR: 3,
  TND: 3,
};

function picoPerMinor(currency: string): bigint {
  return PICO_PER_UNIT / 10n ** BigInt(PLACES[currency.toUpperCase()] ?? 2);
}

/** Raises `payment.amount_invalid`. */
export function toMinorUnits(amountPico: bigint, currency: string): number {
  const minor = amountPico / picoPerMinor(currency);
  const isExact = minor * picoPerMinor(currency) === amountPico;
  if (!isExact || minor <= 0n || minor > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw fail('payment.amount_invalid', `Nobody can pay exactly that amount in ${currency}.`, {
      param: 'amount',
    });
  }
  return Number(minor);
}

export function fromMinorUnits(minor: number, currency: string): bigint {
  return BigInt(minor) * picoPerMinor(currency);
}
