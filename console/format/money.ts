/**
 * Money for people. Amounts come as decimal strings that are exact to twelve places, and stay
 * strings and bigints here: a floating-point number would lose the digits that matter most.
 */
const SYMBOLS: Readonly<Record<string, string>> = { CNY: '¥', USD: '$', EUR: '€', GBP: '£' };

/** Below this many leading zeros a rounded amount still says something. */
const PLACES_MIN = 2;
const SIGNIFICANT_DIGITS = 2;

/** The ledger's own resolution. */
const PICO_PLACES = 12;

type Decimal = Readonly<{ isNegative: boolean; whole: string; fraction: string }>;

/** Every digit there is, and at least two after the point: `¥0.00000012`, `¥1,250.00`. */
export function formatMoney(amount: string, currency: string): string {
  const decimal = parseDecimal(amount);
  const fraction = decimal.fraction.replace(/0+$/, '').padEnd(PLACES_MIN, '0');
  return compose({ ...decimal, fraction }, currency);
}

/** For headlines: two places, or two significant digits of an amount smaller than that. */
export function formatMoneyShort(amount: string, currency: string): string {
  const decimal = parseDecimal(amount);
  const isTiny =
    /^0*$/.test(decimal.whole) && decimal.fraction.padEnd(PLACES_MIN, '0').startsWith('00');
  const zeros = /^0*/.exec(decimal.fraction)?.[0].length ?? 0;
  const isZero = isTiny && zeros === decimal.fraction.length;
  const places = isTiny && !isZero ? zeros + SIGNIFICANT_DIGITS : PLACES_MIN;
  const rounded = round(decimal, places);
  const fraction = isTiny ? rounded.fraction.replace(/0+$/, '') : rounded.fraction;
  return compose({ ...rounded, fraction: fraction.padEnd(PLACES_MIN, '0') }, currency);
}

/** For the axis of a chart and the share of a bar only, where a rounding is not seen. */
export function approximateMoney(amount: string): number {
  return Number(amount);
}

function parseDecimal(amount: string): Decimal {
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(amount);
  if (match === null) return { isNegative: false, whole: '0', fraction: '' };
  return { isNegative: match[1] === '-', whole: match[2] ?? '0', fraction: match[3] ?? '' };
}

/** Half away from zero. */
function round(decimal: Decimal, places: number): Decimal {
  const digits = decimal.whole + decimal.fraction.padEnd(places + 1, '0').slice(0, places + 1);
  const scaled = ((BigInt(digits) + 5n) / 10n).toString().padStart(places + 1, '0');
  return {
    isNegative: decimal.isNegative,
    whole: scaled.slice(0, scaled.length - places),
    fraction: scaled.slice(scaled.length - places),
  };
}

function compose(decimal: Decimal, currency: string): string {
  const symbol = SYMBOLS[currency] ?? `${currency} `;
  const whole = BigInt(decimal.whole)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
  const isZero = /^0*$/.test(decimal.whole + decimal.fraction);
  return `${decimal.isNegative && !isZero ? '−' : ''}${symbol}${whole}.${decimal.fraction}`;
}

/** What a million tokens earned on average, as a decimal string; null before the first token. */
export function averagePerMillion(amount: string, tokens: number): string | null {
  if (tokens <= 0) return null;
  return writePico((picoOf(parseDecimal(amount)) * 1_000_000n) / BigInt(tokens));
}

/** The exact sum. */
export function sumMoney(amounts: readonly string[]): string {
  return writePico(amounts.reduce((total, amount) => total + picoOf(parseDecimal(amount)), 0n));
}

function writePico(pico: bigint): string {
  const digits = (pico < 0n ? -pico : pico).toString().padStart(PICO_PLACES + 1, '0');
  const point = digits.length - PICO_PLACES;
  return `${pico < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function picoOf({ isNegative, whole, fraction }: Decimal): bigint {
  const pico = BigInt(whole + fraction.padEnd(PICO_PLACES, '0').slice(0, PICO_PLACES));
  return isNegative ? -pico : pico;
}
