/** `plans list|create|archive|show|subscribe|change|cancel|undo|savings|save`. */
import { randomUUID } from 'node:crypto';
import type { Plan, PlanPreview, Subscription, WindowPeriodName } from '#credits/api.ts';
import { type Context, defineCommand } from '../command.ts';
import { formatAmount, formatCount } from '../format.ts';
import { printDone, printJson, printList, printThing } from '../result.ts';
import { UsageError } from '../usage-error.ts';
import { formatUnits, timeOf } from './credit-options.ts';
import { CURRENCY_OPTION } from './currency-option.ts';

const PERIODS: Readonly<Record<string, WindowPeriodName>> = {
  '5h': '5_hours',
  week: 'week',
  month: 'month',
};
const PERIOD_NAMES = { '5_hours': '5 hours', week: 'week', month: 'month' } as const;

const list = defineCommand({
  words: ['plans', 'list'],
  summary: 'List the plans that are offered.',
  arguments: [],
  options: { all: { type: 'boolean', short: 'a', summary: 'Those that are offered no more too.' } },
  run: async ({ options }, context) => {
    const client = await context.connect();
    const { data } = await client.plans.list();
    printList(
      context,
      data.filter(({ state }) => options.all || state === 'active'),
      [
        { title: 'NAME', value: ({ name }) => name },
        {
          title: 'A MONTH',
          align: 'right',
          value: ({ price, currency }) => `${formatAmount(price)} ${currency}`,
        },
        { title: 'ALLOWANCE', value: allowanceOf },
        { title: 'AFTER THAT', value: ({ atEnd }) => (atEnd === 'block' ? 'refused' : 'paid on') },
        { title: 'MODELS', value: ({ models }) => models?.join(', ') ?? 'all' },
        { title: 'ID', value: ({ id }) => id },
      ],
      'No plans are offered.',
    );
  },
});

function allowanceOf({ windows, unit, currency }: Plan): string {
  const show = (allowance: string): string =>
    unit === 'token' ? `${formatCount(Number(allowance))} tokens` : `${allowance} ${currency}`;
  return windows
    .map(({ period, allowance }) => `${show(allowance)} per ${PERIOD_NAMES[period]}`)
    .join(', ');
}

const create = defineCommand({
  words: ['plans', 'create'],
  summary: 'Offer a plan: a price a month, and what it allows in each window.',
  details:
    'A plan never changes; another price is another plan. Allowances are tokens, or money at list ' +
    'price with --unit amount.',
  arguments: [{ name: 'name', kind: 'required', summary: 'What tenants see.' }],
  options: {
    price: { type: 'string', value: 'AMOUNT', required: true, summary: 'A month.' },
    currency: CURRENCY_OPTION,
    allow: {
      type: 'list',
      value: 'PERIOD=N',
      summary: 'What a window allows: 5h=…, week=…, month=….',
    },
    unit: {
      type: 'string',
      value: 'UNIT',
      choices: ['token', 'amount'],
      default: 'token',
      summary: 'What is counted.',
    },
    block: { type: 'boolean', summary: 'Refuse calls when the allowance is used up.' },
    model: { type: 'list', short: 'm', value: 'NAME', summary: 'A model it covers; all.' },
    description: { type: 'string', value: 'TEXT', summary: 'A sentence.', default: '' },
  },
  examples: ['flywheel plans create Starter --price 49 --allow 5h=500000 --allow month=20000000'],
  run: async ({ arguments: { name }, options }, context) => {
    const client = await context.connect();
    const plan = await client.plans.create({
      name,
      currency: options.currency,
      price: options.price,
      unit: options.unit,
      atEnd: options.block ? 'block' : 'overage',
      models: options.model.length === 0 ? null : [...options.model],
      windows: options.allow.map(readWindow),
      description: options.description,
    });
    printDone(context, `${plan.name} is offered, as ${plan.id}.`, plan);
  },
});

function readWindow(text: string): { period: WindowPeriodName; allowance: string } {
  const [name = '', allowance = ''] = text.split('=');
  const period = PERIODS[name];
  if (period !== undefined && /^\d+(\.\d+)?$/.test(allowance)) return { period, allowance };
  throw new UsageError(
    `--allow is "${text}".`,
    'Write --allow 5h=500000 or --allow month=20000000.',
  );
}

const archive = defineCommand({
  words: ['plans', 'archive'],
  summary: 'Offer a plan no more; who has it keeps it.',
  arguments: [{ name: 'plan', kind: 'required', summary: 'Its name or id.' }],
  options: {},
  run: async ({ arguments: { plan } }, context) => {
    const client = await context.connect();
    const { id } = await findPlan(context, plan);
    await client.plans.archive(id);
    printDone(context, `${plan} is offered no more.`, { id });
  },
});

const show = defineCommand({
  words: ['plans', 'show'],
  summary: 'Show your plan, its meters and when they begin anew.',
  arguments: [],
  options: {
    tenant: { type: 'string', value: 'ID', summary: 'Of another tenant; for the operator.' },
  },
  run: async ({ options: { tenant: tenantId } }, context) => {
    const client = await context.connect();
    const { subscription } = await client.subscription.get({ tenantId });
    if (context.isJson) return printJson(context, { subscription });
    if (subscription === null) {
      return context.terminal.notes.line(
        'There is no plan. `flywheel plans list` shows what is offered.',
      );
    }
    printSubscription(context, subscription);
  },
});

function printSubscription(context: Context, subscription: Subscription): void {
  const { plan, state, periodEnd, nextPlan, endsAtPeriodEnd, meters } = subscription;
  const next = endsAtPeriodEnd
    ? 'ends'
    : `renews as ${nextPlan?.name ?? plan.name}, ${formatAmount((nextPlan ?? plan).price)} ${plan.currency}`;
  printThing(context, subscription, [
    ['plan', plan.name],
    ['state', state.replace('_', ' ')],
    [timeOf(periodEnd), next],
    ...meters.map(
      ({ period, used, allowance, resetsAt }) =>
        [
          `per ${PERIOD_NAMES[period]}`,
          `${formatUnits(plan.unit, used)} of ${formatUnits(plan.unit, allowance)}, anew ${timeOf(resetsAt)}`,
        ] as const,
    ),
  ]);
}

const YES = {
  yes: { type: 'boolean', short: 'y', summary: 'Without showing the cost first.' },
} as const;

const subscribe = defineCommand({
  words: ['plans', 'subscribe'],
  summary: 'Subscribe to a plan; a month is paid from the balance.',
  details: 'Without --yes it shows what that costs, and does nothing.',
  arguments: [{ name: 'plan', kind: 'required', summary: 'Its name or id.' }],
  options: YES,
  run: async ({ arguments: { plan }, options }, context) => {
    const client = await context.connect();
    const { id } = await findPlan(context, plan);
    if (!options.yes) {
      return printPreview(
        context,
        await client.subscription.preview(id),
        `plans subscribe ${plan}`,
      );
    }
    const made = await client.subscription.create(id);
    printDone(context, `You have ${made.plan.name} until ${timeOf(made.periodEnd)}.`, made);
  },
});

const change = defineCommand({
  words: ['plans', 'change'],
  summary: 'Change to another plan: a dearer one now, a cheaper one when the month ends.',
  details: 'Without --yes it shows what that costs, line by line, and does nothing.',
  arguments: [{ name: 'plan', kind: 'required', summary: 'Its name or id.' }],
  options: YES,
  run: async ({ arguments: { plan }, options }, context) => {
    const client = await context.connect();
    const { id } = await findPlan(context, plan);
    const preview = await client.subscription.preview(id);
    if (!options.yes) return printPreview(context, preview, `plans change ${plan}`);
    const dueMax = preview.due.startsWith('-') ? '0' : preview.due;
    const made = await client.subscription.change({ planId: id, dueMax });
    const text =
      made.nextPlan === null
        ? `You have ${made.plan.name} now.`
        : `${made.nextPlan.name} follows on ${timeOf(made.periodEnd)}. \`flywheel plans undo\` takes that back.`;
    printDone(context, text, made);
  },
});

function printPreview(context: Context, preview: PlanPreview, command: string): void {
  const { currency, lines, due, nextPrice, effectiveAt, kind } = preview;
  if (context.isJson) return printJson(context, preview);
  const titles = {
    subscription: 'a month of',
    unused: 'unused of',
    remaining: 'what remains of the month of',
  } as const;
  const { notes } = context.terminal;
  printList(
    context,
    lines,
    [
      { title: 'FOR', value: (line) => `${titles[line.kind]} ${line.plan}` },
      { title: currency, align: 'right', value: (line) => formatAmount(line.amount) },
    ],
    'It costs nothing now.',
  );
  const from = kind === 'downgrade' ? `, from ${timeOf(effectiveAt)}` : '';
  notes.line(
    `Due now: ${formatAmount(due)} ${currency}. Then ${nextPrice} ${currency} a month${from}.`,
  );
  notes.line(`\`flywheel ${command} --yes\` does it.`);
}

const cancel = defineCommand({
  words: ['plans', 'cancel'],
  summary: 'Let your plan end when its month does.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const client = await context.connect();
    const ended = await client.subscription.cancel();
    const text = `${ended.plan.name} ends on ${timeOf(ended.periodEnd)}. \`flywheel plans undo\` takes that back.`;
    printDone(context, text, ended);
  },
});

const undo = defineCommand({
  words: ['plans', 'undo'],
  summary: 'Take back what was to happen when the month ends.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const client = await context.connect();
    const kept = await client.subscription.undo();
    printDone(context, `${kept.plan.name} renews on ${timeOf(kept.periodEnd)}.`, kept);
  },
});

const savings = defineCommand({
  words: ['plans', 'savings'],
  summary: 'List savings plans, or offer one: an amount for some months, at a discount.',
  arguments: [{ name: 'name', kind: 'optional', summary: 'Of the one to offer.' }],
  options: {
    amount: { type: 'string', value: 'AMOUNT', summary: 'What may be spent.' },
    currency: CURRENCY_OPTION,
    discount: { type: 'number', value: 'PERCENT', summary: 'Less than that it costs.', default: 0 },
    months: { type: 'number', value: 'N', summary: 'How long it lasts.', default: 12 },
    model: { type: 'list', short: 'm', value: 'NAME', summary: 'A model it pays for; all.' },
  },
  examples: ['flywheel plans savings "Year of tokens" --amount 10000 --discount 15 --months 12'],
  run: async ({ arguments: { name }, options }, context) => {
    const client = await context.connect();
    if (name !== undefined) {
      if (options.amount === undefined) throw new UsageError('--amount is missing.');
      const made = await client.savingsPlans.create({
        name,
        currency: options.currency,
        amount: options.amount,
        discountPercent: options.discount,
        months: options.months,
        models: options.model.length === 0 ? null : [...options.model],
      });
      return printDone(
        context,
        `${made.name} is offered for ${made.price} ${made.currency}.`,
        made,
      );
    }
    const { data } = await client.savingsPlans.list();
    printList(
      context,
      data.filter(({ state }) => state === 'active'),
      [
        { title: 'NAME', value: (plan) => plan.name },
        { title: 'WORTH', align: 'right', value: ({ amount }) => formatAmount(amount) },
        { title: 'COSTS', align: 'right', value: ({ price }) => formatAmount(price) },
        { title: '', value: ({ currency }) => currency },
        { title: 'FOR', value: ({ months }) => `${months} months` },
        { title: 'ID', value: ({ id }) => id },
      ],
      'No savings plans are offered.',
    );
  },
});

const save = defineCommand({
  words: ['plans', 'save'],
  summary: 'Buy a savings plan from the balance.',
  arguments: [{ name: 'plan', kind: 'required', summary: 'Its name or id.' }],
  options: {
    'idempotency-key': {
      type: 'string',
      value: 'KEY',
      summary: 'Sent again with the same key, nothing is bought twice.',
    },
  },
  run: async ({ arguments: { plan }, options }, context) => {
    const client = await context.connect();
    const key = options['idempotency-key'] ?? randomUUID();
    const bought = await client.savingsPlans.buy(plan, key);
    const text = `${bought.amount} ${bought.currency} for ${bought.paid}, until ${timeOf(bought.expiresAt ?? '')}.`;
    printDone(context, text, bought);
  },
});

async function findPlan(context: Context, wanted: string): Promise<Plan> {
  const client = await context.connect();
  const { data } = await client.plans.list();
  const found = data.find(({ id, name }) => id === wanted || name === wanted);
  if (found !== undefined) return found;
  throw new UsageError(
    `There is no plan ${wanted}.`,
    '`flywheel plans list` shows what is offered.',
  );
}

export const planCommands = [
  list,
  create,
  archive,
  show,
  subscribe,
  change,
  cancel,
  undo,
  savings,
  save,
];
