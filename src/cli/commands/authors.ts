/** `authors list|show|shares|share|statement|payouts|payout|reverse`. */
import { randomUUID } from 'node:crypto';
import type { AuthorStatement, Payout, ShareRule } from '#authors/api.ts';
import { type Context, defineCommand } from '../command.ts';
import { formatAmount, formatCount } from '../format.ts';
import { printDone, printJson, printList, printThing, readAll } from '../result.ts';
import { UsageError } from '../usage-error.ts';
import { readTime } from './read-time.ts';

const AMOUNT = /^\d{1,12}(\.\d{1,12})?$/;
const PERCENT = /^(\d{1,3})(?:\.(\d{1,2}))?$/;
const BASIS_POINTS_MAX = 10_000;

const tenantArgument = {
  name: 'tenant',
  kind: 'optional',
  summary: 'The operator: of this tenant; the own one.',
} as const;

const list = defineCommand({
  words: ['authors', 'list'],
  summary: 'List who has earned something, and what is owed to them.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const client = await context.connect();
    const { data } = await client.authors.list();
    printList(
      context,
      data,
      [
        { title: 'AUTHOR', value: ({ tenantId }) => tenantId },
        { title: 'NAME', value: ({ tenantName }) => tenantName },
        { title: 'MODELS', align: 'right', value: ({ models }) => String(models) },
        { title: 'EARNED', align: 'right', value: ({ earned }) => formatAmount(earned) },
        { title: 'PAID', align: 'right', value: ({ paid }) => formatAmount(paid) },
        { title: 'OWED', align: 'right', value: ({ payable }) => formatAmount(payable) },
        { title: 'CURRENCY', value: ({ currency }) => currency },
      ],
      'No author has earned anything yet. `flywheel authors share` sets what they earn.',
    );
  },
});

const show = defineCommand({
  words: ['authors', 'show'],
  summary: 'Show what an author has earned, was paid, and is owed.',
  arguments: [tenantArgument],
  options: {},
  run: async ({ arguments: { tenant } }, context) => {
    const client = await context.connect();
    const found = await client.authors.earnings({ tenantId: tenant });
    const show = (amount: string): string => `${formatAmount(amount)} ${found.currency}`;
    printThing(context, found, [
      ['tenant', found.tenantId],
      ['author', found.isAuthor ? 'yes' : 'no model of it has a share'],
      ['this month', show(found.thisMonth)],
      ['earned', show(found.earned)],
      ['paid', show(found.paid)],
      ['owed', show(found.payable)],
    ]);
  },
});

const shares = defineCommand({
  words: ['authors', 'shares'],
  summary: 'List which share authors get of which model, past and coming ones too.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const client = await context.connect();
    const { data } = await client.authors.shares();
    printList(
      context,
      data,
      [
        { title: 'MODEL', value: ({ modelName }) => modelName ?? '(every other)' },
        { title: 'SHARE', align: 'right', value: shareText },
        { title: 'AUTHOR', value: ({ authorTenantId }) => authorTenantId ?? 'who published it' },
        { title: 'COUNTS', value: countsText },
        { title: 'FROM', value: ({ effectiveFrom }) => effectiveFrom },
        { title: 'STATE', value: ({ state }) => state },
      ],
      'No shares: all revenue is the platform’s.',
    );
  },
});

const share = defineCommand({
  words: ['authors', 'share'],
  summary: 'Set which share of its revenue a model earns for its author.',
  details:
    'Without a model it is the default for every model that has no share of its own. A share holds ' +
    'for calls let in from then on. Of each call it is rounded down to 10⁻¹² of the currency.',
  arguments: [{ name: 'model', kind: 'optional', summary: 'The model: owner/name.' }],
  options: {
    percent: { type: 'string', value: 'PERCENT', summary: 'Such as 30 or 12.5.' },
    default: { type: 'boolean', summary: 'The model goes back to the default.' },
    author: { type: 'string', value: 'TENANT', summary: 'Who earns it; who published the model.' },
    'count-own': { type: 'boolean', summary: "The author's own calls count too." },
    'count-free': { type: 'boolean', summary: 'What free quota and grants paid counts too.' },
    from: { type: 'string', value: 'TIME', summary: 'From then on; now.' },
  },
  examples: ['flywheel authors share ada/poet --percent 30', 'flywheel authors share --percent 20'],
  run: async ({ arguments: { model }, options }, context) => {
    const { percent, author } = options;
    if (options.default === (percent !== undefined)) {
      throw new UsageError('Say either --percent or --default.');
    }
    const effectiveFrom = readTime(options.from);
    const client = await context.connect();
    const rule = await client.authors.setShare({
      ...(model === undefined ? {} : { model }),
      basisPoints: percent === undefined ? null : readPercent(percent),
      ...(author === undefined ? {} : { authorTenantId: author }),
      countsOwnUsage: options['count-own'],
      countsFreeUsage: options['count-free'],
      ...(effectiveFrom === undefined ? {} : { effectiveFrom }),
    });
    const what = rule.modelName ?? 'Every other model';
    printDone(context, `${what} shares ${shareText(rule)} from ${rule.effectiveFrom}.`, rule);
  },
});

const statement = defineCommand({
  words: ['authors', 'statement'],
  summary: "Show an author's month: what was earned by model, paid out, and is owed.",
  details: 'Months are in UTC. One that is over never changes: late calls count when they arrive.',
  arguments: [tenantArgument],
  options: {
    month: { type: 'string', value: 'YYYY-MM', summary: 'Which; this one.' },
    currency: { type: 'string', value: 'CURRENCY', summary: 'That payers paid in; your own.' },
  },
  examples: ['flywheel authors statement --month 2030-01'],
  run: async ({ arguments: { tenant }, options: { month, currency } }, context) => {
    const client = await context.connect();
    const found = await client.authors.statement({ tenantId: tenant, month, currency });
    if (context.isJson) return printJson(context, found);
    return printStatement(context, found);
  },
});

function printStatement(context: Context, found: AuthorStatement): void {
  const { notes } = context.terminal;
  const title = `${found.tenantName}, ${found.month}${found.isOver ? '' : ' (so far)'}`;
  notes.line(notes.style('dim', title));
  printList(
    context,
    found.lines,
    [
      { title: 'MODEL', value: ({ modelName }) => modelName },
      { title: 'CALLS', align: 'right', value: ({ calls }) => formatCount(calls) },
      { title: 'REVENUE', align: 'right', value: ({ revenue }) => formatAmount(revenue) },
      { title: 'SHARE', align: 'right', value: (line) => formatAmount(line.share) },
      { title: 'TAKEN BACK', align: 'right', value: ({ reversed }) => formatAmount(reversed) },
    ],
    'Nothing was earned.',
  );
  const show = (amount: string): string => `${formatAmount(amount)} ${found.currency}`;
  printThing(context, found, [
    ['owed before', show(found.opening)],
    ['earned', show(found.share)],
    ['taken back', show(found.reversed)],
    ['paid out', show(found.paid)],
    ['owed after', show(found.closing)],
  ]);
}

const payouts = defineCommand({
  words: ['authors', 'payouts'],
  summary: 'List what was paid out, newest first.',
  arguments: [{ ...tenantArgument, summary: 'The operator: of this tenant, or `all`.' }],
  options: {},
  run: async ({ arguments: { tenant } }, context) => {
    const client = await context.connect();
    printList(
      context,
      await readAll((page) => client.authors.payouts({ ...page, tenantId: tenant })),
      [
        { title: 'PAYOUT', value: ({ id }) => id },
        { title: 'AUTHOR', value: ({ tenantId }) => tenantId },
        { title: 'AT', value: ({ createdAt }) => createdAt },
        { title: 'AMOUNT', align: 'right', value: ({ amount }) => formatAmount(amount) },
        { title: 'CURRENCY', value: ({ currency }) => currency },
        { title: 'REFERENCE', value: ({ reference }) => reference },
        { title: 'STATE', value: stateText },
      ],
      'Nothing was paid out yet.',
    );
  },
});

const payout = defineCommand({
  words: ['authors', 'payout'],
  summary: 'Write down that money was sent to an author.',
  details: 'Sends nothing by itself. Never more than is owed.',
  arguments: [
    { name: 'tenant', kind: 'required', summary: 'The author.' },
    { name: 'amount', kind: 'required', summary: 'An exact decimal, such as 100.' },
  ],
  options: {
    reference: { type: 'string', value: 'TEXT', summary: 'Of the transfer.', required: true },
    note: { type: 'string', value: 'TEXT', summary: 'Anything else.', default: '' },
    'idempotency-key': {
      type: 'string',
      value: 'KEY',
      summary: 'Sent again with the same key, nothing is recorded twice.',
    },
  },
  examples: ['flywheel authors payout ten_01… 250 --reference "bank transfer 4711"'],
  run: async ({ arguments: { tenant, amount }, options }, context) => {
    if (!AMOUNT.test(amount)) throw new UsageError(`"${amount}" is no amount such as 100 or 0.5.`);
    const client = await context.connect();
    const made = await client.authors.recordPayout({
      tenantId: tenant,
      amount,
      reference: options.reference,
      note: options.note,
      idempotencyKey: options['idempotency-key'] ?? randomUUID(),
    });
    printDone(context, `${made.id}: ${tenant} was paid ${amount} ${made.currency}.`, made);
  },
});

const reverse = defineCommand({
  words: ['authors', 'reverse'],
  summary: 'Take a payout back whose money came back; it is owed again.',
  arguments: [{ name: 'payout', kind: 'required', summary: 'Its id.' }],
  options: { note: { type: 'string', value: 'TEXT', summary: 'Why.', default: '' } },
  run: async ({ arguments: { payout: id }, options: { note } }, context) => {
    const client = await context.connect();
    const made = await client.authors.reversePayout(id, note);
    printDone(context, `${id} is reversed; ${made.amount} ${made.currency} are owed again.`, made);
  },
});

function readPercent(text: string): number {
  const match = PERCENT.exec(text);
  const [, whole = '0', fraction = ''] = match ?? [];
  const basisPoints = Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
  if (match !== null && basisPoints <= BASIS_POINTS_MAX) return basisPoints;
  throw new UsageError(`"${text}" is no per cent such as 30 or 12.5, and at most 100.`);
}

function shareText({ basisPoints }: ShareRule): string {
  return basisPoints === null ? 'the default' : `${basisPoints / 100} %`;
}

function countsText({ countsOwnUsage, countsFreeUsage }: ShareRule): string {
  const counted = [
    'paid calls',
    ...(countsFreeUsage ? ['free ones'] : []),
    ...(countsOwnUsage ? ['own ones'] : []),
  ];
  return counted.join(', ');
}

function stateText({ reversedAt }: Payout): string {
  return reversedAt === null ? 'paid' : 'reversed';
}

export const authorCommands = [list, show, shares, share, statement, payouts, payout, reverse];
