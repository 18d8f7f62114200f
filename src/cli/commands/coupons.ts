/** `credits coupon|coupons`. */
import { defineCommand } from '../command.ts';
import { formatCount } from '../format.ts';
import { printDone, printList, readAll } from '../result.ts';
import { UsageError } from '../usage-error.ts';
import { SCOPE_OPTIONS, readTime, timeOf } from './credit-options.ts';
import { CURRENCY_OPTION } from './currency-option.ts';

const coupon = defineCommand({
  words: ['credits', 'coupon'],
  summary: 'Make a coupon: an amount, or a part of the next top-up or of usage.',
  arguments: [{ name: 'code', kind: 'required', summary: '4 to 40 letters, digits and dashes.' }],
  options: {
    amount: {
      type: 'string',
      value: 'AMOUNT',
      required: true,
      summary: 'What it is worth; with --percent, at most.',
    },
    currency: CURRENCY_OPTION,
    percent: { type: 'number', value: 'N', summary: 'Of the next top-up, or of usage.' },
    of: { type: 'string', value: 'WHAT', choices: ['top-up', 'usage'], summary: 'With --percent.' },
    name: { type: 'string', value: 'TEXT', summary: 'What it is called; its code.' },
    'redemptions-max': { type: 'number', value: 'N', summary: 'By all tenants; no end.' },
    'valid-until': { type: 'string', value: 'WHEN', summary: '30d or a date; for ever.' },
    days: { type: 'number', value: 'N', summary: 'How long what it gives lasts; for ever.' },
    ...SCOPE_OPTIONS,
  },
  examples: [
    'flywheel credits coupon WELCOME-50 --amount 50 --days 90 --redemptions-max 1000',
    'flywheel credits coupon BONUS --percent 10 --of top-up --amount 500',
  ],
  run: async ({ arguments: { code }, options }, context) => {
    const { percent = null, of } = options;
    if ((percent === null) !== (of === undefined)) {
      throw new UsageError('--percent and --of go together.', '--percent 10 --of top-up');
    }
    const client = await context.connect();
    const made = await client.coupons.create({
      code,
      name: options.name ?? code,
      kind: of === undefined ? 'amount' : of === 'top-up' ? 'top_up' : 'usage',
      currency: options.currency,
      amount: options.amount,
      percent,
      redemptionsMax: options['redemptions-max'] ?? null,
      validUntil: readTime('valid-until', options['valid-until']),
      grantDays: options.days ?? null,
      models: options.model.length === 0 ? null : [...options.model],
      product: options.product ?? null,
    });
    printDone(context, `Tenants redeem it with \`flywheel credits redeem ${made.code}\`.`, made);
  },
});

const coupons = defineCommand({
  words: ['credits', 'coupons'],
  summary: 'List coupons and how often they were redeemed.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const client = await context.connect();
    printList(
      context,
      await readAll((page) => client.coupons.list(page)),
      [
        { title: 'CODE', value: ({ code }) => code },
        {
          title: 'GIVES',
          value: ({ kind, percent, amount, currency }) =>
            kind === 'amount'
              ? `${amount} ${currency}`
              : `${percent ?? 0} % of ${kind === 'usage' ? 'usage' : 'a top-up'}, at most ${amount} ${currency}`,
        },
        {
          title: 'REDEEMED',
          align: 'right',
          value: ({ redemptions, redemptionsMax: most }) =>
            most === null
              ? formatCount(redemptions)
              : `${formatCount(redemptions)} of ${formatCount(most)}`,
        },
        {
          title: 'UNTIL',
          value: (each) => (each.validUntil === null ? '' : timeOf(each.validUntil)),
        },
        { title: 'STATE', value: ({ state }) => state },
      ],
      'There are no coupons. `flywheel credits coupon` makes one.',
    );
  },
});

export const couponCommands = [coupon, coupons];
