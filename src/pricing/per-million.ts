/** Between "0.8 CNY per million tokens", as people write prices, and components, as arithmetic wants them. */
import { formatAmount, parseAmount } from '#ledger/money.ts';
import { fail } from './errors.ts';
import type { PriceComponent } from './price.ts';
import type { Direction } from './quantities.ts';

export const TOKENS_PER_MILLION = 1_000_000;

/** Above this the price of one long context would not fit the ledger's 38 digits by far; a slip of the keyboard. */
const PER_MILLION_MAX_PICO = parseAmount('1000000000');

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

export function toPerMillion(components: readonly PriceComponent[]): PerMillion {
  const text = (direction: Direction): string | null => {
    const component = components.find(
      (candidate) => candidate.unit === 'token' && candidate.direction === direction,
    );
    if (component === undefined) return null;
    const perToken = BigInt(component.amountPico) / BigInt(component.perUnits);
    return formatAmount(perToken * BigInt(TOKENS_PER_MILLION));
  };
  return {
    inputPerMillion: text('input') ?? '0',
    cacheReadPerMillion: text('cache_read'),
    outputPerMillion: text('output') ?? '0',
    reasoningPerMillion: text('reasoning'),
  };
}

function parsePerMillion(text: string, param: string): bigint {
  const pico = parseAmount(text);
  if (pico < 0n) throw fail('price.negative', 'A price is zero or more.', { param });
  if (pico > PER_MILLION_MAX_PICO) {
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
