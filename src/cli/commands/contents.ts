/** `contents show|set|clear`, `requests content|forget`: prompts and answers that a project keeps. */
import type { Client } from '#client/client.ts';
import type { ContentPart, ProjectContents } from '#requests/api.ts';
import { type Context, defineCommand } from '../command.ts';
import { formatBytes } from '../format.ts';
import { printDone, printJson, printThing } from '../result.ts';
import { printable } from '../text.ts';
import { UsageError } from '../usage-error.ts';

const project = {
  type: 'string',
  value: 'ID',
  summary: 'A project other than the first.',
} as const;
const request = {
  name: 'request',
  kind: 'required',
  summary: 'Its id: the header x-request-id.',
} as const;

const show = defineCommand({
  words: ['contents', 'show'],
  summary: 'Show whether a project keeps its prompts and answers.',
  arguments: [],
  options: { project },
  run: async ({ options }, context) => {
    const client = await context.connect();
    printSettings(context, await client.contents.get(await projectOf(client, options.project)));
  },
});

const set = defineCommand({
  words: ['contents', 'set'],
  summary: 'Keep the prompts and answers of a project, or stop it.',
  details:
    'Off by default. What is kept is sealed, cut at a size, deleted after some days, and read by owners, ' +
    'admins and developers of the tenant only. Turning it off keeps what there is; see contents clear.',
  arguments: [],
  options: {
    project,
    enable: { type: 'boolean', summary: 'Turn it on.' },
    disable: { type: 'boolean', summary: 'Turn it off.' },
    bytes: { type: 'number', value: 'N', summary: 'Of a prompt, and as many of an answer.' },
    days: { type: 'number', value: 'N', summary: 'After so many it is deleted; 90 at most.' },
  },
  examples: ['flywheel contents set --enable --days 7'],
  run: async ({ options }, context) => {
    if (options.enable && options.disable) throw new UsageError('--enable or --disable, not both.');
    const client = await context.connect();
    const changed = await client.contents.update(await projectOf(client, options.project), {
      ...(options.enable || options.disable ? { isKept: options.enable } : {}),
      ...(options.bytes === undefined ? {} : { bytesMax: options.bytes }),
      ...(options.days === undefined ? {} : { keptDays: options.days }),
    });
    printSettings(context, changed);
  },
});

const clear = defineCommand({
  words: ['contents', 'clear'],
  summary: 'Delete every prompt and answer that a project kept.',
  arguments: [],
  options: { project },
  run: async ({ options }, context) => {
    const client = await context.connect();
    const projectId = await projectOf(client, options.project);
    await client.contents.clear(projectId);
    printDone(context, `Nothing is kept of ${projectId}.`, { projectId });
  },
});

const content = defineCommand({
  words: ['requests', 'content'],
  summary: 'Show the prompt and the answer of a call, where its project keeps them.',
  arguments: [request],
  options: {},
  run: async ({ arguments: { request: id } }, context) => {
    const client = await context.connect();
    const found = await client.requests.content(id);
    if (context.isJson) return printJson(context, found);
    const { out } = context.terminal;
    out.line(titled('prompt', found.request));
    out.line('');
    out.line(titled('answer', found.answer));
  },
});

const forget = defineCommand({
  words: ['requests', 'forget'],
  summary: 'Delete the kept prompt and answer of a call.',
  arguments: [request],
  options: {},
  run: async ({ arguments: { request: id } }, context) => {
    const client = await context.connect();
    await client.requests.forget(id);
    printDone(context, `Nothing is kept of ${id}.`, { requestId: id });
  },
});

function titled(name: string, { text, bytes, isCut, isText }: ContentPart): string {
  if (!isText) return `${name}: ${formatBytes(bytes)} that are no text`;
  const cut = isCut ? `\n[cut here: it was ${formatBytes(bytes)}]` : '';
  return `${name}:\n${printable(text)}${cut}`;
}

function printSettings(context: Context, contents: ProjectContents): void {
  printThing(context, contents, [
    ['project', contents.projectId],
    ['prompts and answers', contents.isKept ? 'kept' : 'not kept'],
    ['each at most', formatBytes(contents.bytesMax)],
    ['for', `${contents.keptDays} days`],
  ]);
}

async function projectOf(client: Client, wanted: string | undefined): Promise<string> {
  if (wanted !== undefined) return wanted;
  const [first] = (await client.me.get()).projects;
  if (first === undefined) throw new UsageError('There is no project; name one with --project.');
  return first.id;
}

export const contentCommands = [show, set, clear, content, forget];
