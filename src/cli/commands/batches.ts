/** `batches create|list|show|cancel|results`. */
import { open } from 'node:fs/promises';
import { ApiError } from '#client/api-error.ts';
import type { Client } from '#client/client.ts';
import type { Batch, BatchEndpoint } from '#batches/api.ts';
import { type Context, defineCommand } from '../command.ts';
import { formatAgo, formatAmount, formatCount } from '../format.ts';
import { pause } from '#client/pause.ts';
import { createProgressLine } from '../progress.ts';
import { printDone, printJson, printList, printThing, readAll } from '../result.ts';
import { UsageError } from '../usage-error.ts';
import { downloadFile, timeOf, uploadFile } from './files.ts';

const POLL_MS = 500;
/** Control may restart while a batch runs; the batch goes on, so the watching does too. */
const MISSED_POLLS_MAX = 40;
/** Enough for the head of any line that names its url. */
const FIRST_LINE_BYTES = 64 * 1024;

const ENDPOINTS = [
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/embeddings',
  '/v1/responses',
] as const satisfies readonly BatchEndpoint[];

const create = defineCommand({
  words: ['batches', 'create'],
  summary: 'Run a file of calls for half the price, within a day.',
  details:
    'FILE is JSONL: a custom_id, the method POST, a url and the body of one call per line. Shows the ' +
    'progress until the batch ends; Ctrl-C stops the watching, not the batch.',
  arguments: [{ name: 'file', kind: 'required', summary: 'A JSONL file on this machine.' }],
  options: {
    endpoint: {
      type: 'string',
      value: 'PATH',
      summary: 'What its lines call; without it, what the first one says.',
      choices: ENDPOINTS,
    },
    detach: { type: 'boolean', summary: 'Start it and come back at once.' },
  },
  examples: ['flywheel batches create night.jsonl', 'flywheel batches results batch_…'],
  run: async ({ arguments: { file: path }, options }, context) => {
    const endpoint = options.endpoint ?? (await firstUrl(path));
    const client = await context.connect();
    const file = await uploadFile(client, path, { purpose: 'batch' });
    const started = await client.batches.create({
      input_file_id: file.id,
      endpoint,
      completion_window: '24h',
    });
    if (options.detach) return printDone(context, `${started.id} is running.`, started);
    return report(context, await watch(client, started, context));
  },
});

/** Raises a usage error where the file says nothing of it. */
async function firstUrl(path: string): Promise<BatchEndpoint> {
  const head = await readHead(path);
  const found = ENDPOINTS.find((endpoint) =>
    new RegExp(`"url"\\s*:\\s*"${endpoint}"`).test(head.split('\n')[0] ?? ''),
  );
  if (found !== undefined) return found;
  throw new UsageError(
    `The first line of ${path} names no url that a batch may call.`,
    `Each line is {"custom_id": …, "method": "POST", "url": "${ENDPOINTS[0]}", "body": {…}}.`,
  );
}

async function readHead(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const buffer = Buffer.alloc(FIRST_LINE_BYTES);
    const { bytesRead } = await file.read(buffer);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    throw new UsageError(`${path} cannot be read.`, String(error));
  }
}

/** Draws the bar until the batch ends; an interrupt leaves it running and raises. */
async function watch(client: Client, started: Batch, context: Context): Promise<Batch> {
  const signal = context.interrupted();
  const { notes } = context.terminal;
  const line = createProgressLine(notes, () => performance.now(), formatCount);
  let latest = started;
  let missed = 0;
  try {
    while (isRunning(latest)) {
      const { total, completed, failed } = latest.request_counts;
      line.update(latest.status, completed + failed, total === 0 ? null : total);
      await pause(POLL_MS, signal);
      try {
        latest = await client.batches.get(started.id, { signal });
        missed = 0;
      } catch (error) {
        missed += 1;
        const isAway = error instanceof ApiError && (error.status === 0 || error.status >= 500);
        if (!isAway || missed > MISSED_POLLS_MAX) throw error;
      }
    }
    return latest;
  } catch (error) {
    if (signal.aborted) {
      notes.line(`${started.id} goes on. \`flywheel batches cancel ${started.id}\` ends it.`);
    }
    throw error;
  } finally {
    line.end();
  }
}

function isRunning({ status }: Batch): boolean {
  return !['failed', 'completed', 'expired', 'cancelled'].includes(status);
}

function report(context: Context, batch: Batch): void {
  const [wrong] = batch.errors?.data ?? [];
  if (batch.status === 'failed') {
    const where = wrong?.line === null || wrong === undefined ? '' : `Line ${wrong.line}: `;
    const message = `${where}${wrong?.message ?? 'The input cannot be read.'}`;
    throw new ApiError({ status: 422, code: wrong?.code ?? 'batch_failed', message });
  }
  const { completed, failed } = batch.request_counts;
  const text = `${batch.id} is ${batch.status}: ${formatCount(completed)} answered, ${formatCount(failed)} failed.`;
  printDone(context, text, batch);
}

const list = defineCommand({
  words: ['batches', 'list'],
  summary: 'List the batches of the project.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const client = await context.connect();
    const batches = await readAll(client.batches.list);
    const nowMs = Date.now();
    printList(
      context,
      batches,
      [
        { title: 'BATCH', value: ({ id }) => id },
        { title: 'STATUS', value: ({ status }) => status },
        { title: 'MODEL', value: ({ model }) => model ?? '-' },
        { title: 'DONE', align: 'right', value: doneOf },
        {
          title: 'FAILED',
          align: 'right',
          value: (each) => formatCount(each.request_counts.failed),
        },
        { title: 'COST', align: 'right', value: costOf },
        { title: 'CREATED', value: ({ created_at: at }) => formatAgo(timeOf(at), nowMs) },
      ],
      'There are no batches. `flywheel batches create FILE` starts one.',
    );
  },
});

function doneOf({ request_counts: { total, completed, failed } }: Batch): string {
  return `${formatCount(completed + failed)}/${formatCount(total)}`;
}

function costOf({ cost }: Batch): string {
  return `${formatAmount(cost.amount)} ${cost.currency}`;
}

const which = { name: 'batch', kind: 'required', summary: 'Its id.' } as const;

const show = defineCommand({
  words: ['batches', 'show'],
  summary: 'Show one batch: how far it is and what it cost.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { batch: id } }, context) => {
    const client = await context.connect();
    const batch = await client.batches.get(id);
    if (context.isJson) return printJson(context, batch);
    const errors = (batch.errors?.data ?? []).map(({ line, message }): [string, string] => [
      line === null ? 'error' : `line ${line}`,
      message,
    ]);
    return printThing(context, batch, [
      ['batch', batch.id],
      ['status', batch.status],
      ['endpoint', batch.endpoint],
      ['model', batch.model ?? '-'],
      ['done', doneOf(batch)],
      ['failed', formatCount(batch.request_counts.failed)],
      ['tokens', formatCount(batch.usage.total_tokens)],
      ['cost', `${costOf(batch)}${batch.cost.is_final ? '' : ' so far'}`],
      ['expires', timeOf(batch.expires_at)],
      ['output', batch.output_file_id ?? '-'],
      ['errors', batch.error_file_id ?? '-'],
      ...errors,
    ]);
  },
});

const cancel = defineCommand({
  words: ['batches', 'cancel'],
  summary: 'Cancel a batch; what was answered is kept.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { batch: id } }, context) => {
    const client = await context.connect();
    const batch = await client.batches.cancel(id);
    printDone(context, `${id} is ${batch.status}.`, batch);
  },
});

const results = defineCommand({
  words: ['batches', 'results'],
  summary: 'Write the answers of a batch as JSONL to standard output, or to a file here.',
  arguments: [which],
  options: {
    errors: { type: 'boolean', summary: 'The lines that failed, instead of those answered.' },
    output: { type: 'string', short: 'o', value: 'FILE', summary: 'Where to write them.' },
  },
  run: async ({ arguments: { batch: id }, options }, context) => {
    const client = await context.connect();
    const batch = await client.batches.get(id);
    const fileId = options.errors ? batch.error_file_id : batch.output_file_id;
    if (fileId === null) {
      const what = options.errors ? 'failed' : 'answered';
      const message = isRunning(batch)
        ? `${id} is ${batch.status}; its results come when it ends.`
        : `No line of ${id} ${what}.`;
      throw new ApiError({ status: 404, code: 'batch_results_missing', message });
    }
    await downloadFile(context, client, { id: fileId, path: options.output });
  },
});

export const batchCommands = [create, list, show, cancel, results];
