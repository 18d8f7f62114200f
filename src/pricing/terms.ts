/** Between a price as people write it (rates with decimal amounts) and a version as arithmetic wants it. Pure. */
import { formatAmount, parseAmount } from '#ledger/money.ts';
import { FlywheelError } from '#platform/error.ts';
import type { PriceRate, PriceTerms } from './api.ts';
import { findProblems, rateName } from './check.ts';
import { rateKey } from './choose.ts';
import { fail } from './errors.ts';
import type { PriceComponent, PriceConditions, PricedModel } from './price.ts';
import type { Direction } from './quantities.ts';
import type { ServiceTerms, TierTerms } from './tier.ts';

export type VersionTerms = Pick<PricedModel, 'components' | 'serviceTerms' | 'regions'>;

/** Raises the first of what `findProblems` finds. */
export function toVersionTerms(terms: PriceTerms): VersionTerms {
  const [problem] = findProblems(terms);
  if (problem !== undefined) {
    const { code, message, path } = problem;
    const param = path.join('.');
    throw code === 'ledger.amount_invalid'
      ? new FlywheelError(code, message, { status: 400, param })
      : fail(code, message, { param });
  }
  const { serviceTiers, regions } = terms;
  return {
    components: terms.rates.flatMap(componentsOf),
    ...(Object.keys(serviceTiers).length === 0 ? {} : { serviceTerms: serviceTiers }),
    ...(Object.keys(regions).length === 0 ? {} : { regions }),
  };
}

/** Rates in the order of their names, tiers from the smallest: the same price is always written the same. */
export function toTerms(version: VersionTerms): PriceTerms {
  const groups = Map.groupBy(version.components, rateKey);
  return canonicalTerms({
    rates: [...groups.values()].flatMap(rateOf),
    serviceTiers: canonicalTiers(version.serviceTerms ?? {}),
    regions: { ...version.regions },
  });
}

/** Another way to write the same price: sorted, amounts in their shortest form. Wants terms without problems. */
export function canonicalTerms({ rates, serviceTiers, regions }: PriceTerms): PriceTerms {
  return {
    rates: rates
      .map((rate) => ({
        ...conditionsOf(rate),
        unit: rate.unit,
        direction: rate.direction,
        mode: rate.mode,
        per: rate.per,
        tiers: rate.tiers.map(({ upTo, amount }) => ({
          upTo,
          amount: formatAmount(parseAmount(amount)),
        })),
      }))
      .toSorted((left, right) => compare(rateName(left), rateName(right))),
    serviceTiers: canonicalTiers(serviceTiers),
    regions: Object.fromEntries(
      Object.entries(regions)
        .map(([name, times]) => [name, shortest(times)] as const)
        .toSorted(([left], [right]) => compare(left, right)),
    ),
  };
}

function canonicalTiers({ flex, priority, batch }: ServiceTerms): PriceTerms['serviceTiers'] {
  return {
    ...(flex === undefined ? {} : { flex: canonicalTier(flex) }),
    ...(priority === undefined ? {} : { priority: canonicalTier(priority) }),
    ...(batch === undefined ? {} : { batch: canonicalTier(batch) }),
  };
}

function canonicalTier({ times, without }: TierTerms): { times: string; without: Direction[] } {
  return { times: shortest(times), without: [...new Set(without)].toSorted() };
}

const shortest = (times: string): string => formatAmount(parseAmount(times));

const compare = (left: string, right: string): number => (left < right ? -1 : Number(left > right));

function componentsOf(rate: PriceRate): readonly PriceComponent[] {
  const { unit, direction, mode, per, tiers } = rate;
  const when = conditionsOf(rate);
  return tiers.map(({ upTo, amount }) => ({
    unit,
    direction,
    amountPico: parseAmount(amount).toString(),
    perUnits: per,
    ...(mode === 'whole_request' ? {} : { mode }),
    ...(upTo === null ? {} : { upTo }),
    ...(Object.keys(when).length === 0 ? {} : { when }),
  }));
}

function rateOf(components: readonly PriceComponent[]): readonly PriceRate[] {
  const [first] = components;
  if (first === undefined) return [];
  const tiers = components
    .map(({ upTo = null, amountPico, perUnits }) => ({
      upTo,
      // Tiers of one rate may have been stored for different numbers of units; they are written for one.
      amount: formatAmount((BigInt(amountPico) * BigInt(first.perUnits)) / BigInt(perUnits)),
    }))
    .toSorted((left, right) => (left.upTo ?? Infinity) - (right.upTo ?? Infinity));
  return [
    {
      ...conditionsOf(first.when ?? {}),
      unit: first.unit,
      direction: first.direction,
      mode: first.mode ?? 'whole_request',
      per: first.perUnits,
      tiers,
    },
  ];
}

function conditionsOf(from: PriceConditions): PriceConditions {
  const { serviceTier, resolution, isThinking, cacheKind, cacheTtl } = from;
  return {
    ...(serviceTier === undefined ? {} : { serviceTier }),
    ...(resolution === undefined ? {} : { resolution }),
    ...(isThinking === undefined ? {} : { isThinking }),
    ...(cacheKind === undefined ? {} : { cacheKind }),
    ...(cacheTtl === undefined ? {} : { cacheTtl }),
  };
}
