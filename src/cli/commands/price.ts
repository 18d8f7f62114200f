/** `price list|show|set`, and what is done with drafts and files of prices (price-drafts.ts, price-book.ts). */
import type { Price, PriceTerms } from '#pricing/api.ts';
import { defineCommand } from '../command.ts';
import { formatAmount, formatCount } from '../format.ts';
import { printDone, printJson, printList, readAll } from '../result.ts';
import { UsageError } from '../usage-error.ts';
import { priceBookCommands } from './price-book.ts';
import { priceDraftCommands } from './price-drafts.ts';
import { nameText, rateText } from './price-rates.ts';
import { readTime } from './read-time.ts';
import { CURRENCY_OPTION } from './currency-option.ts';

const AMOUNT = /^\d{1,26}(\.\d{1,12})?$/;

const list = defineCommand({
  words: ['price', 'list'],
  summary: 'List prices per million tokens, past and coming ones too.',
  arguments: [{ name: 'model', kind: 'optional', summary: 'Only of this model: owner/name.' }],
  options: {},
  run: async ({ arguments: { model } }, context) => {
    const client = await context.connect();
    const prices = await readAll((page) => client.prices.list({ ...page, model }));
    printList(
      context,
      prices,
      [
        { title: 'MODEL', value: ({ modelName }) => modelName },
        { title: 'FROM', value: ({ effectiveFrom }) => effectiveFrom },
        { title: 'INPUT', align: 'right', value: (price) => formatAmount(price.inputPerMillion) },
        {
          title: 'CACHED',
          align: 'right',
          value: (price) => formatAmount(price.cacheReadPerMillion ?? 'as input'),
        },
        { title: 'OUTPUT', align: 'right', value: (price) => formatAmount(price.outputPerMillion) },
        {
          title: 'REASONING',
          align: 'right',
          value: (price) => formatAmount(price.reasoningPerMillion ?? 'as output'),
        },
        { title: 'CURRENCY', value: ({ currency }) => currency },
        { title: '', value: (price) => (isPlain(price) ? '' : 'and more: price show') },
      ],
      'No model has a price; calls are free. `flywheel price set` changes that.',
    );
  },
});

const show = defineCommand({
  words: ['price', 'show'],
  summary: 'Show all there is to the price of a model, in force and coming.',
  arguments: [{ name: 'model', kind: 'required', summary: 'The model: owner/name.' }],
  options: {},
  run: async ({ arguments: { model } }, context) => {
    const client = await context.connect();
    const versions = await readAll((page) => client.prices.list({ ...page, model }));
    const nowMs = Date.now();
    const starts = versions.map(({ effectiveFrom }) => Date.parse(effectiveFrom));
    const inForceMs = Math.max(...starts.filter((startMs) => startMs <= nowMs), 0);
    const shown = versions
      .filter(({ effectiveFrom }) => Date.parse(effectiveFrom) >= inForceMs)
      .toSorted((left, right) => (left.effectiveFrom < right.effectiveFrom ? -1 : 1));
    if (context.isJson) return printJson(context, { data: shown });
    const { out, notes } = context.terminal;
    if (shown.length === 0) {
      return notes.line(notes.style('dim', `${model} has no price; calls are free.`));
    }
    for (const [index, price] of shown.entries()) {
      const isComing = Date.parse(price.effectiveFrom) > nowMs;
      const state = isComing ? 'begins' : 'in force since';
      if (index > 0) out.line('');
      out.line(out.style('bold', `${price.modelName}, ${state} ${price.effectiveFrom}`));
      printList(context, cellsOf(price), RATE_COLUMNS, '');
      for (const text of termsText(price)) out.line(out.style('dim', text));
    }
  },
});

type RateCell = Readonly<{ rate: string; tier: string; amount: string; mode: string }>;

const RATE_COLUMNS = [
  { title: 'RATE', value: ({ rate }: RateCell) => rate },
  { title: 'UP TO', align: 'right', value: ({ tier }: RateCell) => tier },
  { title: 'AMOUNT', align: 'right', value: ({ amount }: RateCell) => amount },
  { title: 'TIERS', value: ({ mode }: RateCell) => mode },
] as const;

const MODES = {
  whole_request: 'by the size of a request',
  graduated: 'each part of a month at its tier',
  volume: 'a whole month at the tier it reaches',
  package: 'packages begun in a month',
} as const;

function cellsOf({ rates, currency }: Price): readonly RateCell[] {
  return rates.flatMap((rate) =>
    rate.tiers.map(({ upTo, amount }, index) => ({
      rate: index === 0 ? rateText(rate) : '',
      tier: upTo === null ? (rate.tiers.length > 1 ? 'more' : '') : formatCount(upTo),
      amount: `${formatAmount(amount)} ${currency} / ${formatCount(rate.per)}`,
      mode:
        index > 0 || (rate.tiers.length === 1 && rate.mode !== 'package') ? '' : MODES[rate.mode],
    })),
  );
}

/** What classes of service and regions multiply it by, where the version says so itself. */
function termsText({ serviceTiers, regions }: Price): readonly string[] {
  const classes = (['flex', 'priority', 'batch'] as const).flatMap((name) => {
    const terms = serviceTiers[name];
    if (terms === undefined) return [];
    const without =
      terms.without.length === 0
        ? ''
        : `, ${terms.without.map(nameText).join(' and ')} without a price of its own`;
    return [`${name}: ${terms.times} times the price${without}`];
  });
  return [
    ...classes,
    ...Object.entries(regions).map(([name, times]) => `in ${name}: ${times} times the price`),
  ];
}

/** Whether four amounts say all there is to it. */
function isPlain({ rates, serviceTiers, regions }: Price): boolean {
  return (
    Object.keys(serviceTiers).length + Object.keys(regions).length === 0 &&
    rates.every(
      ({ unit, direction, tiers, ...rate }) =>
        unit === 'token' &&
        direction !== 'cache_write' &&
        tiers.length === 1 &&
        rate.serviceTier === undefined &&
        rate.isThinking === undefined &&
        rate.cacheKind === undefined,
    )
  );
}

const set = defineCommand({
  words: ['price', 'set'],
  summary: 'Set what a model costs per million tokens, from now or later on.',
  details:
    'Amounts are exact decimals in the currency, such as 0.5. Earlier versions stay: a call costs ' +
    'what was in force when it was let in.',
  arguments: [{ name: 'model', kind: 'required', summary: 'The model: owner/name.' }],
  options: {
    input: { type: 'string', value: 'AMOUNT', summary: 'Input tokens.', required: true },
    output: { type: 'string', value: 'AMOUNT', summary: 'Output tokens.', required: true },
    cached: { type: 'string', value: 'AMOUNT', summary: 'Input served from cache; as input.' },
    reasoning: { type: 'string', value: 'AMOUNT', summary: 'Reasoning tokens; as output.' },
    currency: CURRENCY_OPTION,
    from: { type: 'string', value: 'TIME', summary: 'In force from then on; now.' },
    draft: {
      type: 'string',
      value: 'TITLE',
      summary: 'Keep it as a draft of that title, for somebody to look at.',
    },
  },
  examples: [
    'flywheel price set me/qwen3-4b --input 0.5 --output 2 --cached 0.05',
    'flywheel price set me/qwen3-4b --input 0.07 --output 0.28 --currency USD',
  ],
  run: async ({ arguments: { model }, options }, context) => {
    const client = await context.connect();
    const effectiveFrom = readTime(options.from);
    if (options.draft !== undefined) {
      const terms = termsOf(options);
      const { currency } = options;
      const item = { model, currency, effectiveFrom: effectiveFrom ?? null, terms };
      const draft = await client.priceDrafts.create({ title: options.draft, items: [item] });
      return printDone(context, `The draft ${draft.id} holds it. See it with price diff.`, draft);
    }
    const price = await client.prices.create({
      model,
      currency: options.currency,
      inputPerMillion: readAmount('input', options.input),
      outputPerMillion: readAmount('output', options.output),
      cacheReadPerMillion:
        options.cached === undefined ? null : readAmount('cached', options.cached),
      reasoningPerMillion:
        options.reasoning === undefined ? null : readAmount('reasoning', options.reasoning),
      ...(effectiveFrom === undefined ? {} : { effectiveFrom }),
    });
    printDone(context, `${price.modelName} has a price from ${price.effectiveFrom}.`, price);
  },
});

type Amounts = Readonly<{
  input: string;
  output: string;
  cached?: string | undefined;
  reasoning?: string | undefined;
}>;

function termsOf({ input, output, cached, reasoning }: Amounts): PriceTerms {
  const parts = [
    ['input', 'input', input],
    ['cached', 'cache_read', cached],
    ['output', 'output', output],
    ['reasoning', 'reasoning', reasoning],
  ] as const;
  const rates = parts.flatMap(([name, direction, text]) => {
    if (text === undefined) return [];
    const tiers = [{ upTo: null, amount: readAmount(name, text) }];
    const mode = 'whole_request' as const;
    return [{ unit: 'token' as const, direction, mode, per: 1_000_000, tiers }];
  });
  return { rates, serviceTiers: {}, regions: {} };
}

function readAmount(name: string, text: string): string {
  if (AMOUNT.test(text)) return text;
  throw new UsageError(`--${name} is an amount such as 0.5; it is "${text}".`);
}

export const priceCommands = [list, show, set, ...priceDraftCommands, ...priceBookCommands];
