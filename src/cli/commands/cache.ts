/** `cache show|set|empty`: a project's cache of answers. */
import type { Client } from '#client/client.ts';
import type { ProjectCache } from '#requests/api.ts';
import { type Context, defineCommand } from '../command.ts';
import { formatBytes, formatCount } from '../format.ts';
import { printDone, printThing } from '../result.ts';
import { UsageError } from '../usage-error.ts';

const project = {
  type: 'string',
  value: 'ID',
  summary: 'A project other than the first.',
} as const;

const show = defineCommand({
  words: ['cache', 'show'],
  summary: "Show how a project's cache of answers is set.",
  arguments: [],
  options: { project },
  run: async ({ options }, context) => {
    const client = await context.connect();
    printCache(context, await client.cache.get(await projectOf(client, options.project)));
  },
});

const set = defineCommand({
  words: ['cache', 'set'],
  summary: "Turn a project's cache of answers on or off, and bound it.",
  details:
    'Equal requests then get the answer of the first, for free: with temperature 0, a seed, or embeddings. ' +
    'A request says otherwise with the header cache-control: no-store, no-cache or max-age.',
  arguments: [],
  options: {
    project,
    enable: { type: 'boolean', summary: 'Turn it on.' },
    disable: { type: 'boolean', summary: 'Turn it off; every answer is forgotten.' },
    ttl: { type: 'number', value: 'SECONDS', summary: 'How long an answer is one.' },
    'entry-bytes': { type: 'number', value: 'N', summary: 'A longer answer is not kept.' },
    bytes: { type: 'number', value: 'N', summary: 'Of all answers, per gateway.' },
    entries: { type: 'number', value: 'N', summary: 'Answers, per gateway.' },
    sampled: { type: 'boolean', summary: 'Also answers that are drawn by lot.' },
    'not-sampled': { type: 'boolean', summary: 'Only answers that are the same each time.' },
  },
  examples: ['flywheel cache set --enable --ttl 3600'],
  run: async ({ options }, context) => {
    if (options.enable && options.disable) throw new UsageError('--enable or --disable, not both.');
    const client = await context.connect();
    const changed = await client.cache.update(await projectOf(client, options.project), {
      ...(options.enable || options.disable ? { isEnabled: options.enable } : {}),
      ...(options.sampled || options['not-sampled'] ? { cachesSampled: options.sampled } : {}),
      ...given('ttlSeconds', options.ttl),
      ...given('entryBytesMax', options['entry-bytes']),
      ...given('bytesMax', options.bytes),
      ...given('entriesMax', options.entries),
    });
    printCache(context, changed);
  },
});

const empty = defineCommand({
  words: ['cache', 'empty'],
  summary: "Forget every answer of a project's cache.",
  arguments: [],
  options: { project },
  run: async ({ options }, context) => {
    const client = await context.connect();
    const projectId = await projectOf(client, options.project);
    await client.cache.empty(projectId);
    printDone(context, `The cache of ${projectId} is empty.`, { projectId });
  },
});

function printCache(context: Context, cache: ProjectCache): void {
  printThing(context, cache, [
    ['project', cache.projectId],
    ['cache', cache.isEnabled ? 'on' : 'off'],
    ['an answer holds', `${cache.ttlSeconds} s`],
    ['answer at most', formatBytes(cache.entryBytesMax)],
    ['all at most', `${formatBytes(cache.bytesMax)}, ${formatCount(cache.entriesMax)} answers`],
    ['drawn by lot', cache.cachesSampled ? 'kept too' : 'not kept'],
  ]);
}

function given<Name extends string>(
  name: Name,
  value: number | undefined,
): { [Key in Name]?: number } {
  const fields: { [Key in Name]?: number } = {};
  if (value !== undefined) Reflect.set(fields, name, value);
  return fields;
}

async function projectOf(client: Client, wanted: string | undefined): Promise<string> {
  if (wanted !== undefined) return wanted;
  const [first] = (await client.me.get()).projects;
  if (first === undefined) throw new UsageError('There is no project; name one with --project.');
  return first.id;
}

export const cacheCommands = [show, set, empty];
