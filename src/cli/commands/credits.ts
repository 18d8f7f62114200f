/** `credits list|grant|revoke|redeem|order|quota|only-free`; coupons are in coupons.ts. */
import { randomUUID } from 'node:crypto';
import type { CreditSummary, Grant, SourceName, Subscription } from '#credits/api.ts';
import { defineCommand } from '../command.ts';
import { formatAmount, formatCount } from '../format.ts';
import { printDone, printJson, printList } from '../result.ts';
import { UsageError } from '../usage-error.ts';
import { couponCommands } from './coupons.ts';
import { SCOPE_OPTIONS, formatUnits, readTime, timeOf } from './credit-options.ts';

const SOURCE_NAMES = {
  free_quota: 'free quota',
  plan: 'plan',
  savings_plan: 'savings plan',
  grant: 'grants',
  cash: 'balance',
} as const satisfies Record<SourceName, string>;
const SOURCES = ['free_quota', 'plan', 'savings_plan', 'grant', 'cash'] as const;
const AMOUNT = /^\d{1,12}(\.\d{1,12})?$/;

const list = defineCommand({
  words: ['credits', 'list'],
  summary: 'Show what may pay for calls, in the order in which it does.',
  arguments: [],
  options: {
    tenant: { type: 'string', value: 'ID', summary: 'Of another tenant; for the operator.' },
  },
  run: async ({ options: { tenant: tenantId } }, context) => {
    const client = await context.connect();
    const summary = await client.creditSummary.get({ tenantId });
    const { subscription } = await client.subscription.get({ tenantId });
    if (context.isJson) return printJson(context, { ...summary, subscription });
    const meters = subscription?.meters ?? [];
    const plan = meters.map((meter) => ({
      source: 'plan',
      what: `${subscription?.plan.name ?? ''}, ${meter.period.replace('_', ' ')}`,
      left: leftOf(subscription, meter),
      until: `anew ${timeOf(meter.resetsAt)}`,
    }));
    const { notes } = context.terminal;
    printList(
      context,
      summary.sources.flatMap(({ source }) => (source === 'plan' ? plan : rowsOf(summary, source))),
      [
        { title: 'PAYS', value: ({ source }) => source },
        { title: 'WHAT', value: ({ what }) => what },
        { title: 'LEFT', align: 'right', value: ({ left }) => left },
        { title: 'UNTIL', value: ({ until }) => until },
      ],
      'Only the balance pays. `flywheel balance` shows it.',
    );
    if (summary.freeQuotaOnly) notes.line('Free quota only: nothing else pays.');
    for (const { coupon, percent } of summary.waiting) {
      notes.line(`${coupon}: ${percent ?? 0} % of your next top-up.`);
    }
  },
});

function leftOf(
  subscription: Subscription | null,
  { used, allowance }: Subscription['meters'][number],
): string {
  const { unit, currency } = subscription?.plan ?? { unit: 'token', currency: '' };
  const left = unit === 'token' ? String(Number(allowance) - Number(used)) : used;
  const word = unit === 'token' ? 'tokens' : `${currency} used`;
  return `${formatUnits(unit, left)} of ${formatUnits(unit, allowance)} ${word}`;
}

type Row = Readonly<{ source: string; what: string; left: string; until: string }>;

function rowsOf(summary: CreditSummary, source: SourceName): readonly Row[] {
  if (source === 'free_quota') {
    return summary.freeQuotas.map(({ model, unit, units, used, expiresAt }) => ({
      source: SOURCE_NAMES[source],
      what: model,
      left: `${formatCount(units - used)} of ${formatCount(units)} ${unit.replace('_', ' ')}s`,
      until: expiresAt === null ? 'for ever' : timeOf(expiresAt),
    }));
  }
  const own = summary.grants.filter(
    ({ origin }) => (origin === 'savings_plan') === (source === 'savings_plan'),
  );
  return own.map((grant) => ({
    source: SOURCE_NAMES[source],
    what: `${grant.name}${scopeOf(grant)} (${grant.id})`,
    left: `${formatAmount(grant.remaining)} of ${formatAmount(grant.amount)} ${grant.currency}`,
    until: grant.expiresAt === null ? 'for ever' : timeOf(grant.expiresAt),
  }));
}

function scopeOf({ models, projectId, product, percent }: Grant): string {
  const parts = [
    ...(percent === 100 ? [] : [`${percent} % of each call`]),
    ...(models === null ? [] : [models.join(', ')]),
    ...(projectId === null ? [] : [projectId]),
    ...(product === null ? [] : [product]),
  ];
  return parts.length === 0 ? '' : ` for ${parts.join(', ')}`;
}

const grant = defineCommand({
  words: ['credits', 'grant'],
  summary: 'Give a tenant credit with an end and a scope.',
  details:
    '`flywheel credit add` puts money on the balance; a grant is spent before the balance, until ' +
    'it ends, and only for what it is meant for.',
  arguments: [{ name: 'amount', kind: 'required', summary: 'An exact decimal, such as 100.' }],
  options: {
    tenant: { type: 'string', value: 'ID', summary: 'Who gets it; the own tenant.' },
    name: { type: 'string', value: 'TEXT', summary: 'What it is called.', default: 'Credit' },
    expires: { type: 'string', value: 'WHEN', summary: '30d, 12w or a date; never.' },
    priority: { type: 'number', value: 'N', summary: 'The smaller goes first.', default: 100 },
    project: { type: 'string', value: 'ID', summary: 'The project it pays for; all.' },
    ...SCOPE_OPTIONS,
    note: { type: 'string', value: 'TEXT', summary: 'Why.', default: '' },
    'idempotency-key': {
      type: 'string',
      value: 'KEY',
      summary: 'Sent again with the same key, nothing is given twice.',
    },
  },
  examples: ['flywheel credits grant 50 --tenant ten_01… --expires 90d --name "Welcome"'],
  run: async ({ arguments: { amount }, options }, context) => {
    if (!AMOUNT.test(amount)) throw new UsageError(`"${amount}" is no amount such as 100 or 0.5.`);
    const client = await context.connect();
    const tenantId = options.tenant ?? (await client.me.get()).tenant.id;
    const given = await client.grants.create({
      tenantId,
      amount,
      name: options.name,
      expiresAt: readTime('expires', options.expires),
      priority: options.priority,
      models: options.model.length === 0 ? null : [...options.model],
      projectId: options.project ?? null,
      product: options.product ?? null,
      note: options.note,
      idempotencyKey: options['idempotency-key'] ?? randomUUID(),
    });
    printDone(
      context,
      `${tenantId} has ${given.remaining} ${given.currency} more, as ${given.id}.`,
      given,
    );
  },
});

const revoke = defineCommand({
  words: ['credits', 'revoke'],
  summary: 'Take a grant back; calls under way are still paid by it.',
  arguments: [{ name: 'id', kind: 'required', summary: 'Of the grant.' }],
  options: { tenant: { type: 'string', value: 'ID', summary: 'Whose it is; the own tenant.' } },
  run: async ({ arguments: { id }, options: { tenant: tenantId } }, context) => {
    const client = await context.connect();
    const taken = await client.grants.revoke(id, { tenantId });
    printDone(context, `${id} pays for nothing new.`, taken);
  },
});

const redeem = defineCommand({
  words: ['credits', 'redeem'],
  summary: 'Redeem a coupon.',
  arguments: [{ name: 'code', kind: 'required', summary: 'As it was given to you.' }],
  options: {},
  run: async ({ arguments: { code } }, context) => {
    const client = await context.connect();
    const redemption = await client.coupons.redeem(code);
    const { grant: given, percent, coupon: name } = redemption;
    const text =
      given === null
        ? `${name}: ${percent ?? 0} % of your next top-up will be added.`
        : `${name}: ${given.amount} ${given.currency}${scopeOf(given)}, ${given.expiresAt === null ? 'for ever' : `until ${timeOf(given.expiresAt)}`}.`;
    printDone(context, text, redemption);
  },
});

const order = defineCommand({
  words: ['credits', 'order'],
  summary: 'Show or set the order in which sources pay.',
  details:
    `Without sources: every version, the latest first. With all of ${SOURCES.join(', ')}, first to ` +
    'last: a new version, for calls that are let in from then on. cash is last.',
  arguments: [{ name: 'sources', kind: 'rest', summary: 'First to last.' }],
  options: {
    'batch-too': { type: 'boolean', summary: 'Batches take free quota as well.' },
    from: { type: 'string', value: 'TIME', summary: 'When it begins; now.' },
  },
  examples: ['flywheel credits order plan free_quota savings_plan grant cash'],
  run: async ({ arguments: { sources }, options }, context) => {
    const client = await context.connect();
    if (sources.length > 0) {
      const steps = sources.map((text) => {
        const source = SOURCES.find((each) => each === text);
        if (source === undefined) {
          throw new UsageError(`"${text}" does not pay.`, `Write ${SOURCES.join(', ')}.`);
        }
        const isWithoutBatch = source === 'free_quota' && !options['batch-too'];
        return { source, exceptTiers: isWithoutBatch ? ['batch' as const] : [] };
      });
      const effectiveFrom = readTime('from', options.from);
      const published = await client.deductionOrders.create({ steps, effectiveFrom });
      return printDone(context, `In force from ${timeOf(published.effectiveFrom)}.`, published);
    }
    const { data } = await client.deductionOrders.list();
    printList(
      context,
      data,
      [
        {
          title: 'FROM',
          value: (each) => (each.id === 'default' ? 'the start' : timeOf(each.effectiveFrom)),
        },
        { title: '', value: ({ isInForce }) => (isInForce ? 'in force' : '') },
        {
          title: 'ORDER',
          value: ({ steps }) =>
            steps
              .map(({ source, exceptTiers }) =>
                exceptTiers.length === 0
                  ? SOURCE_NAMES[source]
                  : `${SOURCE_NAMES[source]} (not ${exceptTiers.join(', ')})`,
              )
              .join(' → '),
        },
      ],
      'There is none.',
    );
  },
});

const quota = defineCommand({
  words: ['credits', 'quota'],
  summary: 'Show or set what new tenants may use of a model for nothing.',
  details:
    'Without a model: all rules. With --tenant: gives a tenant what the rules say and it does not ' +
    'have. 0 units take a rule away.',
  arguments: [
    { name: 'model', kind: 'optional', summary: 'owner/name.' },
    { name: 'units', kind: 'optional', summary: 'How many.' },
  ],
  options: {
    unit: {
      type: 'string',
      value: 'UNIT',
      choices: ['token', 'character', 'second', 'image', 'video_second', 'page', 'request'],
      default: 'token',
      summary: 'What is counted.',
    },
    days: { type: 'number', value: 'N', summary: 'How long it lasts; for ever.' },
    tenant: { type: 'string', value: 'ID', summary: 'Give it to a tenant that is there already.' },
  },
  examples: ['flywheel credits quota flywheel/tiny-chat 1000000 --days 90'],
  run: async ({ arguments: { model, units }, options }, context) => {
    const client = await context.connect();
    if (options.tenant !== undefined) {
      const { data } = await client.freeQuotas.give(options.tenant);
      return printDone(
        context,
        `${options.tenant} has what the rules give, ${data.length} in all.`,
        { data },
      );
    }
    const { data } =
      model === undefined
        ? await client.freeQuotas.rules()
        : await client.freeQuotas.setRule({
            model,
            unit: options.unit,
            units: readCount(units),
            validDays: options.days ?? null,
          });
    printList(
      context,
      data,
      [
        { title: 'MODEL', value: (rule) => rule.model },
        { title: 'UNITS', align: 'right', value: (rule) => formatCount(rule.units) },
        { title: 'OF', value: (rule) => `${rule.unit.replace('_', ' ')}s` },
        {
          title: 'FOR',
          value: ({ validDays }) => (validDays === null ? 'ever' : `${validDays} days`),
        },
      ],
      'New tenants get nothing for free. `flywheel credits quota MODEL UNITS` changes that.',
    );
  },
});

const onlyFree = defineCommand({
  words: ['credits', 'only-free'],
  summary: 'Let nothing but free quota pay, or let everything pay again.',
  details:
    'While it is on, calls that free quota does not cover are refused and nothing is charged.',
  arguments: [{ name: 'state', kind: 'required', summary: 'on or off.' }],
  options: {},
  run: async ({ arguments: { state } }, context) => {
    if (state !== 'on' && state !== 'off') {
      throw new UsageError(`"${state}" is neither on nor off.`, 'flywheel credits only-free on');
    }
    const client = await context.connect();
    const summary = await client.creditSummary.setFreeQuotaOnly(state === 'on');
    printDone(context, `Free quota only is ${state}.`, summary);
  },
});

export const creditsCommands = [
  list,
  grant,
  revoke,
  redeem,
  order,
  quota,
  ...couponCommands,
  onlyFree,
];

function readCount(text: string | undefined): number {
  if (text !== undefined && /^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError('How many units is missing.', 'flywheel credits quota MODEL 1000000');
}
