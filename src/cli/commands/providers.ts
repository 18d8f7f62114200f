/** `providers list|templates|create|show|update|remove|test|rotate-master-key`. */
import { createInterface } from 'node:readline/promises';
import type { Client } from '#client/client.ts';
import { type Context, defineCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { formatAgo } from '../format.ts';
import { printDone, printJson, printList, printThing, readAll } from '../result.ts';
import { UsageError } from '../usage-error.ts';
import { amount, findProvider, which } from './provider-choice.ts';
import { providerModelCommands } from './provider-models.ts';

const list = defineCommand({
  words: ['providers', 'list'],
  summary: 'List external providers.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const client = await context.connect();
    const nowMs = Date.now();
    printList(
      context,
      await readAll(client.providers.list),
      [
        { title: 'PROVIDER', value: ({ id }) => id },
        { title: 'NAME', value: ({ name }) => name },
        { title: 'DIALECT', value: ({ dialect }) => dialect },
        { title: 'KEY', value: ({ keyHint }) => keyHint },
        { title: 'MODELS', align: 'right', value: ({ models }) => String(models.length) },
        { title: 'ON', value: ({ isEnabled }) => (isEnabled ? 'yes' : 'no') },
        {
          title: 'TESTED',
          value: ({ testedAt, testResult }) =>
            testedAt === null ? 'never' : `${testResult} ${formatAgo(testedAt, nowMs)}`,
        },
      ],
      'There are no providers. `flywheel providers create NAME --template openai` adds one.',
    );
  },
});

const templates = defineCommand({
  words: ['providers', 'templates'],
  summary: 'List well-known providers, for `--template`.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const client = await context.connect();
    const { data } = await client.providers.templates();
    printList(
      context,
      data,
      [
        { title: 'TEMPLATE', value: ({ id }) => id },
        { title: 'NAME', value: ({ name }) => name },
        { title: 'DIALECT', value: ({ dialect }) => dialect },
        { title: 'ADDRESS', value: ({ baseUrl }) => baseUrl },
        { title: 'KEYS', value: ({ keysUrl }) => keysUrl },
      ],
      'There are none.',
    );
  },
});

const shape = {
  parallel: { type: 'number', value: 'N', summary: 'Requests at a time, per gateway.' },
  timeout: { type: 'number', value: 'SECONDS', summary: 'Until the first byte of an answer.' },
} as const;

const create = defineCommand({
  words: ['providers', 'create'],
  summary: "Add another cloud's API; its key is read from standard input.",
  details:
    'The key is sealed before it is stored and never shown again. Prompts to its models leave this cloud.',
  arguments: [{ name: 'name', kind: 'required', summary: 'What you call it.' }],
  options: {
    template: {
      type: 'string',
      value: 'ID',
      summary: 'A well-known one, for address and dialect.',
    },
    dialect: {
      type: 'string',
      summary: 'How it is spoken to.',
      choices: ['openai', 'anthropic', 'dashscope'],
    },
    'base-url': { type: 'string', value: 'URL', summary: 'Its address, as its own SDK takes it.' },
    ...shape,
    'allow-private': {
      type: 'boolean',
      summary: 'The operator: http, and addresses of your own network.',
    },
  },
  examples: ['printenv OPENAI_API_KEY | flywheel providers create openai --template openai'],
  run: async ({ arguments: { name }, options }, context) => {
    const client = await context.connect();
    const template = await findTemplate(client, options.template);
    const dialect = options.dialect ?? template?.dialect;
    const baseUrl = options['base-url'] ?? template?.baseUrl;
    if (dialect === undefined || baseUrl === undefined) {
      throw new UsageError(
        'Say which API: --template, or --dialect and --base-url.',
        '`flywheel providers templates` lists the well-known ones.',
      );
    }
    const provider = await client.providers.create({
      name,
      dialect,
      baseUrl,
      apiKey: await readKey(context),
      allowsPrivate: options['allow-private'],
      ...tuning(options),
    });
    printDone(
      context,
      `${provider.name} is ${provider.id}. Now \`flywheel providers test\`.`,
      provider,
    );
  },
});

const update = defineCommand({
  words: ['providers', 'update'],
  summary: 'Change a provider, or give it a new key from standard input.',
  arguments: [which],
  options: {
    name: { type: 'string', value: 'NAME', summary: 'What you call it.' },
    'base-url': { type: 'string', value: 'URL', summary: 'Its address; a new host wants the key.' },
    ...shape,
    'new-key': { type: 'boolean', summary: 'Read a new key from standard input.' },
    enable: { type: 'boolean', summary: 'Serve its models.' },
    disable: { type: 'boolean', summary: 'Serve none of them, and keep everything.' },
  },
  run: async ({ arguments: { provider: wanted }, options }, context) => {
    if (options.enable && options.disable) throw new UsageError('--enable or --disable, not both.');
    const client = await context.connect();
    const { id } = await findProvider(client, wanted);
    const changed = await client.providers.update(id, {
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(options['base-url'] === undefined ? {} : { baseUrl: options['base-url'] }),
      ...tuning(options),
      ...(options['new-key'] ? { apiKey: await readKey(context) } : {}),
      ...(options.enable || options.disable ? { isEnabled: options.enable } : {}),
    });
    printDone(context, `${changed.name} is changed.`, changed);
  },
});

const show = defineCommand({
  words: ['providers', 'show'],
  summary: 'Show a provider and the models it serves here.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { provider: wanted } }, context) => {
    const provider = await findProvider(await context.connect(), wanted);
    if (context.isJson) return printJson(context, provider);
    printThing(context, provider, [
      ['id', provider.id],
      ['name', provider.name],
      ['dialect', provider.dialect],
      ['address', provider.baseUrl],
      ['key', provider.keyHint],
      ['at a time', String(provider.parallel)],
      ['timeout', `${provider.timeoutMs / 1000} s`],
      ['on', provider.isEnabled ? 'yes' : 'no'],
      ['last test', provider.testResult ?? 'never'],
    ]);
    context.terminal.out.line('');
    return printList(
      context,
      provider.models,
      [
        { title: 'MODEL', value: ({ modelName }) => modelName },
        { title: 'THERE', value: ({ upstreamModel }) => upstreamModel },
        { title: 'FOR', value: ({ visibility }) => visibility },
        { title: 'COST IN', align: 'right', value: ({ cost }) => amount(cost?.inputPerMillion) },
        { title: 'COST OUT', align: 'right', value: ({ cost }) => amount(cost?.outputPerMillion) },
      ],
      'It serves no model here yet. `flywheel providers add` changes that.',
    );
  },
});

const remove = defineCommand({
  words: ['providers', 'remove'],
  summary: 'Remove a provider; its key is erased.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { provider: wanted } }, context) => {
    const client = await context.connect();
    const { id, name } = await findProvider(client, wanted);
    await client.providers.remove(id);
    printDone(context, `${name} is removed and its key erased.`, { id });
  },
});

const test = defineCommand({
  words: ['providers', 'test'],
  summary: 'See whether it can be reached and takes its key.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { provider: wanted } }, context) => {
    const client = await context.connect();
    const { id } = await findProvider(client, wanted);
    const result = await client.providers.test(id);
    const { notes } = context.terminal;
    if (context.isJson) printJson(context, result);
    else if (result.isOk) printDone(context, `${result.message} (${result.latencyMs} ms)`, result);
    else notes.line(`${notes.style('red', '✘')} ${result.message}`);
    return result.isOk ? EXIT.ok : EXIT.failed;
  },
});

const rotate = defineCommand({
  words: ['providers', 'rotate-master-key'],
  summary: 'Seal every stored key anew, by a new master key.',
  details:
    'With FLYWHEEL_MASTER_KEYS, put the new key in front first and start control again. ' +
    'Keep a backup of the old key as long as backups of the database need it.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const client = await context.connect();
    const turned = await client.providers.rotateMasterKey();
    printDone(
      context,
      `${turned.rewrapped} keys are sealed by master key ${turned.masterKeyId}.`,
      turned,
    );
  },
});

function tuning(
  options: Readonly<{ parallel: number | undefined; timeout: number | undefined }>,
): Readonly<{ parallel?: number; timeoutMs?: number }> {
  return {
    ...(options.parallel === undefined ? {} : { parallel: options.parallel }),
    ...(options.timeout === undefined ? {} : { timeoutMs: options.timeout * 1000 }),
  };
}

/** Never an argument: those are in the history of the shell and in the list of processes. */
async function readKey({ terminal }: Context): Promise<string> {
  const { input, notes } = terminal;
  if (input.isTTY === true) notes.write('Its API key: ');
  const lines = createInterface({ input });
  try {
    for await (const line of lines) if (line.trim() !== '') return line.trim();
  } finally {
    lines.close();
  }
  throw new UsageError('There is no key on standard input.');
}

async function findTemplate(client: Client, id: string | undefined) {
  if (id === undefined) return null;
  const { data } = await client.providers.templates();
  const found = data.find((template) => template.id === id);
  if (found !== undefined) return found;
  throw new UsageError(`There is no template ${id}.`, '`flywheel providers templates` lists them.');
}

export const providerCommands = [
  list,
  templates,
  create,
  show,
  update,
  remove,
  test,
  ...providerModelCommands,
  rotate,
];
