/**
 * What a price may not be, beyond its shape. Pure. Every problem names its place, so that an import can say
 * its line. A price that passes can rate every request without rounding and is never free by accident.
 */
import { parseAmount } from '#ledger/money.ts';
import { codeOf } from '#platform/error.ts';
import type { PriceRate, PriceTerms } from './api.ts';
import { FALLBACK } from './choose.ts';
import type { fail } from './errors.ts';
import { ONE, multiply, parseMultiple, scale } from './fraction.ts';
import { COUNTS_PER_UNIT } from './quantities.ts';
import { DEFAULT_TERMS } from './tier.ts';

export type ProblemCode = Parameters<typeof fail>[0] | 'ledger.amount_invalid';

export type Problem = Readonly<{
  code: ProblemCode;
  message: string;
  /** Such as `rates.2.tiers.0.amount`. */
  path: readonly (string | number)[];
}>;

/** Above this the price of one long context would not fit the ledger's 38 digits by far; a slip of the keyboard. */
export const AMOUNT_MAX_PICO = parseAmount('1000000000');

export function findProblems(terms: PriceTerms): readonly Problem[] {
  return [
    ...terms.rates.flatMap((rate, index) => [
      ...problemsOfDimensions(rate, ['rates', index]),
      ...problemsOfTiers(rate, ['rates', index]),
    ]),
    ...twins(terms),
    ...gaps(terms),
    ...problemsOfMultiples(terms),
  ];
}

/** Says which rate of a version this is; two of the same are a mistake. */
export function rateName(rate: PriceRate): string {
  const { unit, direction, serviceTier, resolution, isThinking, cacheKind, cacheTtl } = rate;
  const thinking = isThinking === undefined ? undefined : isThinking ? 'thinking' : 'plain';
  const named = [serviceTier, resolution, thinking, cacheKind, cacheTtl];
  return [unit, direction, ...named.filter((name) => name !== undefined)].join('/');
}

type Path = Problem['path'];

function problemsOfDimensions(rate: PriceRate, path: Path): readonly Problem[] {
  const { unit, direction } = rate;
  const problem = (field: string, message: string): Problem => ({
    code: 'price.dimension_invalid',
    message,
    path: [...path, field],
  });
  const isCache = direction === 'cache_read' || direction === 'cache_write';
  return [
    ...(unit !== 'token' && direction !== 'input' && direction !== 'output'
      ? [problem('direction', `Only tokens have the direction ${direction}.`)]
      : []),
    ...(rate.resolution !== undefined && unit !== 'image' && unit !== 'video_second'
      ? [problem('resolution', 'Only images and video have a resolution.')]
      : []),
    ...(rate.cacheKind !== undefined && !isCache
      ? [problem('cacheKind', 'Only reading and writing a cache has a kind of cache.')]
      : []),
    ...(rate.cacheTtl !== undefined && direction !== 'cache_write'
      ? [problem('cacheTtl', 'Only writing a cache has a life of the cache.')]
      : []),
  ];
}

function problemsOfTiers(rate: PriceRate, path: Path): readonly Problem[] {
  const problems: Problem[] = [];
  const { tiers, mode } = rate;
  const amounts = tiers.map(({ amount }, index) => {
    const place = [...path, 'tiers', index, 'amount'];
    const { pico, problem } = readAmount(amount, rate, place);
    if (problem !== null) problems.push(problem);
    return pico;
  });
  const invalid = (message: string, index: number): void => {
    const at = [...path, 'tiers', index, 'upTo'];
    problems.push({ code: 'price.tiers_invalid', message, path: at });
  };
  for (const [index, { upTo }] of tiers.entries()) {
    const before = tiers[index - 1]?.upTo ?? 0;
    if (index === tiers.length - 1 && upTo !== null) {
      invalid('The last tier has no end: whatever is larger has a price too.', index);
    } else if (index < tiers.length - 1 && upTo === null) {
      invalid('Only the last tier has no end.', index);
    } else if (upTo !== null && upTo <= before) {
      invalid(`A tier ends after the one before it; this one ends at ${upTo}.`, index);
    }
    const [pico, cheaper] = [amounts[index], amounts[index - 1]];
    if (mode === 'volume' && pico !== undefined && cheaper !== undefined && pico > cheaper) {
      problems.push({
        code: 'price.tiers_rise',
        message:
          'With volume tiers who uses more pays less for each; for a price that rises take graduated tiers.',
        path: [...path, 'tiers', index, 'amount'],
      });
    }
  }
  if (mode === 'package' && tiers.length > 1) {
    invalid('A package has one price.', 1);
  }
  return problems;
}

function readAmount(
  text: string,
  rate: PriceRate,
  path: Path,
): Readonly<{ pico: bigint; problem: Problem | null }> {
  const bad = (code: ProblemCode, message: string) => ({
    pico: 0n,
    problem: { code, message, path },
  });
  let pico: bigint;
  try {
    pico = parseAmount(text);
  } catch (error) {
    if (codeOf(error) !== 'ledger.amount_invalid') throw error;
    return bad('ledger.amount_invalid', 'An amount is a plain decimal such as "12.5".');
  }
  if (pico < 0n) return bad('price.negative', 'A price is zero or more.');
  if (pico > AMOUNT_MAX_PICO) {
    return bad('price.too_large', 'A price is at most 1000000000.');
  }
  const counts = BigInt(rate.per) * BigInt(COUNTS_PER_UNIT[rate.unit]);
  if (rate.mode !== 'package' && pico % counts !== 0n) {
    return bad(
      'price.below_pico',
      `${text} for ${rate.per} is finer than a whole number of pico (10⁻¹²) for ${smallest(rate)}, so bills would be rounded.`,
    );
  }
  return { pico, problem: null };
}

function smallest({ unit }: PriceRate): string {
  return COUNTS_PER_UNIT[unit] === 1 ? `one ${unit}` : `a thousandth of one ${unit}`;
}

/** Two rates that say the same of themselves: nobody could say which applies. */
function twins({ rates }: PriceTerms): readonly Problem[] {
  const seen = new Map<string, number>();
  return rates.flatMap((rate, index) => {
    const name = rateName(rate);
    const first = seen.get(name);
    seen.set(name, first ?? index);
    if (first === undefined) return [];
    const message = `There are two rates ${name}; tiers of one rate belong together.`;
    return [{ code: 'price.rate_twice' as const, message, path: ['rates', index] }];
  });
}

/** What is priced under conditions only would be free without them. Cache and reasoning fall back to input and output. */
function gaps({ rates }: PriceTerms): readonly Problem[] {
  const groups = Map.groupBy([...rates.entries()], ([, { unit, direction }]) =>
    [unit, direction].join('/'),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const [index, { unit, direction }] = first;
    const isFallback = (rate: PriceRate): boolean =>
      rate.unit === unit && rate.direction === FALLBACK[direction];
    if (rates.some(isFallback)) return [];
    const always = group.filter(([, rate]) => isUnconditional(rate));
    const covers = (isThinking: boolean): boolean =>
      always.some(([, rate]) => rate.isThinking === undefined || rate.isThinking === isThinking);
    if (covers(true) && covers(false)) return [];
    const message = `${unit} ${direction} has a price under conditions only, and would be free without them.`;
    return [{ code: 'price.incomplete' as const, message, path: ['rates', index] }];
  });
}

function isUnconditional({ serviceTier, resolution, cacheKind, cacheTtl }: PriceRate): boolean {
  return [serviceTier, resolution, cacheKind, cacheTtl].every((each) => each === undefined);
}

/** A discount that leaves nothing of a price is a gift by accident. */
function problemsOfMultiples({ rates, serviceTiers, regions }: PriceTerms): readonly Problem[] {
  const classes = [
    { name: 'default', times: '1', path: ['rates'] },
    ...(['flex', 'priority', 'batch'] as const).map((name) => ({
      name,
      times: serviceTiers[name]?.times ?? DEFAULT_TERMS[name].times,
      path: ['serviceTiers', name, 'times'],
    })),
  ];
  const places = [
    { factor: ONE, name: null },
    ...Object.entries(regions).map(([name, times]) => ({ factor: parseMultiple(times), name })),
  ];
  const problems: Problem[] = [];
  for (const { name, times, path } of classes) {
    for (const place of places) {
      const factor = multiply(parseMultiple(times), place.factor);
      const gift = rates.find((rate) =>
        rate.tiers.some((tier) => {
          const pico = countPico(tier.amount, rate);
          return pico > 0n && scale(pico, factor) === 0n;
        }),
      );
      if (gift === undefined) continue;
      const where = place.name === null ? '' : ` in ${place.name}`;
      problems.push({
        code: 'price.rounds_to_zero',
        message: `${rateName(gift)} would cost nothing for ${name}${where}: less than a pico is left of one.`,
        path: place.name === null ? path : ['regions', place.name],
      });
      break;
    }
  }
  return problems;
}

/** Zero where the amount itself is refused. */
function countPico(text: string, rate: PriceRate): bigint {
  const { pico, problem } = readAmount(text, rate, []);
  if (problem !== null) return 0n;
  if (rate.mode === 'package') return pico;
  return pico / (BigInt(rate.per) * BigInt(COUNTS_PER_UNIT[rate.unit]));
}
