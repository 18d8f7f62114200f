/** `balance` and `credit add`. */
import { randomUUID } from 'node:crypto';
import { defineCommand } from '../command.ts';
import { formatAmount } from '../format.ts';
import { printDone, printThing } from '../result.ts';
import { UsageError } from '../usage-error.ts';

const balance = defineCommand({
  words: ['balance'],
  summary: 'Show what is left, and what is set aside for calls in flight.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const client = await context.connect();
    const found = await client.balance.get();
    const show = (amount: string): string => `${formatAmount(amount)} ${found.currency}`;
    printThing(context, found, [
      ['balance', show(found.balance)],
      ['set aside', show(found.held)],
      ['available', show(found.available)],
    ]);
  },
});

const AMOUNT = /^\d{1,12}(\.\d{1,12})?$/;

const credit = defineCommand({
  words: ['credit', 'add'],
  summary: 'Give a tenant credit.',
  arguments: [{ name: 'amount', kind: 'required', summary: 'An exact decimal, such as 100.' }],
  options: {
    tenant: { type: 'string', value: 'ID', summary: 'Who gets it; the own tenant.' },
    currency: { type: 'string', value: 'CODE', summary: "Refused where it is not the tenant's." },
    note: { type: 'string', value: 'TEXT', summary: 'Why.', default: '' },
    'idempotency-key': {
      type: 'string',
      value: 'KEY',
      summary: 'Sent again with the same key, nothing is given twice.',
    },
  },
  examples: ['flywheel credit add 100 --tenant ten_01… --idempotency-key order-4711'],
  run: async ({ arguments: { amount }, options }, context) => {
    if (!AMOUNT.test(amount)) throw new UsageError(`"${amount}" is no amount such as 100 or 0.5.`);
    const client = await context.connect();
    const tenantId = options.tenant ?? (await client.me.get()).tenant.id;
    const entry = await client.credits.create({
      tenantId,
      amount,
      currency: options.currency,
      note: options.note,
      idempotencyKey: options['idempotency-key'] ?? randomUUID(),
    });
    const currency = entry.postings[0]?.currency ?? '';
    printDone(context, `${tenantId} has ${amount} ${currency} more (entry ${entry.id}).`, entry);
  },
});

export const balanceCommands = [balance, credit];
