/** `hub access list|grant|revoke`: other tenants in one repository. */
import type { RepositoryGrant } from '#hub/grants/api.ts';
import { type Context, defineCommand } from '../command.ts';
import { formatAgo } from '../format.ts';
import { printList } from '../result.ts';

const name = { name: 'name', kind: 'required', summary: 'owner/name.' } as const;
const owner = {
  name: 'owner',
  kind: 'required',
  summary: 'A name that the other tenant holds.',
} as const;
const kind = {
  type: 'string',
  summary: 'What it holds.',
  choices: ['model', 'dataset', 'space'],
  default: 'model',
} as const;

const list = defineCommand({
  words: ['hub', 'access', 'list'],
  summary: 'List which other tenants have a role in a repository.',
  arguments: [name],
  options: { kind },
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    const { data } = await client.hub.grants({ kind: options.kind, name: asked.name });
    print(context, data);
  },
});

const grant = defineCommand({
  words: ['hub', 'access', 'grant'],
  summary: 'Give another tenant a role in a repository, in force at once.',
  details:
    'read: see it and its files, also where it is private or gated. write: commit, too. admin: its ' +
    'settings, roles and end as well. Nobody may do more there than their own role lets them at home.',
  arguments: [name, owner],
  options: {
    kind,
    role: {
      type: 'string',
      summary: 'What they may.',
      choices: ['read', 'write', 'admin'],
      default: 'read',
    },
  },
  examples: ['flywheel hub access grant me/qwen3-legal bolt --role write'],
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    const at = { kind: options.kind, name: asked.name };
    print(context, (await client.hub.setGrant(at, asked.owner, options.role)).data);
  },
});

const revoke = defineCommand({
  words: ['hub', 'access', 'revoke'],
  summary: 'Take the role of another tenant away, in force at once.',
  arguments: [name, owner],
  options: { kind },
  run: async ({ arguments: asked, options }, context) => {
    const client = await context.connect();
    const at = { kind: options.kind, name: asked.name };
    print(context, (await client.hub.removeGrant(at, asked.owner)).data);
  },
});

function print(context: Context, grants: readonly RepositoryGrant[]): void {
  printList(
    context,
    grants,
    [
      { title: 'OWNER', value: (row) => row.owner },
      { title: 'ROLE', value: ({ role }) => role },
      { title: 'SINCE', value: ({ createdAt }) => formatAgo(createdAt, Date.now()) },
    ],
    'No other tenant has a role there.',
  );
}

export const hubAccessCommands = [list, grant, revoke];
