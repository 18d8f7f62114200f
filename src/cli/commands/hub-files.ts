/** `hub upload|download|files`: what lies in a repository, to it and from it. */
import { join } from 'node:path';
import { type LocalFile, findLocalFiles, isChosen } from '../hub-files/local-files.ts';
import { createUploadMemory } from '../hub-files/upload-memory.ts';
import { downloadAll } from '../hub-files/download.ts';
import { ApiError } from '#client/api-error.ts';
import type { Client } from '#client/client.ts';
import type { RepositoryAddress, TreeEntry } from '#client/hub-repositories.ts';
import { type Sent, type UploadStep, runUpload } from '#client/hub-upload.ts';
import { type Context, defineCommand } from '../command.ts';
import { formatAgo, formatBytes, formatCount } from '../format.ts';
import { createProgressLine } from '../progress.ts';
import { printDone, printList } from '../result.ts';
import { UsageError } from '../usage-error.ts';

const name = { name: 'name', kind: 'required', summary: 'owner/name.' } as const;
const kind = {
  type: 'string',
  summary: 'What it holds.',
  choices: ['model', 'dataset', 'space'],
  default: 'model',
} as const;
const revision = {
  type: 'string',
  value: 'REVISION',
  summary: 'A branch, tag or commit.',
  default: 'main',
} as const;
const include = { type: 'list', value: 'PATTERN', summary: 'Only these, such as *.gguf.' } as const;
const exclude = { type: 'list', value: 'PATTERN', summary: 'Without these.' } as const;

const upload = defineCommand({
  words: ['hub', 'upload'],
  summary: 'Send a file or a folder to a repository, as one commit.',
  details:
    'The repository is made where there is none. What lies there already is not sent; an upload that ' +
    'was stopped goes on where it was, when the same command is run again.',
  arguments: [
    name,
    { name: 'path', kind: 'required', summary: 'A file or folder of this machine.' },
    {
      name: 'into',
      kind: 'optional',
      summary: 'Where it will lie; its root where nothing is said.',
    },
  ],
  options: {
    kind,
    revision: { ...revision, summary: 'The branch.' },
    message: { type: 'string', value: 'TEXT', summary: 'What this commit is.' },
    'create-pr': { type: 'boolean', summary: 'As a pull request, and not on the branch.' },
    visibility: {
      type: 'string',
      summary: 'Who sees it, where it is made.',
      choices: ['public', 'internal', 'private'],
      default: 'private',
    },
    include,
    exclude,
  },
  examples: [
    'flywheel hub upload me/qwen3-legal ./adapter --message "First adapter"',
    'flywheel hub upload me/tickets ./rows.parquet --kind dataset --create-pr',
  ],
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    const at = { kind: options.kind, name: asked.name };
    const files = await findLocalFiles(client.hub, asked.path, {
      into: (asked.into ?? '').replace(/^\.?\/+|\/+$/g, ''),
      include: options.include,
      exclude: options.exclude,
    });
    if (files.length === 0) throw new UsageError(`Nothing to send in ${asked.path}.`);
    await makeWhereMissing(client, at, options.visibility);
    const what = files.length === 1 ? (files[0]?.path ?? '') : countFiles(files.length);
    const made = await send(client, files, context, {
      at,
      revision: options.revision,
      summary: options.message ?? `Upload ${what}`,
      isPull: options['create-pr'],
    });
    if (made === null) return printDone(context, 'It is all there already.', { commit: null });
    const { commitOid, pullRequestUrl } = made;
    const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const text = `${what} (${formatBytes(bytes)}) in ${pullRequestUrl ?? `${asked.name}@${options.revision}`}`;
    return printDone(context, text, { commit: commitOid, pullRequestUrl: pullRequestUrl ?? null });
  },
});

function countFiles(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}

async function makeWhereMissing(
  client: Client,
  at: RepositoryAddress,
  visibility: string,
): Promise<void> {
  try {
    await client.hub.show(at);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    await client.hub.make(at, { visibility });
  }
}

type Commit = Readonly<{
  at: RepositoryAddress;
  revision: string;
  summary: string;
  isPull: boolean;
}>;

async function send(client: Client, files: readonly LocalFile[], context: Context, commit: Commit) {
  const signal = context.interrupted();
  const { kind: of, name: repository } = commit.at;
  const folder = join(context.settings().FLYWHEEL_HOME, 'uploads');
  const memory = createUploadMemory(folder, [of, repository]);
  const bar = createProgressLine(context.terminal.notes, () => performance.now());
  const told = new Map<LocalFile, UploadStep>();
  const hashed = new Map<LocalFile, Sent>();
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const recall = async (file: LocalFile, sha256: string | null): Promise<Sent> => {
    const known = hashed.get(file) ?? { etags: new Map<string, string>(), isSent: false };
    hashed.set(file, known);
    return sha256 === null ? known : memory.recall(sha256);
  };
  try {
    const made = await runUpload<LocalFile>(
      { ...commit, files },
      {
        hub: client.hub,
        recall,
        remember: async (_, sent) => {
          if (sent.sha256 !== undefined) await memory.remember(sent.sha256, sent);
        },
        tell: (file, step) => {
          told.set(file, step);
          const steps = [...told.values()];
          const isHashing = steps.every(({ state }) => state === 'hashing');
          const done = steps.reduce((sum, { state, doneBytes }) => {
            return sum + (state === 'hashing' && !isHashing ? 0 : doneBytes);
          }, 0);
          bar.update(isHashing ? 'reading' : 'sending', done, total);
        },
        signal,
      },
    );
    await memory.forget([...hashed.values()].flatMap(({ sha256 }) => sha256 ?? []));
    return made;
  } finally {
    bar.end();
  }
}

const download = defineCommand({
  words: ['hub', 'download'],
  summary: 'Fetch files of a repository, or all of them.',
  details:
    'All are of one commit and are checked by their hashes. What is here already is kept; what broke off ' +
    'goes on where it was.',
  arguments: [name, { name: 'files', kind: 'rest', summary: 'Files or patterns; all of it else.' }],
  options: {
    kind,
    revision,
    to: { type: 'string', value: 'FOLDER', summary: 'Where to; a folder of its name else.' },
    include,
    exclude,
  },
  examples: [
    'flywheel hub download flywheel/tiny tiny-f16.gguf --to .',
    "flywheel hub download me/tickets --kind dataset --revision v1 --include '*.parquet'",
  ],
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    const at = { kind: options.kind, name: asked.name };
    const [commit] = await client.hub.commits(at, options.revision, { p: 0, limit: 1 });
    if (commit === undefined) throw new UsageError(`${asked.name} is empty.`);
    const choice = {
      include: [...asked.files, ...options.include],
      exclude: options.exclude,
    };
    const all = await treeOf(client, at, commit.id);
    const entries = all.filter(({ path }) => isChosen(path, choice));
    if (entries.length === 0) throw nothingFits(asked.name, all);
    const folder = options.to ?? asked.name.split('/')[1] ?? asked.name;
    const kept = await fetchAll(client, entries, context, { at, revision: commit.id, folder });
    const bytes = entries.reduce((sum, { size }) => sum + size, 0);
    const here = kept === 0 ? '' : `, ${kept} of them here already`;
    const text = `${countFiles(entries.length)} (${formatBytes(bytes)}) of ${commit.id.slice(0, 8)} in ${folder}${here}`;
    const paths = entries.map(({ path }) => join(folder, path));
    return printDone(context, text, { commit: commit.id, folder, files: paths, kept });
  },
});

function nothingFits(repository: string, all: readonly TreeEntry[]): ApiError {
  const some = all.slice(0, 5).map(({ path }) => path);
  const there = some.length === 0 ? 'It is empty.' : `It has ${some.join(', ')}.`;
  const message = `No file of ${repository} fits. ${there}`;
  return new ApiError({ status: 404, code: 'file.unknown', message });
}

async function fetchAll(
  client: Client,
  entries: readonly TreeEntry[],
  context: Context,
  place: Readonly<{ at: RepositoryAddress; revision: string; folder: string }>,
): Promise<number> {
  const bar = createProgressLine(context.terminal.notes, () => performance.now());
  const done = new Map<TreeEntry, number>();
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  let sum = 0;
  try {
    const { keptFiles } = await downloadAll(entries, {
      hub: client.hub,
      ...place,
      onProgress: (entry, bytes) => {
        sum += bytes - (done.get(entry) ?? 0);
        done.set(entry, bytes);
        bar.update('fetching', sum, total);
      },
      signal: context.interrupted(),
    });
    return keptFiles;
  } finally {
    bar.end();
  }
}

async function treeOf(
  client: Client,
  at: RepositoryAddress,
  commit: string,
): Promise<readonly TreeEntry[]> {
  const all: TreeEntry[] = [];
  let cursor: string | undefined;
  do {
    const asked = { revision: commit, path: '', cursor, isRecursive: true };
    const page = await client.hub.tree(at, asked);
    all.push(...page.entries.filter(({ type }) => type === 'file'));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}

const files = defineCommand({
  words: ['hub', 'files'],
  summary: 'List the files of a repository.',
  arguments: [name],
  options: { kind, revision },
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    const at = { kind: options.kind, name: asked.name };
    printList(
      context,
      await treeOf(client, at, options.revision),
      [
        { title: 'PATH', value: ({ path }) => path },
        { title: 'SIZE', align: 'right', value: ({ size }) => formatBytes(size) },
        { title: 'ID', value: ({ lfs, oid }) => (lfs?.oid ?? oid).slice(0, 12) },
      ],
      'It is empty. `flywheel hub upload` fills it.',
    );
  },
});

const history = defineCommand({
  words: ['hub', 'history'],
  summary: 'List the commits of a repository, the newest first.',
  arguments: [name],
  options: { kind, revision },
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    const at = { kind: options.kind, name: asked.name };
    printList(
      context,
      await client.hub.commits(at, options.revision, { p: 0, limit: 100 }),
      [
        { title: 'COMMIT', value: ({ id }) => id.slice(0, 8) },
        { title: 'TITLE', value: ({ title }) => title },
        { title: 'BY', value: ({ authors }) => authors.map(({ user }) => user).join(', ') },
        { title: 'WHEN', value: ({ date }) => formatAgo(date, Date.now()) },
      ],
      'It is empty. `flywheel hub upload` fills it.',
    );
  },
});

const downloads = defineCommand({
  words: ['hub', 'downloads'],
  summary: 'Show how often a repository was fetched, by day.',
  details:
    'Downloads are counted as Hugging Face counts them; beside them how many different clients came, and ' +
    'the bytes of all files. Days are UTC.',
  arguments: [name],
  options: { kind, days: { type: 'number', summary: 'How many days, 90 at most.', default: 14 } },
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    const at = { kind: options.kind, name: asked.name };
    const { days } = await client.hub.downloads(at, { days: options.days });
    printList(
      context,
      days.toReversed(),
      [
        { title: 'DAY', value: ({ day }) => day },
        { title: 'DOWNLOADS', align: 'right', value: (row) => formatCount(row.downloads) },
        { title: 'DOWNLOADERS', align: 'right', value: (row) => formatCount(row.downloaders) },
        { title: 'SENT', align: 'right', value: ({ bytes }) => formatBytes(bytes) },
      ],
      'There is nothing yet.',
    );
  },
});

export const hubFileCommands = [upload, download, files, history, downloads];
