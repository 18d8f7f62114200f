/** `price import|export|history|approval`. */
import { readFile, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { BookFormat } from '#pricing/api.ts';
import { codeOf } from '#platform/error.ts';
import { defineCommand } from '../command.ts';
import { formatAgo, formatCount } from '../format.ts';
import { printDone, printList, printThing, readAll } from '../result.ts';
import { UsageError } from '../usage-error.ts';

const importFile = defineCommand({
  words: ['price', 'import'],
  summary: 'Make a draft of what a price file says anew.',
  details:
    'The file is what `price export` writes: JSON, or CSV with one line for each tier. Nothing of it is taken ' +
    'where one line is wrong, and every wrong line is named. Leave effective_from empty for a price that ' +
    'begins when the draft is published.',
  arguments: [{ name: 'file', kind: 'required', summary: 'A .json or .csv file.' }],
  options: {
    title: { type: 'string', value: 'TITLE', summary: 'Of the draft; the name of the file.' },
  },
  examples: ['flywheel price import prices.csv --title "June"'],
  run: async ({ arguments: { file: path }, options }, context) => {
    const client = await context.connect();
    const format = formatOf(path);
    const text = await readFile(resolve(path), 'utf8').catch((error: unknown) => {
      throw new UsageError(`${path} cannot be read (${codeOf(error) ?? 'it is no file'}).`);
    });
    const title = options.title ?? basename(path);
    const draft = await client.priceBook.import({ title, format, text });
    const count = draft.items.length;
    const prices = count === 1 ? 'one price' : `${formatCount(count)} prices`;
    printDone(context, `The draft ${draft.id} holds ${prices}. See it with price diff.`, draft);
  },
});

function formatOf(path: string): BookFormat {
  const found = /\.(json|csv)$/i.exec(path)?.[1]?.toLowerCase();
  if (found === 'json' || found === 'csv') return found;
  throw new UsageError(`"${path}" ends neither in .json nor in .csv.`);
}

const exportFile = defineCommand({
  words: ['price', 'export'],
  summary: 'Write prices in force and coming to standard output, or to a file.',
  arguments: [],
  options: {
    format: { type: 'string', summary: 'Of the file.', choices: ['csv', 'json'], default: 'csv' },
    draft: { type: 'string', value: 'ID', summary: 'A draft instead of what is published.' },
    output: { type: 'string', short: 'o', value: 'FILE', summary: 'Where to write it.' },
  },
  examples: ['flywheel price export -o prices.csv'],
  run: async ({ options }, context) => {
    const client = await context.connect();
    const { format, draft: draftId, output } = options;
    const text = await client.priceBook.export({ format, draftId });
    if (output === undefined) return context.terminal.out.line(text.trimEnd());
    await writeFile(resolve(output), text);
    printDone(context, `${output} is written.`, { file: output, format });
  },
});

const history = defineCommand({
  words: ['price', 'history'],
  summary: 'List who did what to prices.',
  arguments: [{ name: 'draft', kind: 'optional', summary: 'Only to this draft.' }],
  options: {},
  run: async ({ arguments: { draft: draftId } }, context) => {
    const client = await context.connect();
    const events = await readAll((page) => client.priceBook.events({ ...page, draftId }));
    const nowMs = Date.now();
    printList(
      context,
      events,
      [
        { title: 'WHEN', value: ({ at }) => formatAgo(at, nowMs) },
        { title: 'WHO', value: ({ actor }) => actor?.name ?? 'the cloud itself' },
        { title: 'WHAT', value: ({ action }) => action },
        { title: 'DRAFT', value: (event) => event.draftId ?? '' },
        {
          title: '',
          value: ({ detail }) =>
            Object.entries(detail)
              .map(([name, value]) => `${name} ${value}`)
              .join(', '),
        },
      ],
      'Nobody has changed a price yet.',
    );
  },
});

const approval = defineCommand({
  words: ['price', 'approval'],
  summary: 'Show whether a second member approves prices, or turn it on or off.',
  details:
    'Only an owner turns it. While it is on, prices are published from approved drafts only.',
  arguments: [{ name: 'state', kind: 'optional', summary: 'on or off.' }],
  options: {},
  run: async ({ arguments: { state } }, context) => {
    const client = await context.connect();
    if (state === undefined) {
      const settings = await client.priceBook.settings();
      const text = settings.requiresApproval ? 'on' : 'off';
      return printThing(context, settings, [['a second member approves', text]]);
    }
    if (state !== 'on' && state !== 'off') throw new UsageError(`"${state}" is not on or off.`);
    const settings = await client.priceBook.setSettings({ requiresApproval: state === 'on' });
    const text = settings.requiresApproval
      ? 'A second member approves prices from now on.'
      : 'Prices are published without a second member from now on.';
    printDone(context, text, settings);
  },
});

export const priceBookCommands = [importFile, exportFile, history, approval];
