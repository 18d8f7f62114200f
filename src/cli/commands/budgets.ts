/** `budgets list|set|remove|forecast|tag`. */
import type { Budget, BudgetSet } from '#budgets/api.ts';
import { defineCommand } from '../command.ts';
import { formatAmount } from '../format.ts';
import { printDone, printJson, printList, printThing } from '../result.ts';
import { UsageError } from '../usage-error.ts';

const LEVELS = ['tenant', 'project', 'key', 'model', 'tag'] as const;
const which = { name: 'budget', kind: 'required', summary: 'Its id.' } as const;

const list = defineCommand({
  words: ['budgets', 'list'],
  summary: 'List budgets, what is spent of them and what they are likely to end at.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const client = await context.connect();
    const { data } = await client.budgets.list();
    printList(
      context,
      data,
      [
        { title: 'ID', value: ({ id }) => id },
        { title: 'NAME', value: ({ name }) => name },
        { title: 'OF', value: ({ level, scopeName }) => `${level} ${scopeName}` },
        { title: 'PERIOD', value: ({ period }) => period },
        { title: 'SPENT', align: 'right', value: ({ spent }) => formatAmount(spent) },
        { title: 'BUDGET', align: 'right', value: ({ amount }) => formatAmount(amount) },
        { title: '%', align: 'right', value: ({ percent }) => String(percent) },
        { title: 'LIKELY', align: 'right', value: likely },
        { title: 'CURRENCY', value: ({ currency }) => currency },
      ],
      'There are no budgets. `flywheel budgets set` makes one.',
    );
  },
});

function likely({ forecast, basis }: Budget): string {
  if (forecast === null) return 'too early';
  return `${formatAmount(forecast)}${basis === 'days' ? ' (rough)' : ''}`;
}

const set = defineCommand({
  words: ['budgets', 'set'],
  summary: 'Make a budget, or replace one.',
  details:
    'Owners and finance hear by e-mail, and webhooks are called, once a period for each threshold. ' +
    'A budget tells and does not stop; with --stop it also sets the limit that gateways keep.',
  arguments: [
    { name: 'name', kind: 'required', summary: 'What to call it.' },
    { name: 'amount', kind: 'required', summary: 'Such as 500.' },
  ],
  options: {
    level: { type: 'string', value: 'LEVEL', choices: LEVELS, default: 'tenant', summary: 'Of.' },
    of: { type: 'string', value: 'ID', summary: 'The project, key, model or tag.' },
    period: {
      type: 'string',
      value: 'PERIOD',
      choices: ['day', 'week', 'month'],
      default: 'month',
      summary: 'How long.',
    },
    at: { type: 'list', value: 'PERCENT', summary: 'Tell when so much is spent; 50, 80, 100.' },
    forecast: { type: 'list', value: 'PERCENT', summary: 'Tell when so much is likely; 100.' },
    'time-zone': { type: 'string', value: 'ZONE', summary: 'Where days begin; UTC.' },
    stop: { type: 'boolean', summary: 'Also refuse calls once it is spent.' },
    replace: { type: 'string', value: 'ID', summary: 'The budget to replace.' },
  },
  examples: [
    'flywheel budgets set Everything 1000 --time-zone Asia/Shanghai',
    'flywheel budgets set Search 50 --level tag --of search --period day --at 80',
  ],
  run: async ({ arguments: { name, amount }, options }, context) => {
    const client = await context.connect();
    const thresholds = percentsOf('at', options.at);
    const forecastThresholds = percentsOf('forecast', options.forecast);
    const wish: BudgetSet = {
      name,
      amount,
      level: levelOf(options.level),
      ...(options.of === undefined ? {} : { scopeId: options.of }),
      period: periodOf(options.period),
      ...(options['time-zone'] === undefined ? {} : { timeZone: options['time-zone'] }),
      ...(thresholds.length === 0 ? {} : { thresholds }),
      ...(forecastThresholds.length === 0 ? {} : { forecastThresholds }),
      stops: options.stop,
    };
    const budget =
      options.replace === undefined
        ? await client.budgets.create(wish)
        : await client.budgets.replace(options.replace, wish);
    printDone(context, `${budget.name} (${budget.id}): ${budget.percent} % is spent.`, budget);
  },
});

function levelOf(text: string): (typeof LEVELS)[number] {
  const level = LEVELS.find((each) => each === text);
  if (level === undefined) throw new UsageError(`"${text}" has no budgets.`);
  return level;
}

function periodOf(text: string): 'day' | 'week' | 'month' {
  return text === 'day' || text === 'week' ? text : 'month';
}

function percentsOf(name: string, texts: readonly string[]): number[] {
  return texts.map((text) => {
    const percent = Number(text.replace(/%$/, ''));
    if (Number.isInteger(percent) && percent >= 1 && percent <= 1_000) return percent;
    throw new UsageError(`--${name} is a per cent such as 80; it is "${text}".`);
  });
}

const remove = defineCommand({
  words: ['budgets', 'remove'],
  summary: 'Remove a budget. A limit that it had set stays.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { budget: id } }, context) => {
    const client = await context.connect();
    await client.budgets.remove(id);
    printDone(context, `${id} is gone.`, { id });
  },
});

const forecast = defineCommand({
  words: ['budgets', 'forecast'],
  summary: 'Show how a budget is spent through its period, and what is likely.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { budget: id } }, context) => {
    const client = await context.connect();
    const { budget, points } = await client.budgets.forecast(id);
    if (context.isJson) return printJson(context, { budget, points });
    printThing(context, budget, [
      ['budget', `${budget.name}: ${formatAmount(budget.amount)} ${budget.currency}`],
      ['spent', `${formatAmount(budget.spent)} (${budget.percent} %)`],
      ['likely', likely(budget)],
      ['ends', budget.periodEnd],
    ]);
    return printList(
      context,
      points,
      [
        { title: 'UNTIL', value: ({ at }) => at.slice(0, 16).replace('T', ' ') },
        { title: 'SUM', align: 'right', value: ({ amount }) => formatAmount(amount) },
        { title: '', value: ({ isForecast }) => (isForecast ? 'likely' : '') },
      ],
      'Nothing is spent yet.',
    );
  },
});

const tag = defineCommand({
  words: ['budgets', 'tag'],
  summary: 'Put words on a project or key, to have budgets of them; or show all.',
  arguments: [
    { name: 'id', kind: 'optional', summary: 'Of the project or key.' },
    { name: 'tags', kind: 'rest', summary: 'In place of those it has; none removes them.' },
  ],
  options: {},
  examples: ['flywheel budgets tag key_01… search nightly', 'flywheel budgets tag'],
  run: async ({ arguments: { id, tags } }, context) => {
    const client = await context.connect();
    if (id !== undefined) {
      const level = id.startsWith('key_') ? 'key' : 'project';
      await client.budgets.setTags(level, id, tags);
      return printDone(context, `The ${level} ${id} carries ${tags.join(', ') || 'no tags'}.`, {
        level,
        scopeId: id,
        tags,
      });
    }
    const { data } = await client.budgets.tags();
    return printList(
      context,
      data,
      [
        { title: 'TAG', value: ({ tag: word }) => word },
        { title: 'ON', value: ({ level }) => level },
        { title: 'ID', value: ({ scopeId }) => scopeId },
      ],
      'Nothing carries a tag.',
    );
  },
});

export const budgetCommands = [list, set, remove, forecast, tag];
