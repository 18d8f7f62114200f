/** `model import|list|show|remove`. */
import { basename, resolve } from 'node:path';
import { ApiError } from '#client/api-error.ts';
import type { Client } from '#client/client.ts';
import type { Import, Model } from '#hub/api.ts';
import { type Context, defineCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { formatAgo, formatBytes, formatCount, formatParameters } from '../format.ts';
import { pause } from '#client/pause.ts';
import { createProgressLine } from '../progress.ts';
import { printDone, printJson, printList, printThing, readAll } from '../result.ts';

const POLL_MS = 250;
/** Control may restart while an import runs; the import goes on, so the watching does too. */
const MISSED_POLLS_MAX = 40;

const importModel = defineCommand({
  words: ['model', 'import'],
  summary: 'Bring a model into the hub, from a file, a folder or an address.',
  details:
    'SOURCE is a file or folder on the machine of control, the http(s) address of a file, or a ' +
    'repository on Hugging Face or ModelScope, with #FILE for one file of it. A broken download ' +
    'resumes. Ctrl-C cancels the import.',
  arguments: [{ name: 'source', kind: 'required', summary: 'A path or an http(s) address.' }],
  options: {
    name: {
      type: 'string',
      value: 'OWNER/NAME',
      summary: "The model's name here; local/ and the file's name.",
    },
    public: { type: 'boolean', summary: 'Let every tenant see and call it.' },
    license: { type: 'string', value: 'ID', summary: 'Its licence, where the card does not say.' },
    sha256: { type: 'string', value: 'HEX', summary: 'What the file must hash to.' },
    message: { type: 'string', value: 'TEXT', summary: 'What this revision is.', default: '' },
    detach: { type: 'boolean', summary: 'Start it and come back at once.' },
  },
  examples: [
    'flywheel model import ./Qwen3-4B-Q4_K_M.gguf --name me/qwen3-4b',
    'flywheel model import https://huggingface.co/Qwen/Qwen3-4B-GGUF#Qwen3-4B-Q4_K_M.gguf --name qwen/qwen3-4b',
  ],
  run: async ({ arguments: { source }, options }, context) => {
    const client = await context.connect();
    const started = await client.imports.create({
      modelName: options.name ?? nameOf(source),
      source: isAddress(source) ? source : resolve(source),
      visibility: options.public ? 'public' : 'private',
      license: options.license ?? null,
      message: options.message,
      ...(options.sha256 === undefined ? {} : { sha256: options.sha256.toLowerCase() }),
    });
    if (options.detach) return printDone(context, `${started.id} is running.`, started);
    const done = await watchImport(client, started, context);
    if (done.state === 'succeeded') {
      const text = `${done.modelName} is in the hub (${formatBytes(done.receivedBytes)}).`;
      return printDone(context, text, done);
    }
    const { code, message } = done.error ?? { code: `import.${done.state}`, message: done.state };
    throw new ApiError({ status: 422, code, message });
  },
});

/** Draws the bar until the import ends; an interrupt cancels it and raises. */
async function watchImport(client: Client, started: Import, context: Context): Promise<Import> {
  const signal = context.interrupted();
  const line = createProgressLine(context.terminal.notes, () => performance.now());
  let latest = started;
  let missed = 0;
  try {
    while (latest.state === 'running') {
      line.update(latest.stage, latest.receivedBytes, latest.totalBytes);
      await pause(POLL_MS, signal);
      try {
        latest = await client.imports.get(started.id, { signal });
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
      await client.imports.cancel(started.id);
      context.terminal.notes.line('Cancelled; nothing of it is kept in the hub.');
    }
    throw error;
  } finally {
    line.end();
  }
}

function isAddress(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

/** `./My Model-Q4.gguf` becomes `local/My-Model-Q4`. */
function nameOf(source: string): string {
  const last = isAddress(source)
    ? new URL(source).hash.slice(1) || new URL(source).pathname
    : resolve(source);
  const stem = basename(decodeURIComponent(last)).replace(/\.(gguf|safetensors)$/i, '');
  const slug = stem.replaceAll(/[^\w.-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return `local/${slug === '' ? 'model' : slug}`;
}

const list = defineCommand({
  words: ['model', 'list'],
  summary: 'List the models in the hub.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const client = await context.connect();
    const rows = await readAll(client.models.list);
    const nowMs = Date.now();
    printList(
      context,
      rows,
      [
        { title: 'MODEL', value: ({ name }) => name },
        { title: 'WEIGHTS', value: weightsOf },
        {
          title: 'CONTEXT',
          align: 'right',
          value: ({ weights }) => countOf(weights?.contextLength),
        },
        { title: 'SIZE', align: 'right', value: ({ sizeBytes }) => formatBytes(sizeBytes) },
        {
          title: 'SEEN BY',
          value: ({ visibility }) => (visibility === 'public' ? 'everyone' : 'us'),
        },
        { title: 'LICENCE', value: ({ license }) => license ?? '-' },
        { title: 'CHANGED', value: ({ updatedAt }) => formatAgo(updatedAt, nowMs) },
      ],
      'The hub is empty. `flywheel model import` brings a model in.',
    );
  },
});

const which = { name: 'model', kind: 'required', summary: 'Its name: owner/name.' } as const;

const show = defineCommand({
  words: ['model', 'show'],
  summary: 'Show one model, its revisions and files.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { model: name } }, context) => {
    const client = await context.connect();
    const model = await client.models.get(name);
    if (context.isJson) return printJson(context, model);
    const bases = model.bases.map(({ name: base, relation }) => `${base} (${relation})`);
    printThing(context, model, [
      ['model', model.name],
      ['id', model.id],
      ['summary', model.summary || '-'],
      ['weights', weightsOf(model)],
      ['context', countOf(model.weights?.contextLength)],
      ['size', formatBytes(model.sizeBytes)],
      ['licence', model.license ?? '-'],
      ['based on', bases.join(', ') || '-'],
    ]);
    const files = model.revisions.flatMap((revision) =>
      revision.files.map((file) => ({ ...file, revision: revision.id.slice(0, 12) })),
    );
    context.terminal.out.line('');
    return printList(
      context,
      files,
      [
        { title: 'REVISION', value: ({ revision }) => revision },
        { title: 'FILE', value: ({ path }) => path },
        { title: 'SIZE', align: 'right', value: ({ sizeBytes }) => formatBytes(sizeBytes) },
        { title: 'SHA-256', value: ({ sha256 }) => sha256 },
      ],
      'It has no files.',
    );
  },
});

const remove = defineCommand({
  words: ['model', 'remove'],
  summary: 'Take a model out of the hub.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { model: name } }, context) => {
    const client = await context.connect();
    await client.models.remove(name);
    printDone(context, `${name} is removed.`, { name });
    return EXIT.ok;
  },
});

/** `qwen3 0.6B Q8_0` */
function weightsOf({ weights }: Pick<Model, 'weights'>): string {
  if (weights === null) return '-';
  const { architecture, parameters, quantization, format } = weights;
  const size = parameters === null ? null : formatParameters(parameters);
  return [architecture ?? format, size, quantization].filter((part) => part !== null).join(' ');
}

function countOf(count: number | null | undefined): string {
  return count === null || count === undefined ? '-' : formatCount(count);
}

export const modelCommands = [importModel, list, show, remove];
