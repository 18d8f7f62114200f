/** `price draft|diff|simulate|approve|publish|discard`. */
import type { PriceDraft, PriceSimulation } from '#pricing/api.ts';
import { defineCommand } from '../command.ts';
import { formatAgo, formatAmount, formatCount } from '../format.ts';
import { printDone, printJson, printList, printThing, readAll } from '../result.ts';
import { changeText, nameText, sideText } from './price-rates.ts';
import { readTime } from './read-time.ts';

const which = { name: 'draft', kind: 'required', summary: 'Its id.' } as const;

const draft = defineCommand({
  words: ['price', 'draft'],
  summary: 'List drafts of prices, or show one.',
  details: '`price import` and `price set --draft` make drafts.',
  arguments: [{ name: 'draft', kind: 'optional', summary: 'Its id; all that are open.' }],
  options: { all: { type: 'boolean', summary: 'Published and discarded ones too.' } },
  run: async ({ arguments: { draft: id }, options }, context) => {
    const client = await context.connect();
    const nowMs = Date.now();
    if (id !== undefined) {
      const found = await client.priceDrafts.get(id);
      return printThing(context, found, factsOf(found));
    }
    const state = options.all ? undefined : 'open';
    const drafts = await readAll((page) => client.priceDrafts.list({ ...page, state }));
    printList(
      context,
      drafts,
      [
        { title: 'DRAFT', value: (each) => each.id },
        { title: 'TITLE', value: ({ title }) => title },
        { title: 'STATE', value: stateOf },
        { title: 'PRICES', align: 'right', value: ({ items }) => formatCount(items.length) },
        { title: 'BY', value: ({ editors }) => editors.map(({ name }) => name).join(', ') },
        { title: 'CHANGED', value: ({ updatedAt }) => formatAgo(updatedAt, nowMs) },
      ],
      'There is no open draft. `flywheel price import FILE` makes one.',
    );
  },
});

function stateOf({ state, approval, needsApproval }: PriceDraft): string {
  if (state !== 'open') return state;
  if (approval !== null) return 'approved';
  return needsApproval ? 'to be approved' : 'open';
}

function factsOf(found: PriceDraft): readonly (readonly [string, string])[] {
  const { approval, items } = found;
  return [
    ['draft', found.id],
    ['title', found.title],
    ['state', stateOf(found)],
    ['revision', String(found.revision)],
    ['written by', found.editors.map(({ name }) => name).join(', ')],
    ['approved by', approval === null ? 'nobody' : `${approval.by.name}, ${approval.at}`],
    ...items.map(
      ({ model, effectiveFrom }) =>
        ['price', `${model} from ${effectiveFrom ?? 'its publication'}`] as const,
    ),
  ];
}

const diff = defineCommand({
  words: ['price', 'diff'],
  summary: 'Show what a draft changes, against what is in force.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { draft: id } }, context) => {
    const client = await context.connect();
    const found = await client.priceDrafts.diff(id);
    if (context.isJson) return printJson(context, found);
    const { out, notes } = context.terminal;
    for (const [index, item] of found.items.entries()) {
      const { model, effectiveFrom, replaces, until, changes } = item;
      if (index > 0) out.line('');
      const from = effectiveFrom ?? 'its publication';
      const end = until === null ? '' : ` until ${until}`;
      out.line(out.style('bold', `${model} from ${from}${end}`));
      if (replaces === null) out.line(out.style('dim', 'It has no price so far; calls are free.'));
      if (changes.length === 0) notes.line(notes.style('dim', 'It changes nothing.'));
      else printList(context, changes, CHANGE_COLUMNS, '');
    }
  },
});

type Change = Readonly<Parameters<typeof changeText>[0]>;

const CHANGE_COLUMNS = [
  { title: 'RATE', value: ({ what }: Change) => nameText(what) },
  {
    title: 'UP TO',
    align: 'right',
    value: ({ upTo }: Change) => (upTo === null ? '' : formatCount(upTo)),
  },
  { title: 'NOW', align: 'right', value: (change: Change) => sideText(change, change.before) },
  { title: 'THEN', align: 'right', value: (change: Change) => sideText(change, change.after) },
  { title: 'CHANGE', align: 'right', value: changeText },
] as const;

const simulate = defineCommand({
  words: ['price', 'simulate'],
  summary: 'Replay past usage by the prices of a draft, before anybody pays them.',
  details:
    'What calls were charged is what the books say. What they would be charged is worked out from their ' +
    'usage; monthly tiers start from nothing at the start of the time that is replayed.',
  arguments: [which],
  options: {
    from: { type: 'string', value: 'TIME', summary: 'Usage from then on; 30 days before.' },
    to: { type: 'string', value: 'TIME', summary: 'Usage until then; now.' },
    by: {
      type: 'string',
      summary: 'One line for each.',
      choices: ['tenant', 'model', 'both'],
      default: 'both',
    },
  },
  examples: ['flywheel price simulate pdr_01… --from 2030-05-01 --to 2030-06-01 --by tenant'],
  run: async ({ arguments: { draft: id }, options }, context) => {
    const client = await context.connect();
    const range = { from: readTime(options.from), to: readTime(options.to) };
    const found = await client.priceDrafts.simulate(id, range);
    if (context.isJson) return printJson(context, found);
    const { out, notes } = context.terminal;
    const { total, currency, approximated } = found;
    out.line(out.style('dim', `Usage from ${found.from} to ${found.to}, in ${currency}`));
    const empty = 'Nobody called these models in this time.';
    printList(context, linesOf(found, options.by), COLUMNS, empty);
    if (total.calls === 0) return;
    for (const model of approximated) {
      notes.line(
        notes.style('dim', `${model} has tiers by the size of a call; its mean was taken.`),
      );
    }
  },
});

type Line = Omit<PriceSimulation['total'], never> & Readonly<{ tenant: string; model: string }>;

const COLUMNS = [
  { title: 'TENANT', value: ({ tenant }: Line) => tenant },
  { title: 'MODEL', value: ({ model }: Line) => model },
  { title: 'CALLS', align: 'right', value: ({ calls }: Line) => formatCount(calls) },
  { title: 'NOW', align: 'right', value: ({ nowAmount }: Line) => formatAmount(nowAmount) },
  { title: 'THEN', align: 'right', value: ({ thenAmount }: Line) => formatAmount(thenAmount) },
  {
    title: 'DIFFERENCE',
    align: 'right',
    value: ({ difference }: Line) =>
      difference.startsWith('-') || difference === '0'
        ? formatAmount(difference)
        : `+${formatAmount(difference)}`,
  },
] as const;

function linesOf(found: PriceSimulation, by: 'tenant' | 'model' | 'both'): readonly Line[] {
  const { rows, tenants, models, total } = found;
  const lines = {
    both: rows.map((row) => ({ ...row, tenant: row.tenantName })),
    tenant: tenants.map((row) => ({ ...row, tenant: row.tenantName, model: '' })),
    model: models.map((row) => ({ ...row, tenant: '' })),
  }[by];
  if (lines.length === 0) return [];
  return [...lines, { ...total, tenant: 'all', model: '' }];
}

const revision = {
  type: 'number',
  value: 'N',
  summary: 'Only if it still is this revision; the one it is at.',
} as const;

const approve = defineCommand({
  words: ['price', 'approve'],
  summary: 'Approve a draft that others wrote.',
  details: 'Nobody who wrote some of it may, and an edit takes the approval away.',
  arguments: [which],
  options: { revision },
  run: async ({ arguments: { draft: id }, options }, context) => {
    const client = await context.connect();
    const wanted = options.revision ?? (await client.priceDrafts.get(id)).revision;
    const found = await client.priceDrafts.approve(id, wanted);
    printDone(context, `${found.title} is approved at revision ${found.revision}.`, found);
  },
});

const publish = defineCommand({
  words: ['price', 'publish'],
  summary: 'Publish all prices of a draft at once.',
  arguments: [which],
  options: { revision },
  run: async ({ arguments: { draft: id }, options }, context) => {
    const client = await context.connect();
    const wanted = options.revision ?? (await client.priceDrafts.get(id)).revision;
    const found = await client.priceDrafts.publish(id, wanted);
    const count = found.items.length;
    const prices = count === 1 ? 'one price' : `${formatCount(count)} prices`;
    printDone(context, `${found.title} is published: ${prices}.`, found);
  },
});

const discard = defineCommand({
  words: ['price', 'discard'],
  summary: 'Discard a draft; it stays to be read.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { draft: id } }, context) => {
    const client = await context.connect();
    await client.priceDrafts.discard(id);
    printDone(context, `${id} is discarded.`, { id });
  },
});

export const priceDraftCommands = [draft, diff, simulate, approve, publish, discard];
