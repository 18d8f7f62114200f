/** `ledger accounts` and `ledger show`: the operator's look into the books. */
import { defineCommand } from '../command.ts';
import { formatAmount } from '../format.ts';
import { printList, printThing, readAll } from '../result.ts';
import { UsageError } from '../usage-error.ts';

const accounts = defineCommand({
  words: ['ledger', 'accounts'],
  summary: 'List accounts and what they hold.',
  arguments: [{ name: 'search', kind: 'optional', summary: 'A part of the id or tenant.' }],
  options: {},
  run: async ({ arguments: { search } }, context) => {
    const client = await context.connect();
    printList(
      context,
      await readAll((page) => client.ledger.accounts({ ...page, search })),
      [
        { title: 'ACCOUNT', value: ({ id }) => id },
        { title: 'TENANT', value: ({ tenantName }) => tenantName ?? '-' },
        { title: 'BALANCE', align: 'right', value: ({ balance }) => formatAmount(balance) },
        { title: 'CURRENCY', value: ({ currency }) => currency },
      ],
      'No accounts.',
    );
  },
});

const show = defineCommand({
  words: ['ledger', 'show'],
  summary: 'Show an entry whole, by its id, its key or the id of a request in it.',
  arguments: [{ name: 'entry', kind: 'required', summary: 'An id, a key or a request.' }],
  options: {},
  run: async ({ arguments: { entry: wanted } }, context) => {
    const client = await context.connect();
    const { data } = await client.finance.find(wanted);
    const hit = data.find(({ entryId }) => entryId !== null);
    if (hit === undefined || hit.entryId === null) {
      throw new UsageError(`No entry of the ledger belongs to "${wanted}".`);
    }
    const entry = await client.ledger.entry(hit.entryId);
    printThing(context, entry, [
      ['entry', String(entry.id)],
      ['kind', entry.kind],
      ['key', entry.key],
      ['effective', entry.effectiveAt],
      ['recorded', entry.recordedAt],
      ...entry.postings.map(
        ({ accountId, amount, currency }) =>
          [accountId, `${formatAmount(amount)} ${currency}`] as const,
      ),
    ]);
  },
});

export const explorerCommands = [accounts, show];
