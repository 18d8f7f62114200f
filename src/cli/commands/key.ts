/** `key create|list|revoke`. */
import type { Key } from '#tenancy/api.ts';
import { type Context, defineCommand } from '../command.ts';
import { formatAgo, parseExpiry } from '../format.ts';
import { printDone, printJson, printList, readAll } from '../result.ts';
import { UsageError } from '../usage-error.ts';

const create = defineCommand({
  words: ['key', 'create'],
  summary: 'Create a key and show its secret, this once.',
  arguments: [{ name: 'name', kind: 'required', summary: 'What it is for.' }],
  options: {
    role: {
      type: 'string',
      summary: 'What it may do; at most what you may.',
      choices: ['owner', 'admin', 'developer', 'finance', 'viewer'],
      default: 'developer',
    },
    model: {
      type: 'list',
      short: 'm',
      value: 'NAME',
      summary: 'A model it may call; without it, all.',
    },
    expires: { type: 'string', value: 'WHEN', summary: 'An end: 30d, 12h, 1y, or a date.' },
    project: { type: 'string', value: 'ID', summary: 'A project other than the first.' },
  },
  examples: ['flywheel key create ci --expires 90d --model me/qwen3-4b'],
  run: async ({ arguments: { name }, options }, context) => {
    const client = await context.connect();
    const key = await client.keys.create({
      name,
      role: options.role,
      models: options.model.length === 0 ? null : [...options.model],
      expiresAt: readExpiry(options.expires),
      ...(options.project === undefined ? {} : { projectId: options.project }),
    });
    if (context.isJson) return printJson(context, key);
    printSecret(context, key.secret);
    return undefined;
  },
});

/** The secret alone on standard output, so that `KEY=$(flywheel key create ci)` works. */
export function printSecret(context: Context, secret: string): void {
  const { out, notes } = context.terminal;
  notes.line(notes.style('dim', 'Keep it now; it is not shown again.'));
  out.line(secret);
}

export function readExpiry(text: string | undefined): string | null {
  if (text === undefined) return null;
  const expiresAt = parseExpiry(text, Date.now());
  if (expiresAt !== null) return expiresAt;
  throw new UsageError(`"${text}" is no time to expire.`, 'Write 12h, 30d, 1y or 2030-12-31.');
}

const list = defineCommand({
  words: ['key', 'list'],
  summary: 'List keys; secrets are not kept and so not shown.',
  arguments: [],
  options: { all: { type: 'boolean', summary: 'Also those that are revoked or expired.' } },
  run: async ({ options: { all } }, context) => {
    const client = await context.connect();
    const nowMs = Date.now();
    const keys = await readAll(client.keys.list);
    printList(
      context,
      all ? keys : keys.filter((key) => stateOf(key, nowMs) === 'active'),
      [
        { title: 'KEY', value: ({ id }) => id },
        { title: 'NAME', value: ({ name }) => name },
        { title: 'SECRET', value: ({ hint }) => hint },
        { title: 'ROLE', value: ({ role }) => role },
        { title: 'MODELS', value: ({ models }) => models?.join(', ') ?? 'all' },
        { title: 'CREATED', value: ({ createdAt }) => formatAgo(createdAt, nowMs) },
        { title: 'STATE', value: (key) => stateOf(key, nowMs) },
      ],
      'There are no keys. `flywheel key create NAME` makes one.',
    );
  },
});

function stateOf({ revokedAt, expiresAt }: Key, nowMs: number): string {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && Date.parse(expiresAt) <= nowMs ? 'expired' : 'active';
}

const revoke = defineCommand({
  words: ['key', 'revoke'],
  summary: 'Revoke a key; every gateway refuses it within two seconds.',
  arguments: [
    { name: 'key', kind: 'required', summary: 'Its id, as `flywheel key list` shows it.' },
  ],
  options: {},
  run: async ({ arguments: { key } }, context) => {
    const client = await context.connect();
    await client.keys.revoke(key);
    printDone(context, `${key} is revoked.`, { id: key });
  },
});

export const keyCommands = [create, list, revoke];
