/** `limits list|set|remove`. */
import type { Limit } from '#limits/api.ts';
import { type Context, defineCommand } from '../command.ts';
import { formatAmount, formatCount } from '../format.ts';
import { printDone, printJson, printList } from '../result.ts';
import { UsageError } from '../usage-error.ts';

const LEVELS = ['tenant', 'project', 'key', 'platform'] as const;
type Level = (typeof LEVELS)[number];

const AMOUNT = /^\d{1,12}(\.\d{1,12})?$/;

const list = defineCommand({
  words: ['limits', 'list'],
  summary: 'List limits, and how much of each is in use.',
  arguments: [],
  options: {
    tenant: { type: 'string', value: 'ID', summary: 'Of another tenant; for the operator.' },
  },
  examples: ['flywheel limits list --json'],
  run: async ({ options: { tenant } }, context) => {
    const client = await context.connect();
    const { data } = await client.limits.list({ tenantId: tenant });
    if (context.isJson) return printJson(context, { data });
    return printList(
      context,
      data.flatMap(partsOf),
      [
        { title: 'LEVEL', value: ({ limit }) => limit.level },
        { title: 'NAME', value: ({ limit }) => limit.name },
        { title: 'ID', value: ({ limit }) => limit.scopeId },
        { title: 'LIMITED', value: ({ what }) => what },
        { title: 'IN USE', align: 'right', value: ({ used }) => used },
        { title: 'LIMIT', align: 'right', value: ({ most }) => most },
      ],
      'Nothing is limited. `flywheel limits set` changes that.',
    );
  },
});

type Part = Readonly<{ limit: Limit; what: string; used: string; most: string }>;

/** One line for each thing that is limited. */
function partsOf(limit: Limit): readonly Part[] {
  const { use } = limit;
  const count = (what: string, most: number | null, used: number): Part[] =>
    most === null ? [] : [{ limit, what, used: formatCount(used), most: formatCount(most) }];
  const money = (what: string, most: string | null, used: string): Part[] =>
    most === null ? [] : [{ limit, what, used: formatAmount(used), most: formatAmount(most) }];
  const names = (what: string, most: readonly string[] | null): Part[] =>
    most === null ? [] : [{ limit, what, used: '', most: most.join(', ') }];
  return [
    ...count('requests a second', limit.requestsPerSecond, use.requestsPerSecond),
    ...count('requests a minute', limit.requestsPerMinute, use.requestsPerMinute),
    ...count('tokens a minute', limit.tokensPerMinute, use.tokensPerMinute),
    ...count('at the same time', limit.concurrency, use.concurrency),
    ...money('spent a day', limit.dailyBudget, use.dailyBudget),
    ...money('spent a month', limit.monthlyBudget, use.monthlyBudget),
    ...names('models', limit.models),
    ...names('regions', limit.regions),
    ...names('networks', limit.networks),
    ...names('time zone', limit.timeZone === null ? null : [limit.timeZone]),
  ];
}

const set = defineCommand({
  words: ['limits', 'set'],
  summary: 'Limit what a tenant, a project or a key may use.',
  details:
    'What is set replaces what was set there before. Every level applies: a call needs room in the ' +
    "limits of its key, its project and its tenant, and under the operator's ceiling (platform). " +
    'Every gateway follows within seconds.',
  arguments: [
    { name: 'level', kind: 'required', summary: `One of ${LEVELS.join(', ')}.` },
    { name: 'id', kind: 'optional', summary: 'Of the project, key or tenant; the own tenant.' },
  ],
  options: {
    rpm: { type: 'number', value: 'N', summary: 'Requests a minute.' },
    rps: { type: 'number', value: 'N', summary: 'Requests a second.' },
    tpm: { type: 'number', value: 'N', summary: 'Tokens a minute, prompts and answers.' },
    concurrency: { type: 'number', value: 'N', summary: 'Requests at the same time.' },
    daily: { type: 'string', value: 'AMOUNT', summary: 'Budget of a day.' },
    monthly: { type: 'string', value: 'AMOUNT', summary: 'Budget of a month.' },
    model: { type: 'list', short: 'm', value: 'NAME', summary: 'A model it may call; all.' },
    region: { type: 'list', value: 'NAME', summary: 'A region that may serve it; all.' },
    network: {
      type: 'list',
      value: 'CIDR',
      summary: 'Addresses it may be called from; all.',
    },
    'time-zone': {
      type: 'string',
      value: 'ZONE',
      summary: 'Where days and months of budgets begin; UTC. Of the tenant.',
    },
  },
  examples: [
    'flywheel limits set key key_01… --rpm 60 --tpm 20000 --daily 5',
    'flywheel limits set tenant --monthly 1000 --time-zone Asia/Shanghai',
  ],
  run: async ({ arguments: { level, id }, options }, context) => {
    const at = await readScope(context, level, id);
    const client = await context.connect();
    const limit = await client.limits.set(at.level, at.scopeId, {
      requestsPerMinute: options.rpm ?? null,
      requestsPerSecond: options.rps ?? null,
      tokensPerMinute: options.tpm ?? null,
      concurrency: options.concurrency ?? null,
      dailyBudget: readBudget('daily', options.daily),
      monthlyBudget: readBudget('monthly', options.monthly),
      models: namesOrAll(options.model),
      regions: namesOrAll(options.region),
      networks: namesOrAll(options.network),
      timeZone: options['time-zone'] ?? null,
    });
    printDone(context, `The ${limit.level} ${limit.name} is limited.`, limit);
  },
});

const remove = defineCommand({
  words: ['limits', 'remove'],
  summary: 'Remove the limits of a tenant, a project or a key.',
  arguments: [
    { name: 'level', kind: 'required', summary: `One of ${LEVELS.join(', ')}.` },
    { name: 'id', kind: 'optional', summary: 'Of the project, key or tenant; the own tenant.' },
  ],
  options: {},
  run: async ({ arguments: { level, id } }, context) => {
    const at = await readScope(context, level, id);
    const client = await context.connect();
    await client.limits.remove(at.level, at.scopeId);
    printDone(context, `Nothing limits the ${at.level} ${at.scopeId} at its level.`, at);
  },
});

async function readScope(
  context: Context,
  text: string,
  id: string | undefined,
): Promise<Readonly<{ level: Level; scopeId: string }>> {
  const level = LEVELS.find((each) => each === text);
  if (level === undefined) {
    throw new UsageError(`"${text}" has no limits.`, `Write one of ${LEVELS.join(', ')}.`);
  }
  if (id !== undefined) return { level, scopeId: id };
  if (level !== 'tenant') {
    const what = level === 'platform' ? 'a tenant' : `a ${level}`;
    throw new UsageError(`The id of ${what} is missing.`, `flywheel limits set ${level} ID …`);
  }
  const client = await context.connect();
  return { level, scopeId: (await client.me.get()).tenant.id };
}

function readBudget(name: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  if (AMOUNT.test(text)) return text;
  throw new UsageError(`--${name} is an amount such as 12.5; it is "${text}".`);
}

function namesOrAll(names: readonly string[]): string[] | null {
  return names.length === 0 ? null : [...names];
}

export const limitsCommands = [list, set, remove];
