/**
 * Published prices, for bills that are worked out by hand. Each says where it is from; prices of today differ
 * and need not: what counts is that the arithmetic is the vendor's.
 */
import { parseAmount } from '#ledger/money.ts';
import type { PriceComponent, PriceConditions, PricedModel } from '#pricing/price.ts';
import type { Direction } from '#pricing/quantities.ts';

type Row = readonly [
  direction: Direction,
  perMillion: string,
  more?: Readonly<{ upTo?: number; when?: PriceConditions }>,
];

export function pricedAs(
  rows: readonly Row[],
  others: readonly PriceComponent[] = [],
): PricedModel {
  const tokens = rows.map(([direction, perMillion, more]): PriceComponent => ({
    unit: 'token',
    direction,
    amountPico: parseAmount(perMillion).toString(),
    perUnits: 1_000_000,
    ...more,
  }));
  return {
    priceId: 'prc_golden',
    modelId: 'mdl_golden',
    currency: 'CNY',
    effectiveFromMs: 0,
    components: [...tokens, ...others],
  };
}

const EXPLICIT = { cacheKind: 'explicit' } as const;
const THINKING = { isThinking: true } as const;

/**
 * qwen3-max, yuan: one tier by all input tokens, for every token of the request; implicit hits at 20% of the
 * input, explicit ones at 10%, what is written for them at 125%. Model Studio "Billing" and "Context cache".
 */
export const QWEN_MAX = pricedAs(
  [
    { upTo: 32_768, input: '2.5', output: '10', hit: '0.5', marked: '0.25', written: '3.125' },
    { upTo: 131_072, input: '4', output: '16', hit: '0.8', marked: '0.4', written: '5' },
    { upTo: 262_144, input: '7', output: '28', hit: '1.4', marked: '0.7', written: '8.75' },
  ].flatMap(({ upTo, input, output, hit, marked, written }): readonly Row[] => [
    ['input', input, { upTo }],
    ['output', output, { upTo }],
    ['cache_read', hit, { upTo }],
    ['cache_read', marked, { upTo, when: EXPLICIT }],
    ['cache_write', written, { upTo, when: EXPLICIT }],
  ]),
);

/** qwen-plus, yuan: the whole output is dearer where the model thought. "AI PaaS billing rules". */
export const QWEN_PLUS = pricedAs(
  [
    { upTo: 131_072, input: '0.8', plain: '2', thought: '8' },
    { upTo: 262_144, input: '2.4', plain: '20', thought: '24' },
    { upTo: 1_048_576, input: '4.8', plain: '48', thought: '64' },
  ].flatMap(({ upTo, input, plain, thought }): readonly Row[] => [
    ['input', input, { upTo }],
    ['output', plain, { upTo }],
    ['output', thought, { upTo, when: THINKING }],
  ]),
);

/** gpt-4o, dollars. OpenAI "Pricing". */
export const GPT_4O = pricedAs([
  ['input', '2.5'],
  ['cache_read', '1.25'],
  ['output', '10'],
]);

/** gemini-2.5-pro, dollars, as LiteLLM issue 14849 works its bill out. */
export const GEMINI_PRO = pricedAs([
  ['input', '1.25'],
  ['cache_read', '0.625'],
  ['output', '10'],
]);

/** gemini-2.5-flash, dollars: thoughts cost what output does. Gemini "Pricing". */
export const GEMINI_FLASH_PRICE = pricedAs([
  ['input', '0.3'],
  ['output', '2.5'],
]);

/** claude-sonnet-4.5, dollars: written for five minutes 125%, for an hour 200%, read 10%. Anthropic "Prompt caching". */
export const SONNET = pricedAs([
  ['input', '3'],
  ['cache_read', '0.3'],
  ['cache_write', '3.75'],
  ['cache_write', '6', { when: { cacheTtl: '1h' } }],
  ['output', '15'],
]);

/** deepseek-chat, dollars. DeepSeek "Models & Pricing". */
export const DEEPSEEK = pricedAs([
  ['input', '0.28'],
  ['cache_read', '0.028'],
  ['output', '0.42'],
]);
