/** `deployment create|list|show|remove|logs`. */
import type { Client } from '#client/client.ts';
import type { Deployment } from '#fleet/api.ts';
import { type Context, defineCommand } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { pause } from '#client/pause.ts';
import { printDone, printJson, printList, printThing, readAll } from '../result.ts';
import type { Column } from '../table.ts';
import { printable } from '../text.ts';
import { UsageError } from '../usage-error.ts';

const POLL_MS = 500;

export const stateColumns: readonly Column<Deployment>[] = [
  { title: 'DEPLOYMENT', value: ({ id }) => id },
  { title: 'MODEL', value: ({ modelName }) => modelName },
  { title: 'ENGINE', value: ({ engine }) => engine },
  {
    title: 'REPLICAS',
    value: ({ replicas, replicasMin, replicasMax }) =>
      `${replicas.filter(({ state }) => state === 'ready').length} ready of ${replicasMin}–${replicasMax}`,
  },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'WHY', value: ({ reason }) => reason ?? '' },
];

const create = defineCommand({
  words: ['deployment', 'create'],
  summary: 'Serve a model.',
  arguments: [{ name: 'model', kind: 'required', summary: 'The model in the hub: owner/name.' }],
  options: {
    name: { type: 'string', value: 'NAME', summary: "What callers ask for; the model's own name." },
    revision: { type: 'string', value: 'ID', summary: 'A revision other than the latest.' },
    engine: {
      type: 'string',
      summary: 'The program that runs it.',
      choices: ['llama', 'openai'],
      default: 'llama',
    },
    min: { type: 'number', value: 'N', summary: 'Replicas at least; 0 lets it sleep.', default: 1 },
    max: { type: 'number', value: 'N', summary: 'Replicas at most; the minimum, or 1.' },
    parallel: {
      type: 'number',
      value: 'N',
      summary: 'Requests at a time per replica.',
      default: 4,
    },
    context: { type: 'number', value: 'TOKENS', summary: 'Context length, where not its own.' },
    'base-url': { type: 'string', value: 'URL', summary: 'Engine openai: where the server is.' },
    'upstream-model': {
      type: 'string',
      value: 'NAME',
      summary: 'Engine openai: what that server calls the model.',
    },
    wait: { type: 'boolean', summary: 'Come back when a replica is ready or has failed.' },
  },
  examples: [
    'flywheel deployment create me/qwen3-4b --parallel 8 --wait',
    'flywheel deployment create me/big --engine openai --base-url http://10.0.0.7:8000/v1',
  ],
  run: async ({ arguments: { model }, options }, context) => {
    const client = await context.connect();
    const created = await client.deployments.create({
      model,
      revisionId: options.revision,
      modelName: options.name,
      engine: options.engine,
      replicasMin: options.min,
      replicasMax: options.max ?? Math.max(1, options.min),
      parallel: options.parallel,
      contextLength: options.context ?? null,
      baseUrl: options['base-url'],
      upstreamModel: options['upstream-model'],
    });
    if (!options.wait || options.min === 0) {
      const text = `${created.modelName} is ${created.state}; \`flywheel deployment list\` shows it.`;
      return printDone(context, text, created);
    }
    const settled = await waitUntilSettled(client, created, context);
    printDone(context, `${settled.modelName} is ${settled.state}.`, settled);
    return settled.state === 'ready' ? EXIT.ok : EXIT.failed;
  },
});

async function waitUntilSettled(
  client: Client,
  created: Deployment,
  context: Context,
): Promise<Deployment> {
  const { notes } = context.terminal;
  const signal = context.interrupted();
  let deployment = created;
  let said = '';
  while (deployment.state !== 'ready' && deployment.state !== 'failed') {
    const text = `${deployment.state}${deployment.reason === null ? '' : `: ${deployment.reason}`}`;
    if (text !== said) notes.line(notes.style('dim', printable(text)));
    said = text;
    await pause(POLL_MS, signal);
    deployment = await client.deployments.get(deployment.id, { signal });
  }
  if (deployment.state === 'failed')
    notes.line(notes.style('red', printable(deployment.reason ?? '')));
  return deployment;
}

const list = defineCommand({
  words: ['deployment', 'list'],
  summary: 'List deployments and how they are.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const client = await context.connect();
    const rows = await readAll(client.deployments.list);
    printList(context, rows, stateColumns, 'Nothing is served. `flywheel deployment create`.');
  },
});

const which = {
  name: 'deployment',
  kind: 'required',
  summary: 'Its id, or the model name it serves.',
} as const;

const show = defineCommand({
  words: ['deployment', 'show'],
  summary: 'Show one deployment and its replicas.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { deployment: wanted } }, context) => {
    const deployment = await findDeployment(await context.connect(), wanted);
    if (context.isJson) return printJson(context, deployment);
    printThing(context, deployment, [
      ['id', deployment.id],
      ['model', deployment.modelName],
      ['revision', deployment.revisionId],
      ['engine', deployment.engine],
      ['state', deployment.state],
      ['why', deployment.reason ?? '-'],
    ]);
    context.terminal.out.line('');
    return printList(
      context,
      deployment.replicas,
      [
        { title: 'REPLICA', value: ({ id }) => id },
        { title: 'NODE', value: ({ nodeName }) => nodeName ?? '-' },
        { title: 'STATE', value: ({ state }) => state },
        { title: 'RESTARTS', align: 'right', value: ({ restarts }) => String(restarts) },
        { title: 'WHY', value: ({ reason }) => reason ?? '' },
      ],
      'It has no replica now.',
    );
  },
});

const remove = defineCommand({
  words: ['deployment', 'remove'],
  summary: 'Stop serving; answers being given are finished first.',
  arguments: [which],
  options: {},
  run: async ({ arguments: { deployment: wanted } }, context) => {
    const client = await context.connect();
    const { id, modelName } = await findDeployment(client, wanted);
    await client.deployments.remove(id);
    printDone(context, `${modelName} is no longer served by ${id}.`, { id });
  },
});

const logs = defineCommand({
  words: ['deployment', 'logs'],
  summary: 'Show what the engines of a deployment say.',
  arguments: [which],
  options: {
    follow: { type: 'boolean', short: 'f', summary: 'Go on with what comes, until Ctrl-C.' },
  },
  run: async ({ arguments: { deployment: wanted }, options: { follow } }, context) => {
    const client = await context.connect();
    const { id } = await findDeployment(client, wanted);
    const { out } = context.terminal;
    const signal = context.interrupted();
    for await (const line of client.deployments.logs(id, { follow, signal })) {
      out.line(context.isJson ? JSON.stringify({ line }) : printable(line));
    }
  },
});

/** By id, or by model name when exactly one deployment serves it. */
async function findDeployment(client: Client, wanted: string): Promise<Deployment> {
  if (wanted.startsWith('dep_')) return client.deployments.get(wanted);
  const all = await readAll(client.deployments.list);
  const found = all.filter(({ modelName }) => modelName === wanted);
  const [only, second] = found;
  if (second !== undefined) {
    const ids = found.map(({ id }) => id).join(', ');
    throw new UsageError(`Several deployments serve ${wanted}.`, `Say which one: ${ids}.`);
  }
  // Asking by the name gives the server's own "unknown".
  return only ?? client.deployments.get(wanted);
}

export const deploymentCommands = [create, list, show, remove, logs];
