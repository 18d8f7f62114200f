/** `payments list|checkout|record|refund|accept|settings`. */
import { randomUUID } from 'node:crypto';
import type { Payment } from '#payments/api.ts';
import { defineCommand } from '../command.ts';
import { formatAmount } from '../format.ts';
import { printDone, printJson, printList, printThing, readAll } from '../result.ts';
import { UsageError } from '../usage-error.ts';

const STATES = ['open', 'succeeded', 'failed', 'expired', 'quarantined'] as const;

const which = { name: 'payment', kind: 'required', summary: 'Its id.' } as const;

const list = defineCommand({
  words: ['payments', 'list'],
  summary: 'List payments, newest first.',
  details:
    'A payment that is quarantined is not what was asked for: its amount or currency differs. ' +
    'The operator looks at it, and accepts it as it came or gives it back.',
  arguments: [],
  options: {
    tenant: { type: 'string', value: 'ID', summary: 'Of another tenant, or all; the operator.' },
    state: { type: 'string', value: 'STATE', choices: STATES, summary: 'Only of this state.' },
  },
  examples: ['flywheel payments list --tenant all --state quarantined'],
  run: async ({ options: { tenant: tenantId, state } }, context) => {
    const client = await context.connect();
    const payments = await readAll((page) => client.payments.list({ ...page, tenantId, state }));
    printList(
      context,
      payments,
      [
        { title: 'ID', value: ({ id }) => id },
        { title: 'DAY', value: ({ createdAt }) => createdAt.slice(0, 10) },
        { title: 'BY', value: ({ adapter }) => adapter },
        { title: 'FOR', value: ({ purpose, invoiceId }) => invoiceId ?? purpose },
        { title: 'AMOUNT', align: 'right', value: ({ amount }) => formatAmount(amount) },
        { title: 'BOOKED', align: 'right', value: ({ booked }) => formatAmount(booked) },
        { title: 'CURRENCY', value: ({ currency }) => currency },
        { title: 'STATE', value: stateOf },
      ],
      'Nothing was paid. `flywheel payments checkout AMOUNT` begins.',
    );
  },
});

function stateOf({ state, problem, dispute }: Payment): string {
  const why = problem === null ? '' : ` (${problem.replaceAll('_', ' ')})`;
  return `${state}${why}${dispute === null ? '' : `, dispute ${dispute}`}`;
}

const checkout = defineCommand({
  words: ['payments', 'checkout'],
  summary: 'Top up the balance, or pay an invoice.',
  arguments: [{ name: 'amount', kind: 'optional', summary: 'Of a top-up, such as 100.' }],
  options: {
    invoice: { type: 'string', value: 'ID', summary: 'Pay what is due of this invoice.' },
    by: { type: 'string', value: 'WAY', choices: ['stripe', 'manual'], summary: 'How to pay.' },
    save: { type: 'boolean', summary: 'Keep the means of payment for automatic top-ups.' },
  },
  examples: ['flywheel payments checkout 100', 'flywheel payments checkout --invoice inv_01…'],
  run: async ({ arguments: { amount }, options }, context) => {
    if ((amount === undefined) === (options.invoice === undefined)) {
      throw new UsageError('Write an amount, or --invoice ID.');
    }
    const client = await context.connect();
    const made = await client.payments.checkout({
      ...(amount === undefined ? {} : { amount }),
      ...(options.invoice === undefined ? {} : { invoiceId: options.invoice }),
      ...(options.by === undefined ? {} : { adapter: options.by }),
      savesMethod: options.save,
    });
    printThing(context, made, [
      ['payment', made.id],
      ['amount', `${formatAmount(made.amount)} ${made.currency}`],
      ...(made.url === null ? [] : [['pay at', made.url] as const]),
      ...(made.bankDetails === null
        ? []
        : ([
            ['transfer to', made.bankDetails],
            ['reference', made.reference],
          ] as const)),
    ]);
  },
});

const record = defineCommand({
  words: ['payments', 'record'],
  summary: 'Record a bank transfer that came; for the operator.',
  details:
    'Names the payment that a tenant announced, or the tenant itself. What differs from what was ' +
    'announced is set aside until `flywheel payments accept`.',
  arguments: [
    { name: 'whose', kind: 'required', summary: 'Id of the payment, or of the tenant.' },
    { name: 'amount', kind: 'required', summary: 'Such as 100.' },
  ],
  options: {
    date: { type: 'string', value: 'DAY', required: true, summary: 'When it came: 2030-12-31.' },
    reference: { type: 'string', value: 'TEXT', summary: 'As the bank shows it.' },
    currency: { type: 'string', value: 'CODE', summary: 'Such as CNY.' },
    invoice: { type: 'string', value: 'ID', summary: 'The invoice it pays.' },
    'idempotency-key': {
      type: 'string',
      value: 'KEY',
      summary: 'Recording the same key again changes nothing.',
    },
  },
  examples: ['flywheel payments record ten_01… 500 --date 2030-12-31 --reference FW-7K2M'],
  run: async ({ arguments: { whose, amount }, options }, context) => {
    const client = await context.connect();
    const payment = await client.payments.record({
      ...(whose.startsWith('pay_') ? { paymentId: whose } : { tenantId: whose }),
      amount,
      receivedOn: options.date,
      reference: options.reference ?? '',
      ...(options.currency === undefined ? {} : { currency: options.currency }),
      ...(options.invoice === undefined ? {} : { invoiceId: options.invoice }),
      idempotencyKey: options['idempotency-key'] ?? randomUUID(),
    });
    printDone(context, `${payment.id} is ${stateOf(payment)}.`, payment);
  },
});

const refund = defineCommand({
  words: ['payments', 'refund'],
  summary: 'Give a payment back, or a part of it; for the operator.',
  arguments: [
    which,
    { name: 'amount', kind: 'optional', summary: 'Less than what is left of it.' },
  ],
  options: {
    reason: { type: 'string', value: 'TEXT', required: true, summary: 'For the tenant.' },
    reversal: {
      type: 'boolean',
      summary: 'The transfer bounced: take it even where it is spent.',
    },
    'idempotency-key': {
      type: 'string',
      value: 'KEY',
      summary: 'Asking with the same key again changes nothing.',
    },
  },
  examples: ['flywheel payments refund pay_01… 20 --reason "paid twice"'],
  run: async ({ arguments: { payment: id, amount }, options }, context) => {
    const client = await context.connect();
    const payment = await client.payments.refund(id, {
      ...(amount === undefined ? {} : { amount }),
      reason: options.reason,
      isReversal: options.reversal,
      idempotencyKey: options['idempotency-key'] ?? randomUUID(),
    });
    const { refunded, currency } = payment;
    printDone(context, `${formatAmount(refunded)} ${currency} of ${id} are given back.`, payment);
  },
});

const accept = defineCommand({
  words: ['payments', 'accept'],
  summary: 'Book money that was set aside, as it came; for the operator.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { payment: id } }, context) => {
    const client = await context.connect();
    const payment = await client.payments.accept(id);
    printDone(context, `${formatAmount(payment.booked)} ${payment.currency} are booked.`, payment);
  },
});

const settings = defineCommand({
  words: ['payments', 'settings'],
  summary: 'Show or set how this cloud is paid; for the operator.',
  arguments: [],
  options: {
    bank: { type: 'string', value: 'TEXT', summary: 'Where transfers go, as payers read it.' },
    least: { type: 'string', value: 'AMOUNT', summary: 'Least of a top-up.' },
    most: { type: 'string', value: 'AMOUNT', summary: 'Most of a top-up.' },
    'stripe-key': { type: 'string', value: 'KEY', summary: "Stripe's secret key." },
    'stripe-webhook-secret': {
      type: 'string',
      value: 'SECRET',
      summary: "What signs Stripe's messages.",
    },
    'stripe-off': { type: 'boolean', summary: "Forget Stripe's keys." },
  },
  examples: ['flywheel payments settings --bank "Bank of Examples, account 123"'],
  run: async ({ options }, context) => {
    const client = await context.connect();
    const { bank, least, most } = options;
    const stripe = stripeOf(options);
    const change = {
      ...(bank === undefined ? {} : { bankDetails: bank }),
      ...(least === undefined ? {} : { least }),
      ...(most === undefined ? {} : { most }),
      ...(stripe === undefined ? {} : { stripe }),
    };
    const now =
      Object.keys(change).length === 0
        ? await client.payments.settings()
        : await client.payments.setSettings(change);
    if (context.isJson) return printJson(context, now);
    return printThing(context, now, [
      ['bank details', now.bankDetails === '' ? '-' : now.bankDetails],
      ['Stripe', now.stripe.isOn ? `on (${now.stripe.keyHint ?? ''})` : 'off'],
      ["Stripe's webhook", now.stripeWebhookUrl],
      ['top-ups', `${formatAmount(now.least)} to ${formatAmount(now.most)}`],
    ]);
  },
});

function stripeOf(
  options: Readonly<{
    'stripe-key'?: string | undefined;
    'stripe-webhook-secret'?: string | undefined;
    'stripe-off': boolean;
  }>,
): Readonly<{ secretKey: string; webhookSecret: string }> | null | undefined {
  const { 'stripe-key': secretKey, 'stripe-webhook-secret': webhookSecret } = options;
  if (options['stripe-off']) return null;
  if (secretKey === undefined && webhookSecret === undefined) return undefined;
  if (secretKey === undefined || webhookSecret === undefined) {
    throw new UsageError('Stripe needs both --stripe-key and --stripe-webhook-secret.');
  }
  return { secretKey, webhookSecret };
}

export const paymentCommands = [list, checkout, record, refund, accept, settings];
