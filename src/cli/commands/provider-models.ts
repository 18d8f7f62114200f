/** `providers models|add|drop|cost`. */
import type { PriceRate } from '#pricing/api.ts';
import { defineCommand } from '../command.ts';
import { formatAmount } from '../format.ts';
import { printDone, printList } from '../result.ts';
import { UsageError } from '../usage-error.ts';
import { readTime } from './read-time.ts';
import { RATE_OPTION, rateName, readRate } from './cost-rate.ts';
import { rateText } from './price-rates.ts';
import { amount, findModel, findProvider, servedModel, which } from './provider-choice.ts';

const models = defineCommand({
  words: ['providers', 'models'],
  summary: 'List what the provider offers, asked of it now.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { provider: wanted } }, context) => {
    const client = await context.connect();
    const { id } = await findProvider(client, wanted);
    const { data } = await client.providers.upstreamModels(id);
    printList(
      context,
      data,
      [
        { title: 'MODEL', value: (model) => model.id },
        {
          title: 'CONTEXT',
          align: 'right',
          value: ({ contextLength }) => (contextLength === null ? '-' : String(contextLength)),
        },
        { title: 'SERVED HERE AS', value: ({ servedAs }) => servedAs ?? '' },
      ],
      'It lists no models. `flywheel providers add` takes any name.',
    );
  },
});

const add = defineCommand({
  words: ['providers', 'add'],
  summary: 'Serve a model of a provider.',
  details: 'Costs are what the provider asks of the operator per million tokens, in the currency.',
  arguments: [which, { name: 'upstream', kind: 'required', summary: 'Its name there.' }],
  options: {
    as: { type: 'string', value: 'NAME', summary: 'What callers ask for; the same.' },
    context: { type: 'number', value: 'TOKENS', summary: 'Its context length.' },
    embeddings: { type: 'boolean', summary: 'It makes embeddings and does not chat.' },
    public: { type: 'boolean', summary: 'The operator: for every tenant.' },
    'cost-input': { type: 'string', value: 'AMOUNT', summary: 'Cost of input tokens.' },
    'cost-output': { type: 'string', value: 'AMOUNT', summary: 'Cost of output tokens.' },
    'cost-cached': { type: 'string', value: 'AMOUNT', summary: 'Cost of cached input; as input.' },
    'cost-rate': RATE_OPTION,
  },
  examples: ['flywheel providers add openai gpt-5-mini --as openai/gpt-5-mini --public'],
  run: async ({ arguments: { provider: wanted, upstream }, options }, context) => {
    const client = await context.connect();
    const { id } = await findProvider(client, wanted);
    const model = await client.providers.addModel(id, {
      upstreamModel: upstream,
      ...(options.as === undefined ? {} : { modelName: options.as }),
      contextLength: options.context ?? null,
      capabilities: options.embeddings ? ['embeddings'] : ['chat'],
      visibility: options.public ? 'public' : 'private',
      cost: costOf(options),
    });
    printDone(context, `${model.modelName} is served. Prompts to it leave this cloud.`, model);
  },
});

const drop = defineCommand({
  words: ['providers', 'drop'],
  summary: 'Stop serving a model of a provider.',
  arguments: [which, servedModel],
  options: {},
  run: async ({ arguments: { provider: wanted, model: name } }, context) => {
    const client = await context.connect();
    const { provider, model } = await findModel(client, wanted, name);
    await client.providers.removeModel(provider.id, model.id);
    printDone(context, `${model.modelName} is no longer served by ${provider.name}.`, {
      id: model.id,
    });
  },
});

const cost = defineCommand({
  words: ['providers', 'cost'],
  summary: 'Show what a model costs us, or record a new cost.',
  arguments: [which, servedModel],
  options: {
    'cost-input': { type: 'string', value: 'AMOUNT', summary: 'Input tokens, per million.' },
    'cost-output': { type: 'string', value: 'AMOUNT', summary: 'Output tokens, per million.' },
    'cost-cached': { type: 'string', value: 'AMOUNT', summary: 'Cached input; as input.' },
    'cost-rate': RATE_OPTION,
    from: { type: 'string', value: 'TIME', summary: 'From then on; now.' },
  },
  examples: [
    'flywheel providers cost anthropic claude --cost-input 3 --cost-output 15 --cost-rate token/cache_write/1h=6',
    'flywheel providers cost openai painter --cost-rate image/output=0.2',
  ],
  run: async ({ arguments: { provider: wanted, model: name }, options }, context) => {
    const client = await context.connect();
    const { provider, model } = await findModel(client, wanted, name);
    const amounts = costOf(options);
    if (amounts !== null) {
      const effectiveFrom = readTime(options.from);
      const recorded = await client.providers.addCost(provider.id, model.id, {
        ...amounts,
        ...(effectiveFrom === undefined ? {} : { effectiveFrom }),
      });
      return printDone(context, `Its cost is recorded from ${recorded.effectiveFrom}.`, recorded);
    }
    const { data } = await client.providers.costs(provider.id, model.id);
    return printList(
      context,
      data,
      [
        { title: 'FROM', value: ({ effectiveFrom }) => effectiveFrom },
        { title: 'INPUT', align: 'right', value: (row) => formatAmount(row.inputPerMillion) },
        { title: 'CACHED', align: 'right', value: (row) => amount(row.cacheReadPerMillion) },
        { title: 'OUTPUT', align: 'right', value: (row) => formatAmount(row.outputPerMillion) },
        { title: 'CURRENCY', value: ({ currency }) => currency },
        { title: 'AND', value: ({ rates }) => beside(rates) },
      ],
      'Nobody said what it costs. `--cost-input` and `--cost-output` record it.',
    );
  },
});

function costOf(
  options: Readonly<{
    'cost-input': string | undefined;
    'cost-output': string | undefined;
    'cost-cached': string | undefined;
    'cost-rate': readonly string[];
  }>,
): Readonly<{ rates: PriceRate[] }> | null {
  const { 'cost-input': input, 'cost-output': output, 'cost-cached': cached } = options;
  const rates = options['cost-rate'].map(readRate);
  const isPlain = input !== undefined || output !== undefined || cached !== undefined;
  if (!isPlain) return rates.length === 0 ? null : { rates };
  if (input === undefined || output === undefined) {
    throw new UsageError('A cost of tokens has an input and an output amount.');
  }
  const tokens = [
    `token/input=${input}`,
    ...(cached === undefined ? [] : [`token/cache_read=${cached}`]),
    `token/output=${output}`,
  ];
  return { rates: [...tokens.map(readRate), ...rates] };
}

/** What is not in the columns of plain tokens. */
function beside(rates: readonly PriceRate[]): string {
  return rates
    .filter((rate) => !['token/input', 'token/cache_read', 'token/output'].includes(rateName(rate)))
    .map((rate) => `${rateText(rate)} ${formatAmount(rate.tiers[0]?.amount ?? '0')}`)
    .join('; ');
}

export const providerModelCommands = [models, add, drop, cost];
