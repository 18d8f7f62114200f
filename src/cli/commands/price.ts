/** `price list|set`. */
import { defineCommand } from '../command.ts';
import { formatAmount } from '../format.ts';
import { printDone, printList, readAll } from '../result.ts';
import { UsageError } from '../usage-error.ts';

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
      ],
      'No model has a price; calls are free. `flywheel price set` changes that.',
    );
  },
});

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
    from: { type: 'string', value: 'TIME', summary: 'In force from then on; now.' },
  },
  examples: ['flywheel price set me/qwen3-4b --input 0.5 --output 2 --cached 0.05'],
  run: async ({ arguments: { model }, options }, context) => {
    const client = await context.connect();
    const effectiveFrom = readTime(options.from);
    const price = await client.prices.create({
      model,
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

function readAmount(name: string, text: string): string {
  if (AMOUNT.test(text)) return text;
  throw new UsageError(`--${name} is an amount such as 0.5; it is "${text}".`);
}

export function readTime(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const atMs = Date.parse(text);
  if (!Number.isNaN(atMs)) return new Date(atMs).toISOString();
  throw new UsageError(`"${text}" is no time.`, 'Write 2030-12-31 or 2030-12-31T08:00:00Z.');
}

export const priceCommands = [list, set];
