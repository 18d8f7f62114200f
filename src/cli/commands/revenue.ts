/** `revenue`: what calls earned and cost, for the operator. */
import type { Client } from '#client/client.ts';
import type { Spend } from '#finance/api.ts';
import { defineCommand } from '../command.ts';
import { formatAmount, formatCount } from '../format.ts';
import { printJson, printList, readAll } from '../result.ts';
import { readTime } from './read-time.ts';

type Sum = Spend['total'];

const revenue = defineCommand({
  words: ['revenue'],
  summary: 'Sum up what calls earned, what providers and authors get of it, and what is left.',
  details:
    'Over whole hours of UTC; the last 30 days. Machines of your own have no cost here: the margin ' +
    'is revenue less the cost of external providers and the shares of authors.',
  arguments: [],
  options: {
    from: { type: 'string', value: 'TIME', summary: 'From then on.' },
    to: { type: 'string', value: 'TIME', summary: 'Until then; now.' },
    by: {
      type: 'string',
      summary: 'What to sum by.',
      choices: ['model', 'tenant', 'region', 'project', 'key', 'tag', 'source'],
      default: 'model',
    },
    tenant: { type: 'string', value: 'ID', summary: 'Only of this tenant.', default: 'all' },
    currency: { type: 'string', value: 'CODE', summary: 'What was earned in it; your own.' },
  },
  examples: ['flywheel revenue --by tenant --from 2030-01-01'],
  run: async ({ options: { from, to, by, tenant, currency } }, context) => {
    const client = await context.connect();
    const found = await client.finance.spend({
      from: readTime(from),
      to: readTime(to),
      interval: 'none',
      groupBy: by,
      tenantId: tenant,
      currency,
    });
    if (context.isJson) return printJson(context, found);
    const names = by === 'tenant' ? await tenantNames(client) : new Map<string, string>();
    const { notes } = context.terminal;
    notes.line(notes.style('dim', `${found.from} to ${found.to}`));
    return printList(
      context,
      [
        ...found.buckets.toSorted((a, b) => Number(b.amount) - Number(a.amount)),
        { ...found.total, group: 'total' },
      ],
      [
        { title: by.toUpperCase(), value: ({ group }) => nameOf(names, group) },
        { title: 'CALLS', align: 'right', value: ({ calls }) => formatCount(calls) },
        amount('REVENUE', ({ amount: earned }) => earned),
        amount('COST', ({ cost = '0' }) => cost),
        amount('AUTHORS', ({ authorShare = '0' }) => authorShare),
        amount('MARGIN', ({ margin = '0' }) => margin),
        { title: 'CURRENCY', value: () => found.currency },
      ],
      '',
    );
  },
});

async function tenantNames(client: Client): Promise<ReadonlyMap<string, string>> {
  const tenants = await readAll((page) => client.tenants.list(page));
  return new Map(tenants.map(({ id, name }) => [id, `${name} (${id})`]));
}

function nameOf(names: ReadonlyMap<string, string>, group: string | null): string {
  return group === null ? '(none)' : (names.get(group) ?? group);
}

function amount(title: string, value: (sum: Sum) => string) {
  return { title, align: 'right', value: (sum: Sum) => formatAmount(value(sum)) } as const;
}

export const revenueCommands = [revenue];
