/** Bills worked out by hand, from what services said to the last digit of what is paid. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatAmount } from '#ledger/money.ts';
import { rateEvent } from '#metering/rating.ts';
import type { Outcome } from '#metering/usage-event.ts';
import type { PricedModel } from '#pricing/price.ts';
import type { PriceTier } from '#pricing/tier.ts';
import { worstCase } from '#pricing/worst-case.ts';
import { identityOf, settledOf } from '../../../test/usage-records.ts';
import type { Measured } from '../attempt.ts';
import { settlementOf } from '../settlement.ts';
import { laterUsage } from './anthropic.ts';
import { readDashScope } from './dashscope.ts';
import { disjoint } from './disjoint.ts';
import * as prices from './golden-prices.ts';
import * as recorded from './recorded-usage.ts';
import { readUsage } from './usage.ts';

type Call = Readonly<{
  measured: Measured;
  price: PricedModel;
  tier?: PriceTier;
  outcome?: Outcome;
}>;

const said = (usage: unknown, more: Partial<Measured> = {}): Measured => ({
  counted: readUsage(usage),
  delivered: 0,
  ...more,
});

/** The whole way: settled by the gateway, rated by control. */
function bill({ measured, price, tier = 'default', outcome = 'finished' }: Call): string {
  const identity = identityOf({ priceId: price.priceId, modelId: price.modelId });
  const settlement = settlementOf(measured, { promptCharacters: 400 }, outcome);
  const record = settledOf(
    { ...identity, ...(tier === 'default' ? {} : { serviceTier: tier }) },
    { outcome, ...settlement },
  );
  return formatAmount(rateEvent(record, new Map([[price.priceId, price]])).amountPico);
}

type Row = readonly [name: string, amount: string, call: Call];

const { first, last } = recorded.GROWING_STREAM;
const growing = laterUsage(laterUsage({}, first), last);
const context = (prompt: number, completion: number, cached = 0) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  prompt_tokens_details: { cached_tokens: cached },
});
const thinking = (prompt: number, completion: number, reasoning: number) => ({
  ...context(prompt, completion),
  completion_tokens_details: { reasoning_tokens: reasoning },
});

/** In millionths: what stands behind each amount. */
const SHAPES: readonly Row[] = [
  // 86 × 2.5 + 1920 × 1.25 + 300 × 10 = 215 + 2400 + 3000
  ['OpenAI, cached', '0.005615', { measured: said(recorded.CACHED_CHAT), price: prices.GPT_4O }],
  // 5005 × 1.25 + 257955 × 0.625 + 1744 × 10: the 0.1849 of the issue, where 0.7642 was billed
  [
    'a long prompt from the cache',
    '0.184918125',
    { measured: said(recorded.CACHED_LONG_PROMPT), price: prices.GEMINI_PRO },
  ],
  // 100 × 0.28 + 9000 × 0.028 + 25 × 0.42 = 28 + 252 + 10.5
  [
    'DeepSeek, hits and misses',
    '0.0002905',
    { measured: said(recorded.HIT_AND_MISS), price: prices.DEEPSEEK },
  ],
  // 15 × 3 + 4803 × 6 + 47 × 15 = 45 + 28818 + 705
  [
    'Anthropic, written for an hour',
    '0.029568',
    { measured: said(recorded.WRITTEN_FOR_AN_HOUR), price: prices.SONNET },
  ],
  // 123201 × 3 + 426653 × 0.3 + 184457 × 3.75 + 5120 × 15 = 369603 + 127995.9 + 691713.75 + 76800
  [
    'Anthropic, a stream that wrote on',
    '1.26611265',
    { measured: said(growing), price: prices.SONNET },
  ],
  // 15 × 0.3 + (359 + 661) × 2.5 = 4.5 + 2550
  [
    'Gemini, thoughts beside the answer',
    '0.0025545',
    { measured: said(recorded.GEMINI_FLASH), price: prices.GEMINI_FLASH_PRICE },
  ],
  [
    'the same in OpenAI’s shape',
    '0.0025545',
    { measured: said(recorded.GEMINI_COMPATIBLE), price: prices.GEMINI_FLASH_PRICE },
  ],
  // 492 × 2.5 + 3072 × 0.5 + 42 × 10 = 1230 + 1536 + 420
  [
    'DashScope, an implicit hit',
    '0.003186',
    { measured: said(recorded.QWEN_IMPLICIT_HIT), price: prices.QWEN_MAX },
  ],
  // 14 × 2.5 + 3550 × 3.125 + 23 × 10 = 35 + 11093.75 + 230
  [
    'DashScope, written',
    '0.01135875',
    { measured: said(recorded.QWEN_WRITES), price: prices.QWEN_MAX },
  ],
  // 14 × 2.5 + 3550 × 0.25 + 34 × 10 = 35 + 887.5 + 340
  [
    'DashScope, an explicit hit',
    '0.0012625',
    { measured: said(recorded.QWEN_EXPLICIT_HIT), price: prices.QWEN_MAX },
  ],
  // 6 × 2.5 + 1486 × 0.25 + 335 × 3.125 + 511 × 10 = 15 + 371.5 + 1046.875 + 5110
  [
    'DashScope, read, written and thought in one',
    '0.006543375',
    { measured: said(recorded.QWEN_THINKS), price: prices.QWEN_MAX },
  ],
];

const TIERS: readonly Row[] = [
  // 32768 × 2.5: the last request of the first tier
  ['the end of a tier', '0.08192', { measured: said(context(32_768, 0)), price: prices.QWEN_MAX }],
  // 32769 × 4: one token more, and all of them are dearer
  [
    'the beginning of the next',
    '0.131076',
    { measured: said(context(32_769, 0)), price: prices.QWEN_MAX },
  ],
  // 20000 × 4 + 80000 × 0.8 + 2000 × 16: the cached count in the size
  [
    'a size that is mostly cached',
    '0.176',
    { measured: said(context(100_000, 2_000, 80_000)), price: prices.QWEN_MAX },
  ],
  // 200000 × 7 + 1000 × 28
  [
    'the largest tier',
    '1.428',
    { measured: said(context(200_000, 1_000)), price: prices.QWEN_MAX },
  ],
  // 1000 × 0.8 + 500 × 8: thoughts and answer alike
  ['thoughts', '0.0048', { measured: said(thinking(1_000, 500, 300)), price: prices.QWEN_PLUS }],
  // 1000 × 0.8 + 500 × 2: asked to think and did not
  ['no thoughts', '0.0018', { measured: said(thinking(1_000, 500, 0)), price: prices.QWEN_PLUS }],
  // As above: an engine that does not count its thoughts apart
  [
    'thoughts that were seen and not counted',
    '0.0048',
    { measured: said(context(1_000, 500), { hasThought: true }), price: prices.QWEN_PLUS },
  ],
  // 150000 × 2.4 + 3000 × 24
  [
    'thoughts in a larger tier',
    '0.432',
    { measured: said(thinking(150_000, 3_000, 2_000)), price: prices.QWEN_PLUS },
  ],
  // 300000 × 4.8 + 1000 × 64
  [
    'thoughts in the largest',
    '1.504',
    { measured: said(thinking(300_000, 1_000, 1)), price: prices.QWEN_PLUS },
  ],
];

const hit = said(recorded.QWEN_IMPLICIT_HIT);
const CLASSES: readonly Row[] = [
  ['flex at half', '0.001593', { measured: hit, price: prices.QWEN_MAX, tier: 'flex' }],
  ['priority at twice', '0.006372', { measured: hit, price: prices.QWEN_MAX, tier: 'priority' }],
  // (3564 × 2.5 + 42 × 10) / 2: half, and nothing off for the cache
  [
    'batch at half without the cache',
    '0.004665',
    { measured: hit, price: prices.QWEN_MAX, tier: 'batch' },
  ],
  // (1827 × 2.5 + 511 × 10) / 2: neither is the writing dearer
  [
    'batch at half without what was written',
    '0.00483875',
    { measured: said(recorded.QWEN_THINKS), price: prices.QWEN_MAX, tier: 'batch' },
  ],
];

const cut = (delivered: number, prompt: Measured['prompt'] = null): Measured => ({
  counted: null,
  delivered,
  prompt,
});
const failing = { measured: said(recorded.CACHED_CHAT), price: prices.GPT_4O, outcome: 'failed' };
const ENDS: readonly Row[] = [
  // 36 × 2.5 + 64 × 1.25 + 7 × 10: the engine said its prompt before, the rest was delivered
  [
    'a stream that its caller left',
    '0.00024',
    {
      measured: cut(7, { input: 36, cacheRead: 64 }),
      price: prices.GPT_4O,
      outcome: 'cancelled',
    },
  ],
  // 400 / 4 × 2.5 + 7 × 10: nobody said the prompt, its text is guessed on the low side
  [
    'a stream that was left, of an engine that says nothing',
    '0.00032',
    { measured: cut(7), price: prices.GPT_4O, outcome: 'cancelled' },
  ],
  [
    'a stream that was left before a token',
    '0',
    { measured: cut(0, { input: 36, cacheRead: 64 }), price: prices.GPT_4O, outcome: 'cancelled' },
  ],
  [
    'a stream that broke before a token',
    '0',
    { measured: cut(0), price: prices.GPT_4O, outcome: 'failed' },
  ],
  [
    'an error that counted its prompt',
    '0',
    {
      measured: said(context(5_000, 0, 1_000)),
      price: prices.GPT_4O,
      outcome: 'failed',
    },
  ],
  ['an error after output', '0.005615', { ...failing, outcome: 'failed' }],
  // Clamped: 100 cached of a prompt of 10 are 10. 10 × 1.25 + 5 × 10
  [
    'a cache larger than its prompt',
    '0.0000625',
    { measured: said(context(10, 5, 100)), price: prices.GPT_4O },
  ],
];

for (const [group, rows] of [
  ['the bill of a shape', SHAPES],
  ['the bill of a tier', TIERS],
  ['the bill of a class', CLASSES],
  ['the bill of an end', ENDS],
] as const) {
  describe(group, () => {
    for (const [name, amount, call] of rows) {
      it(`is exact: ${name}`, () => {
        assert.equal(bill(call), amount);
      });
    }

    it('never exceeds what was set aside', () => {
      for (const [, amount, { measured, price, tier = 'default' }] of rows) {
        const usage = measured.counted?.usage ?? null;
        const input = usage === null ? 100 : usage.input + usage.cacheRead + usage.cacheWrite;
        const output = usage === null ? measured.delivered : usage.output + usage.reasoning;
        const held = worstCase(
          { ...price, serviceTier: tier },
          input + (usage?.cacheWrite1h ?? 0),
          output,
        );
        assert.ok(Number(amount) <= Number(formatAmount(held)), `${amount} of ${held}`);
      }
    });
  });
}

it('is the same whichever of its names DashScope counts under', () => {
  const native = readDashScope(recorded.QWEN_THINKS_NATIVE);
  assert.ok(native !== null);
  const counted = disjoint(native);

  assert.equal(
    bill({ measured: { counted, delivered: 0 }, price: prices.QWEN_MAX }),
    '0.006543375',
  );
});

it('billed by its first event, a stream that wrote on would cost 0.57 less', () => {
  const early = said({ ...growing, cache_creation_input_tokens: 31_490 });

  // 152967 × 3.75
  assert.equal(bill({ measured: early, price: prices.SONNET }), '0.6924864');
});
