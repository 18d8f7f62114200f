/** `hub discussions list|show|open|comment|close|merge`: what is talked about at a repository, and its pull requests. */
import type { RepositoryAddress } from '#client/hub-community.ts';
import type { DiscussionDetail, DiscussionEvent } from '#hub/api.ts';
import { type Context, defineCommand } from '../command.ts';
import { formatAgo, formatBytes } from '../format.ts';
import { printDone, printJson, printList } from '../result.ts';
import { oneLine, printable } from '../text.ts';
import { UsageError } from '../usage-error.ts';

const name = { name: 'name', kind: 'required', summary: 'owner/name of the repository.' } as const;
const num = { name: 'number', kind: 'required', summary: 'Its number.' } as const;
const type = {
  type: 'string',
  summary: 'What the repository holds.',
  choices: ['model', 'dataset', 'space'],
  default: 'model',
} as const;
const text = { type: 'string', value: 'TEXT', summary: 'What to say, in Markdown.' } as const;

const list = defineCommand({
  words: ['hub', 'discussions', 'list'],
  summary: 'List discussions and pull requests of a repository, the newest first.',
  arguments: [name],
  options: {
    type,
    pulls: { type: 'boolean', summary: 'Pull requests only.' },
    closed: { type: 'boolean', summary: 'Those that are closed or merged.' },
  },
  examples: ['flywheel hub discussions list me/qwen3-4b --pulls'],
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    const at = { kind: options.type, name: asked.name };
    const { data } = await client.discussions.list(at, {
      ...(options.pulls && { type: 'pull' }),
      state: options.closed ? 'closed' : 'open',
    });
    printList(
      context,
      data,
      [
        { title: '#', align: 'right', value: (row) => String(row.num) },
        { title: 'TITLE', value: ({ title }) => title },
        { title: 'KIND', value: (row) => (row.isPullRequest ? 'pull request' : 'discussion') },
        { title: 'STATUS', value: ({ status }) => status },
        { title: 'AUTHOR', value: ({ author }) => author },
        { title: 'COMMENTS', align: 'right', value: ({ comments }) => String(comments) },
        { title: 'CHANGED', value: ({ updatedAt }) => formatAgo(updatedAt, Date.now()) },
      ],
      'There are none. `flywheel hub discussions open` begins one.',
    );
  },
});

const show = defineCommand({
  words: ['hub', 'discussions', 'show'],
  summary: 'Print a discussion, and of a pull request what it changes.',
  arguments: [name, num],
  options: { type, diff: { type: 'boolean', summary: 'With the lines that change.' } },
  examples: ['flywheel hub discussions show me/qwen3-4b 2 --diff'],
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    const at = { kind: options.type, name: asked.name };
    const detail = await client.discussions.get(at, numberOf(asked.number));
    const changes = detail.isPullRequest
      ? await client.discussions.changes(at, detail.num)
      : undefined;
    if (context.isJson) return printJson(context, { ...detail, changes });
    const { out } = context.terminal;
    out.line(out.style('bold', oneLine(`#${detail.num} ${detail.title}`)));
    const kind = detail.isPullRequest ? 'pull request' : 'discussion';
    out.line(`${kind}, ${detail.status}, by ${oneLine(detail.author)}`);
    for (const event of detail.events) printEvent(context, event);
    for (const path of detail.pull?.conflicts ?? []) out.line(`conflict  ${oneLine(path)}`);
    for (const file of changes?.files ?? []) {
      const size = file.after === null ? '' : `  ${formatBytes(file.after.sizeBytes)}`;
      out.line(`${file.status.padEnd(8)}  ${oneLine(file.path)}${size}`);
      if (!options.diff) continue;
      for (const { kind: side, text: line } of file.hunks?.flatMap(({ lines }) => lines) ?? []) {
        out.line(`  ${{ same: ' ', added: '+', removed: '-' }[side]}${printable(line).trimEnd()}`);
      }
    }
    return undefined;
  },
});

const open = defineCommand({
  words: ['hub', 'discussions', 'open'],
  summary: 'Open a discussion.',
  details: 'Pull requests are opened by a commit: `hf upload … --create-pr`.',
  arguments: [name, { name: 'title', kind: 'required', summary: 'What it is about.' }],
  options: { type, text },
  examples: ['flywheel hub discussions open me/qwen3-4b "Which data?" --text "I wonder."'],
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    const at = { kind: options.type, name: asked.name };
    const body = { title: asked.title, text: options.text ?? '' };
    const made = await client.discussions.open(at, body);
    printDone(context, `Discussion ${made.num} of ${asked.name} is open.`, made);
  },
});

const comment = defineCommand({
  words: ['hub', 'discussions', 'comment'],
  summary: 'Say something in a discussion.',
  arguments: [name, num, { name: 'text', kind: 'required', summary: 'What, in Markdown.' }],
  options: { type },
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    const at = { kind: options.type, name: asked.name };
    const detail = await client.discussions.comment(at, numberOf(asked.number), asked.text);
    printDone(context, `You said so in ${detail.num} of ${asked.name}.`, detail);
  },
});

const close = defineCommand({
  words: ['hub', 'discussions', 'close'],
  summary: 'Close a discussion or a pull request.',
  arguments: [name, num],
  options: { type, text },
  run: async ({ arguments: asked, options }, context) => {
    const at = { kind: options.type, name: asked.name };
    const detail = await closeOne(context, at, numberOf(asked.number), options.text);
    printDone(context, `${detail.num} of ${asked.name} is closed.`, detail);
  },
});

const merge = defineCommand({
  words: ['hub', 'discussions', 'merge'],
  summary: 'Merge a pull request into main.',
  details: 'Refused where main and it changed a file to different contents; the files are named.',
  arguments: [name, num],
  options: { type },
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    const at = { kind: options.type, name: asked.name };
    const detail = await client.discussions.merge(at, numberOf(asked.number));
    const revision = detail.pull?.mergeRevisionId?.slice(0, 8) ?? '';
    printDone(context, `${detail.num} is merged: main of ${asked.name} is ${revision}.`, detail);
  },
});

async function closeOne(
  context: Context,
  at: RepositoryAddress,
  number: number,
  said: string | undefined,
): Promise<DiscussionDetail> {
  const client = await context.connect();
  const change = { status: 'closed', ...(said !== undefined && { comment: said }) } as const;
  return client.discussions.update(at, number, change);
}

function printEvent({ terminal }: Context, event: DiscussionEvent): void {
  const { out } = terminal;
  const when = formatAgo(event.createdAt, Date.now());
  const head = (what: string): void =>
    out.line(
      `${out.style('dim', `${when}  ${oneLine(event.author)}`)}  ${oneLine(what)}`.trimEnd(),
    );
  if (event.kind === 'status') return head(`→ ${event.status}`);
  if (event.kind === 'title') return head(`→ ${event.to}`);
  if (event.kind === 'commit') return head(`${event.revisionId.slice(0, 8)} ${event.subject}`);
  head(event.isHidden ? 'hidden' : '');
  for (const line of event.text.split('\n')) out.line(`  ${printable(line)}`.trimEnd());
  return undefined;
}

/** Raises `UsageError`. */
function numberOf(given: string): number {
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given);
  throw new UsageError(`${given} is no number of a discussion.`, 'It is a whole number from 1 on.');
}

export const discussionCommands = [list, show, open, comment, close, merge];
