/** `invoices list|preview|show|requests|download|close|credit-note|write-off|receivables`; terms are in invoice-terms.ts. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { Invoice } from '#invoices/api.ts';
import { defineCommand } from '../command.ts';
import { formatAmount } from '../format.ts';
import { printDone, printJson, printList, printThing, readAll } from '../result.ts';
import { printLines, printNotes, printSums } from './invoice-paper.ts';
import { terms } from './invoice-terms.ts';

const STATES = ['open', 'paid', 'uncollectible', 'void'] as const;
const FORMATS = ['pdf', 'csv', 'focus', 'json'] as const;
const SOURCES = ['free_quota', 'plan', 'savings_plan', 'grant', 'cash'] as const;

const which = { name: 'invoice', kind: 'required', summary: 'Its number or id.' } as const;
const tenant = {
  type: 'string',
  value: 'ID',
  summary: 'Of another tenant; for the operator.',
} as const;

const list = defineCommand({
  words: ['invoices', 'list'],
  summary: 'List invoices, newest first.',
  arguments: [],
  options: {
    tenant: { ...tenant, summary: 'Of another tenant, or all; for the operator.' },
    state: { type: 'string', value: 'STATE', choices: STATES, summary: 'Only of this state.' },
    overdue: { type: 'boolean', summary: 'Only those that should have been paid by now.' },
  },
  run: async ({ options: { tenant: tenantId, state, overdue } }, context) => {
    const client = await context.connect();
    const query = { tenantId, state, ...(overdue ? { overdue } : {}) };
    const invoices = await readAll((page) => client.invoices.list({ ...page, ...query }));
    printList(
      context,
      invoices,
      [
        { title: 'NUMBER', value: ({ number }) => number },
        { title: 'TENANT', value: ({ tenantName }) => tenantName },
        { title: 'PERIOD', value: ({ period }) => period },
        { title: 'TOTAL', align: 'right', value: ({ total }) => total },
        { title: 'OWED', align: 'right', value: ({ outstanding }) => outstanding },
        { title: 'DUE', value: ({ dueOn }) => dueOn },
        { title: 'STATE', value: stateOf },
      ],
      'There are no invoices yet. `flywheel invoices preview` shows the month so far.',
    );
  },
});

function stateOf({ state, isOverdue }: Invoice): string {
  return isOverdue ? 'overdue' : state;
}

const preview = defineCommand({
  words: ['invoices', 'preview'],
  summary: 'Show what the open month comes to so far.',
  arguments: [],
  options: { tenant },
  run: async ({ options: { tenant: tenantId } }, context) => {
    const client = await context.connect();
    const found = await client.invoices.preview({ tenantId });
    const { statement } = found;
    printThing(context, found, [
      ['period', `${statement.period.firstDate} to ${statement.period.lastDate}`],
      ['time zone', statement.period.timeZone],
      ['mode', statement.mode],
      ['closes', found.closesAt],
    ]);
    if (context.isJson) return;
    printLines(context, statement);
    printSums(context, statement);
  },
});

const show = defineCommand({
  words: ['invoices', 'show'],
  summary: 'Show one invoice: its lines, who paid them, and what is owed.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { invoice: id } }, context) => {
    const client = await context.connect();
    const invoice = await client.invoices.get(id);
    printThing(context, invoice, [
      ['invoice', invoice.number],
      ['tenant', `${invoice.tenantName} (${invoice.tenantId})`],
      ['period', invoice.period],
      ['state', stateOf(invoice)],
      ['credited', invoice.credited],
      ['owed', `${invoice.outstanding} ${invoice.currency}`],
      ['due', invoice.dueOn],
      ['dunning', invoice.dunning ?? 'none'],
    ]);
    if (context.isJson) return;
    printLines(context, invoice.document);
    printSums(context, invoice.document);
    printNotes(context, invoice);
  },
});

const requests = defineCommand({
  words: ['invoices', 'requests'],
  summary: 'List the very requests behind a line of an invoice, or behind what one source paid.',
  arguments: [{ ...which, summary: 'Its number or id, or preview for the open month.' }],
  options: {
    line: { type: 'string', value: 'LINE', summary: 'As `invoices show` names it.' },
    source: { type: 'string', value: 'SOURCE', choices: SOURCES, summary: 'Who paid.' },
    'source-id': { type: 'string', value: 'ID', summary: 'The grant, plan or quota.' },
    tenant,
  },
  examples: ['flywheel invoices requests INV-2026-000001 --source grant'],
  run: async ({ arguments: { invoice: id }, options }, context) => {
    const { line, source, tenant: tenantId, 'source-id': sourceId } = options;
    const client = await context.connect();
    const query = { line, source, sourceId, tenantId };
    const found = await readAll((page) => client.invoices.requests(id, { ...page, ...query }));
    printList(
      context,
      found,
      [
        { title: 'REQUEST', value: ({ requestId }) => requestId },
        { title: 'SETTLED', value: ({ settledAt }) => settledAt },
        { title: 'MODEL', value: ({ modelName }) => modelName },
        { title: 'KEY', value: ({ keyId }) => keyId },
        {
          title: 'UNITS',
          align: 'right',
          value: ({ units }) => (units === null ? '' : `${units}`),
        },
        { title: 'PART', align: 'right', value: ({ part }) => formatAmount(part) },
        { title: 'WHOLE', align: 'right', value: ({ amount }) => formatAmount(amount) },
      ],
      'No requests are behind it: a purchase has none.',
    );
  },
});

const download = defineCommand({
  words: ['invoices', 'download'],
  summary: 'Write an invoice to a file: PDF, CSV, FOCUS or JSON.',
  arguments: [which],
  options: {
    format: {
      type: 'string',
      value: 'FORMAT',
      choices: FORMATS,
      default: 'pdf',
      summary: 'One of pdf, csv, focus, json.',
    },
    output: { type: 'string', short: 'o', value: 'FILE', summary: 'Where; its number by default.' },
    tenant: { ...tenant, summary: 'Whose preview; for the operator.' },
  },
  examples: [
    'flywheel invoices download INV-2026-000001 --format focus',
    'flywheel invoices download preview --format csv',
  ],
  run: async ({ arguments: { invoice: id }, options }, context) => {
    const { format, output, tenant: tenantId } = options;
    const client = await context.connect();
    const blob = await client.invoices.download(id, format, { tenantId });
    const path = output ?? `${id}.${format === 'focus' ? 'focus.csv' : format}`;
    await writeFile(path, Buffer.from(await blob.arrayBuffer()));
    printDone(context, `${path} is written.`, { path, bytes: blob.size });
  },
});

const close = defineCommand({
  words: ['invoices', 'close'],
  summary: "Close a tenant's next month; it happens by itself after the grace.",
  arguments: [{ name: 'tenant', kind: 'required', summary: 'Its id.' }],
  options: {
    period: { type: 'string', value: 'MONTH', summary: 'Such as 2026-11; the next one.' },
  },
  run: async ({ arguments: { tenant: tenantId }, options: { period } }, context) => {
    const client = await context.connect();
    const wish = period === undefined ? { tenantId } : { tenantId, period };
    const closed = await client.invoices.close(wish);
    const what = closed.invoice === null ? 'nothing to bill' : closed.invoice.number;
    printDone(context, `${closed.period} is closed: ${what}.`, closed);
  },
});

const creditNote = defineCommand({
  words: ['invoices', 'credit-note'],
  summary: 'Credit an invoice in part, or all of it.',
  arguments: [which],
  options: {
    amount: { type: 'string', value: 'AMOUNT', summary: 'All that is left by default.' },
    reason: { type: 'string', value: 'TEXT', required: true, summary: 'Stands on the note.' },
    'idempotency-key': { type: 'string', value: 'KEY', summary: 'The same key makes one note.' },
  },
  run: async ({ arguments: { invoice: id }, options }, context) => {
    const { amount, reason } = options;
    const client = await context.connect();
    const note = await client.invoices.credit(id, {
      ...(amount === undefined ? {} : { amount }),
      reason,
      idempotencyKey: options['idempotency-key'] ?? randomUUID(),
    });
    printDone(context, `${note.number} credits ${note.total} ${note.currency}.`, note);
  },
});

const writeOff = defineCommand({
  words: ['invoices', 'write-off'],
  summary: 'Give an open invoice up: what is owed on it becomes a bad debt; for the operator.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { invoice: id } }, context) => {
    const client = await context.connect();
    const invoice = await client.invoices.markUncollectible(id);
    printDone(
      context,
      `${invoice.number} is ${invoice.state}: nothing is asked for it any more.`,
      invoice,
    );
  },
});

const receivables = defineCommand({
  words: ['invoices', 'receivables'],
  summary: 'Show what tenants owe, by how long it is overdue.',
  arguments: [],
  options: {},
  run: async (_input, context) => {
    const client = await context.connect();
    const owed = await client.invoices.receivables();
    if (context.isJson) return printJson(context, owed);
    return printList(
      context,
      owed.tenants,
      [
        { title: 'TENANT', value: ({ tenantName }) => tenantName },
        { title: 'ID', value: ({ tenantId }) => tenantId },
        { title: 'CURRENCY', value: ({ currency }) => currency },
        { title: 'OWED', align: 'right', value: ({ outstanding }) => outstanding },
        { title: 'OVERDUE', align: 'right', value: ({ overdue }) => overdue },
        { title: 'OLDEST', value: ({ oldestDueOn }) => oldestDueOn ?? '' },
        { title: 'STEP', value: ({ restriction }) => restriction ?? '' },
      ],
      'Nobody owes anything.',
    );
  },
});

export const invoiceCommands = [
  list,
  preview,
  show,
  requests,
  download,
  close,
  creditNote,
  writeOff,
  terms,
  receivables,
];
