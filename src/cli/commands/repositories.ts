/** `hub repo create|list|settings|move|delete`: repositories of models, datasets and spaces. */
import type { RepositorySettings } from '#client/repositories.ts';
import { defineCommand } from '../command.ts';
import { formatAgo } from '../format.ts';
import { printDone, printList } from '../result.ts';
import { UsageError } from '../usage-error.ts';

const name = { name: 'name', kind: 'required', summary: 'owner/name.' } as const;
const type = {
  type: 'string',
  summary: 'What it holds.',
  choices: ['model', 'dataset', 'space'],
  default: 'model',
} as const;
const VISIBILITIES = ['public', 'internal', 'private'] as const;

const create = defineCommand({
  words: ['hub', 'repo', 'create'],
  summary: 'Make a repository; without an owner in your own namespace.',
  arguments: [name],
  options: {
    type,
    visibility: {
      type: 'string',
      summary: 'Who sees it; internal is everybody with an account here.',
      choices: VISIBILITIES,
      default: 'private',
    },
  },
  examples: [
    'flywheel hub repo create my-model',
    'flywheel hub repo create me/rows --type dataset',
  ],
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    const made = await client.repositories.create(options.type, asked.name, options.visibility);
    printDone(context, `${made.id} is made: ${made.url}`, made);
  },
});

const list = defineCommand({
  words: ['hub', 'repo', 'list'],
  summary: 'List the repositories in your namespaces.',
  arguments: [],
  options: { type },
  run: async ({ options }, context) => {
    const client = await context.connect();
    const found = await client.repositories.list(options.type);
    printList(
      context,
      found,
      [
        { title: 'REPOSITORY', value: ({ id }) => id },
        { title: 'VISIBILITY', value: ({ visibility }) => visibility },
        { title: 'GATED', value: ({ gated }) => (gated === false ? 'no' : gated) },
        { title: 'CHANGED', value: ({ lastModified }) => formatAgo(lastModified, Date.now()) },
      ],
      'There are none. `flywheel hub repo create` makes one.',
    );
  },
});

const settings = defineCommand({
  words: ['hub', 'repo', 'settings'],
  summary: 'Say who sees a repository, and who may have its files.',
  arguments: [name],
  options: {
    type,
    visibility: { type: 'string', summary: 'Who sees it.', choices: VISIBILITIES },
    gated: {
      type: 'string',
      summary: 'Files for those who ask: at once, or by your word.',
      choices: ['no', 'auto', 'manual'],
    },
  },
  examples: ['flywheel hub repo settings me/qwen3-4b --visibility public --gated manual'],
  run: async ({ arguments: asked, options: { visibility, gated, ...options } }, context) => {
    const change: RepositorySettings = {
      ...(visibility !== undefined && { visibility }),
      ...(gated !== undefined && { gated }),
    };
    if (Object.keys(change).length === 0) {
      throw new UsageError('Nothing is to change.', 'Add --visibility or --gated.');
    }
    const client = await context.connect();
    const set = await client.repositories.update(options.type, asked.name, change);
    const gate = set.gated === false ? 'not gated' : `gated (${set.gated})`;
    printDone(context, `${asked.name} is ${set.visibility}, and ${gate}.`, set);
  },
});

const move = defineCommand({
  words: ['hub', 'repo', 'move'],
  summary: 'Give a repository another name; the old one goes on leading to it.',
  arguments: [name, { name: 'to', kind: 'required', summary: 'Its new owner/name.' }],
  options: { type },
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    await client.repositories.move(options.type, asked.name, asked.to);
    printDone(context, `${asked.name} is ${asked.to} now.`, { name: asked.to });
  },
});

const remove = defineCommand({
  words: ['hub', 'repo', 'delete'],
  summary: 'Delete a repository with all its files. There is no way back.',
  arguments: [name],
  options: { type },
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    await client.repositories.remove(options.type, asked.name);
    printDone(context, `${asked.name} is gone.`, { name: asked.name });
  },
});

export const repositoryCommands = [create, list, settings, move, remove];
