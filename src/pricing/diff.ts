/** What a draft changes, amount by amount. Pure. Compared is the price of one unit, so `1 for 1000` is `1000 for a million`. */
import { parseAmount } from '#ledger/money.ts';
import type { PriceChange, PriceRate, PriceTerms } from './api.ts';
import { rateName } from './check.ts';
import { canonicalTerms } from './terms.ts';
import { DEFAULT_TERMS } from './tier.ts';

type Side = NonNullable<PriceChange['before']>;
type Cell = Readonly<{
  what: string;
  kind: PriceChange['kind'];
  upTo: number | null;
  side: Side;
  /** What else it says, where that is not a number. */
  note: string;
}>;

/**
 * Null before is a model without a price. Tiers are compared size by size: a tier that is new is held against
 * what held for its sizes before.
 */
export function diffTerms(before: PriceTerms | null, after: PriceTerms): readonly PriceChange[] {
  // Without a price there are the usual classes all the same.
  const old = Map.groupBy(cellsOf(before ?? NO_PRICE), keyOf);
  const fresh = Map.groupBy(cellsOf(after), keyOf);
  const changes = [...fresh].flatMap(([key, tiers]) => diffTiers(old.get(key) ?? [], tiers));
  const removed = [...old].flatMap(([key, tiers]) => (fresh.has(key) ? [] : tiers));
  return [
    ...changes,
    ...removed.map(({ what, kind, upTo, side }) => {
      const change = 'removed' as const;
      return { what, kind, upTo, change, before: side, after: null, percent: null };
    }),
  ];
}

const NO_PRICE: PriceTerms = { rates: [], serviceTiers: {}, regions: {} };

/** At every size where one of them has a tier that ends. */
function diffTiers(before: readonly Cell[], after: readonly Cell[]): readonly PriceChange[] {
  const ends = [...new Set([...before, ...after].map(({ upTo }) => upTo ?? Infinity))];
  return ends
    .toSorted((left, right) => left - right)
    .flatMap((end) => {
      const next = covering(after, end);
      if (next === null) return [];
      const upTo = end === Infinity ? null : end;
      return compare(covering(before, end), { ...next, upTo }) ?? [];
    });
}

function covering(tiers: readonly Cell[], size: number): Cell | null {
  return tiers.find(({ upTo }) => (upTo ?? Infinity) >= size) ?? null;
}

function compare(before: Cell | null, after: Cell): PriceChange | null {
  const { what, kind, upTo, side } = after;
  const base = { what, kind, upTo, after: side };
  if (before === null) return { ...base, change: 'added', before: null, percent: null };
  // a / b against c / d, without dividing.
  const left = parseAmount(before.side.amount) * BigInt(side.per);
  const right = parseAmount(side.amount) * BigInt(before.side.per);
  const isSame = before.side.mode === side.mode && before.note === after.note;
  if (left === right && isSame && (side.mode !== 'package' || before.side.per === side.per)) {
    return null;
  }
  const change = !isSame || left === right ? 'changed' : right > left ? 'raised' : 'lowered';
  return { ...base, change, before: before.side, percent: percentOf(left, right) };
}

/** With one digit after the point, halves away from zero; null where there was nothing before or nothing changed. */
function percentOf(before: bigint, after: bigint): string | null {
  if (before === 0n || before === after) return null;
  const size = after > before ? after - before : before - after;
  const tenths = (size * 2_000n + before) / (before * 2n);
  const sign = after > before ? '+' : '-';
  return `${sign}${tenths / 10n}.${tenths % 10n}`;
}

function cellsOf(terms: PriceTerms): readonly Cell[] {
  const { rates, serviceTiers, regions } = canonicalTerms(terms);
  const multiple = (amount: string): Side => ({ amount, per: 1, mode: 'whole_request' });
  return [
    ...rates.flatMap(cellsOfRate),
    ...(['flex', 'priority', 'batch'] as const).map((what) => {
      const { times, without } = serviceTiers[what] ?? DEFAULT_TERMS[what];
      const note = without.toSorted().join(' ');
      return { what, kind: 'service_tier' as const, upTo: null, side: multiple(times), note };
    }),
    ...Object.entries(regions).map(([what, times]) => {
      return { what, kind: 'region' as const, upTo: null, side: multiple(times), note: '' };
    }),
  ];
}

function cellsOfRate(rate: PriceRate): readonly Cell[] {
  const { mode, per, tiers } = rate;
  const what = rateName(rate);
  return tiers.map(({ upTo, amount }) => {
    return { what, kind: 'rate', upTo, side: { amount, per, mode }, note: '' };
  });
}

const keyOf = ({ kind, what }: Cell): string => [kind, what].join(' ');
