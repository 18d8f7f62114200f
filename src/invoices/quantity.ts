/** Counts and unit prices as people and other programs read them, exactly. Pure. */
import { formatAmount, parseAmount } from '#ledger/money.ts';

/** How many counts make one unit of what is shown; others are themselves. See pricing's quantities. */
const COUNTS_PER_UNIT: Readonly<Record<string, bigint>> = {
  second: 1_000n,
  video_second: 1_000n,
  gb_day: 1_000n,
  gpu_hour: 1_000n,
};

/** Prices of these are too small to be read one by one. */
const SHOWN_PER: Readonly<Record<string, bigint>> = {
  token: 1_000_000n,
  character: 1_000_000n,
  training_token: 1_000_000n,
};

type Priced = Readonly<{
  unit: string | null;
  units: string;
  priced: string;
  unitPrice: string;
}>;

/** In packages: what is priced is not what was used. */
export function isPackaged(line: Priced): boolean {
  return line.priced !== line.units;
}

/** `quantity × price` is the exact amount; seconds are seconds and no longer thousandths. */
export function exactQuantity(line: Priced): Readonly<{ quantity: string; price: string }> {
  const per = isPackaged(line) ? 1n : (COUNTS_PER_UNIT[line.unit ?? ''] ?? 1n);
  return {
    quantity: divided(BigInt(line.priced), per),
    price: formatAmount(parseAmount(line.unitPrice) * per),
  };
}

/** What was used, in units. */
export function consumedQuantity(line: Pick<Priced, 'unit' | 'units'>): string {
  return divided(BigInt(line.units), COUNTS_PER_UNIT[line.unit ?? ''] ?? 1n);
}

/** The price as it is printed: of a million tokens, of a second. */
export function shownPrice(line: Priced): string {
  const { price } = exactQuantity(line);
  const per = isPackaged(line) ? 1n : (SHOWN_PER[line.unit ?? ''] ?? 1n);
  return formatAmount(parseAmount(price) * per);
}

/** `1234567.5` → `1,234,567.5`. */
export function grouped(decimal: string): string {
  const [whole = '', fraction] = decimal.split('.');
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? text : `${text}.${fraction}`;
}

/** Exact where `per` is a power of ten up to a thousand. */
function divided(count: bigint, per: bigint): string {
  if (per === 1n) return count.toString();
  const size = count < 0n ? -count : count;
  const digits = per.toString().length - 1;
  const fraction = (size % per).toString().padStart(digits, '0').replace(/0+$/, '');
  const whole = `${count < 0n ? '-' : ''}${size / per}`;
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
