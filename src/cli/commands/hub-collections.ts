/** `hub collection list|show|create|add|remove|delete`: repositories that belong together. */
import type { Collection } from '#hub/api.ts';
import { defineCommand } from '../command.ts';
import { formatAgo } from '../format.ts';
import { printDone, printList } from '../result.ts';
import { UsageError } from '../usage-error.ts';

const slug = {
  name: 'collection',
  kind: 'required',
  summary: 'Its address, owner/title-id, as `list` prints it.',
} as const;
const item = {
  name: 'name',
  kind: 'required',
  summary: 'owner/name, or the address of a collection.',
} as const;
const type = {
  type: 'string',
  summary: 'What it is.',
  choices: ['model', 'dataset', 'space', 'collection'],
  default: 'model',
} as const;

const list = defineCommand({
  words: ['hub', 'collection', 'list'],
  summary: 'List collections, the last changed first.',
  arguments: [],
  options: { owner: { type: 'string', value: 'OWNER', summary: 'Of one owner.' } },
  run: async ({ options }, context) => {
    const client = await context.connect();
    const { data } = await client.collections.list({ owner: options.owner });
    printList(
      context,
      data,
      [
        { title: 'COLLECTION', value: (row) => row.slug },
        { title: 'TITLE', value: ({ title }) => title },
        { title: 'SEEN BY', value: ({ isPrivate }) => (isPrivate ? 'you' : 'everybody') },
        { title: 'CHANGED', value: ({ updatedAt }) => formatAgo(updatedAt, Date.now()) },
      ],
      'There are none. `flywheel hub collection create` makes one.',
    );
  },
});

const show = defineCommand({
  words: ['hub', 'collection', 'show'],
  summary: 'Show what is in a collection.',
  arguments: [slug],
  options: {},
  run: async ({ arguments: asked }, context) => {
    const client = await context.connect();
    const { items } = await client.collections.get(asked.collection);
    printList(
      context,
      items,
      [
        { title: 'KIND', value: ({ kind }) => kind },
        { title: 'NAME', value: ({ name }) => name },
        { title: 'NOTE', value: ({ note }) => note },
      ],
      'Nothing is in it. `flywheel hub collection add` puts something there.',
    );
  },
});

const create = defineCommand({
  words: ['hub', 'collection', 'create'],
  summary: 'Make a collection.',
  arguments: [{ name: 'title', kind: 'required', summary: 'What holds it together.' }],
  options: {
    owner: { type: 'string', value: 'OWNER', summary: 'A namespace of yours; the default one.' },
    description: { type: 'string', value: 'TEXT', summary: 'More about it.' },
    private: { type: 'boolean', summary: 'Seen by your tenant only.' },
  },
  examples: ['flywheel hub collection create "Small models"'],
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    const made = await client.collections.create({
      title: asked.title,
      description: options.description ?? '',
      isPrivate: options.private,
      ...(options.owner !== undefined && { owner: options.owner }),
    });
    printDone(context, `${made.slug} is there.`, made);
  },
});

const add = defineCommand({
  words: ['hub', 'collection', 'add'],
  summary: 'Put something into a collection.',
  arguments: [slug, item],
  options: { type, note: { type: 'string', value: 'TEXT', summary: 'Why it is there.' } },
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    const body = { kind: options.type, name: asked.name, note: options.note ?? '' };
    const changed = await client.collections.add(asked.collection, body);
    printDone(context, `${asked.name} is in ${changed.title}.`, changed);
  },
});

const remove = defineCommand({
  words: ['hub', 'collection', 'remove'],
  summary: 'Take something out of a collection.',
  arguments: [slug, item],
  options: { type },
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    const before = await client.collections.get(asked.collection);
    const id = itemIn(before, options.type, asked.name);
    const changed = await client.collections.removeItem(asked.collection, id);
    printDone(context, `${asked.name} is no longer in ${changed.title}.`, changed);
  },
});

const deleteWhole = defineCommand({
  words: ['hub', 'collection', 'delete'],
  summary: 'Delete a collection; what it holds stays.',
  arguments: [slug],
  options: {},
  run: async ({ arguments: asked }, context) => {
    const client = await context.connect();
    await client.collections.remove(asked.collection);
    printDone(context, `${asked.collection} is gone.`, { slug: asked.collection });
  },
});

/** Raises `UsageError`. */
function itemIn({ items, title }: Collection, kind: string, name: string): string {
  const found = items.find((held) => held.kind === kind && held.name === name);
  if (found !== undefined) return found.id;
  throw new UsageError(`${title} holds no ${kind} ${name}.`, 'See `flywheel hub collection show`.');
}

export const collectionCommands = [list, show, create, add, remove, deleteWhole];
