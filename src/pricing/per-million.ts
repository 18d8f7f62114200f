/** Between "0.8 CNY per million tokens", as people write plain prices, and components, as arithmetic wants them. */
import { formatAmount, parseAmount } from '#ledger/money.ts';
import type { PriceTerms } from './api.ts';
import { AMOUNT_MAX_PICO } from './check.ts';
import { fail } from './errors.ts';
import type { PriceComponent } from './price.ts';
import type { Direction } from './quantities.ts';

export const TOKENS_PER_MILLION = 1_000_000;

export type PerMillion = Readonly<{
  inputPerMillion: string;
  cacheReadPerMillion: string | null;
  outputPerMillion: string;
  reasoningPerMillion: string | null;
}>;

const FIELDS: readonly (readonly [keyof PerMillion, Direction])[] = [
  ['inputPerMillion', 'input'],
  ['cacheReadPerMillion', 'cache_read'],
  ['outputPerMillion', 'output'],
  ['reasoningPerMillion', 'reasoning'],
];

/** Raises `price.negative`, `price.below_pico`, `price.too_large` or `ledger.amount_invalid`. */
export function toComponents(prices: PerMillion): readonly PriceComponent[] {
  return FIELDS.flatMap(([field, direction]) => {
    const text = prices[field];
    if (text === null) return [];
    const amountPico = parsePerMillion(text, field);
    return [
      {
        unit: 'token' as const,
        direction,
        amountPico: amountPico.toString(),
        perUnits: TOKENS_PER_MILLION,
      },
    ];
  });
}

/** What a million tokens cost in the plainest case: a small request without thinking in the default class. */
export function toPerMillion(components: readonly PriceComponent[]): PerMillion {
  const text = (direction: Direction): string | null => {
    const component = plainest(components, direction);
    if (component === null) return null;
    const { amountPico, perUnits } = component;
    return formatAmount((BigInt(amountPico) * BigInt(TOKENS_PER_MILLION)) / BigInt(perUnits));
  };
  return {
    inputPerMillion: text('input') ?? '0',
    cacheReadPerMillion: text('cache_read'),
    outputPerMillion: text('output') ?? '0',
    reasoningPerMillion: text('reasoning'),
  };
}

/** The same as terms, for who wants to see or to change more of it. */
export function termsOfPerMillion(prices: PerMillion): PriceTerms {
  const rates = FIELDS.flatMap(([field, direction]) => {
    const amount = prices[field];
    if (amount === null) return [];
    const tiers = [{ upTo: null, amount }];
    const mode = 'whole_request' as const;
    return [{ unit: 'token' as const, direction, mode, per: TOKENS_PER_MILLION, tiers }];
  });
  return { rates, serviceTiers: {}, regions: {} };
}

function plainest(
  components: readonly PriceComponent[],
  direction: Direction,
): PriceComponent | null {
  let found: PriceComponent | null = null;
  for (const component of components) {
    if (component.unit !== 'token' || component.direction !== direction) continue;
    if (found === null || rank(component) < rank(found)) found = component;
  }
  return found;
}

/** Without conditions first, then not thinking, then the smallest requests. */
function rank({ when = {}, upTo }: PriceComponent): number {
  const { isThinking, cacheKind, cacheTtl, serviceTier } = when;
  const isUsual = serviceTier === undefined || serviceTier === 'default';
  const conditions =
    (isUsual ? 0 : 8) +
    (isThinking === true ? 4 : 0) +
    (cacheKind === 'explicit' ? 2 : 0) +
    (cacheTtl === '1h' ? 1 : 0);
  return conditions * 1e15 + Math.min(upTo ?? 1e14, 1e14);
}

function parsePerMillion(text: string, param: string): bigint {
  const pico = parseAmount(text);
  if (pico < 0n) throw fail('price.negative', 'A price is zero or more.', { param });
  if (pico > AMOUNT_MAX_PICO) {
    throw fail('price.too_large', 'A price is at most 1000000000 per million tokens.', { param });
  }
  if (pico % BigInt(TOKENS_PER_MILLION) !== 0n) {
    throw fail(
      'price.below_pico',
      'A price per million tokens has at most 6 digits after the point: one token must cost a whole number of pico (10⁻¹²), so that no bill is ever rounded.',
      { param },
    );
  }
  return pico;
}
