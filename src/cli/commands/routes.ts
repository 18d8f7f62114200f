/** `routes list|set|remove`. */
import type { Client } from '#client/client.ts';
import type { Route, RouteSet } from '#routing/api.ts';
import { defineCommand } from '../command.ts';
import { printDone, printList, readAll } from '../result.ts';
import { UsageError } from '../usage-error.ts';

const CONDITIONS = ['unavailable', 'overloaded', 'error', 'timeout'] as const;

type Target = Readonly<{ model: string; deploymentId: string | null }>;

const list = defineCommand({
  words: ['routes', 'list'],
  summary: 'List names that stand for models, and where they lead.',
  arguments: [],
  options: {},
  examples: ['flywheel routes list --json'],
  run: async (_, context) => {
    const client = await context.connect();
    printList(
      context,
      await readAll(client.routes.list),
      [
        { title: 'ROUTE', value: ({ name }) => name },
        { title: 'FOR', value: ({ scope }) => (scope === 'platform' ? 'everybody' : 'us') },
        { title: 'TARGETS', value: sharesOf },
        { title: 'CANARY', value: canaryOf },
        { title: 'FALLBACKS', value: ({ fallbacks }) => fallbacks.map(nameOf).join(', ') },
        { title: 'KEPT BY', value: ({ sticky }) => sticky },
      ],
      'There is no route. `flywheel routes set` makes one.',
    );
  },
});

function nameOf({ model, deploymentId }: Target): string {
  return deploymentId === null ? model : `${model}@${deploymentId}`;
}

/** Shares as people read them: of what is left beside the canary. */
function sharesOf({ targets }: Route): string {
  const total = targets.reduce((sum, { weight }) => sum + weight, 0);
  return targets
    .map((target) => {
      const percent = Math.round((target.weight / Math.max(1, total)) * 1000) / 10;
      return targets.length === 1 ? nameOf(target) : `${nameOf(target)} ${percent}%`;
    })
    .join(', ');
}

function canaryOf({ canary }: Route): string {
  return canary === null ? '' : `${nameOf(canary)} ${canary.percent}%`;
}

const set = defineCommand({
  words: ['routes', 'set'],
  summary: 'Make a name stand for models, or change what it stands for.',
  details:
    'A target is MODEL, or MODEL@DEPLOYMENT for one deployment of it. What is set replaces what was ' +
    'under the name; every gateway follows within seconds. Rights and prices are those of the model ' +
    'that answers.',
  arguments: [{ name: 'name', kind: 'required', summary: 'What callers put in `model`.' }],
  options: {
    to: { type: 'list', value: 'TARGET[=WEIGHT]', summary: 'A target, with its weight; 1.' },
    canary: { type: 'string', value: 'TARGET=PERCENT', summary: 'A share of all, taken first.' },
    fallback: { type: 'list', value: 'TARGET', summary: 'Tried in this order when that fails.' },
    on: {
      type: 'list',
      value: 'CONDITION',
      choices: CONDITIONS,
      summary: 'For what fallbacks are tried; all of them.',
    },
    sticky: {
      type: 'string',
      choices: ['key', 'session', 'none'],
      default: 'key',
      summary: 'By what a caller stays on its target.',
    },
    platform: { type: 'boolean', summary: 'For every tenant; the operator may.' },
  },
  examples: [
    'flywheel routes set fast --to qwen/qwen3-4b=9 --to qwen/qwen3-8b=1 --fallback flywheel/tiny',
    'flywheel routes set qwen/qwen3-4b --to qwen/qwen3-4b --canary qwen/qwen3-4b@dep_01…=5',
  ],
  run: async ({ arguments: { name }, options }, context) => {
    const client = await context.connect();
    const wish: RouteSet = {
      name,
      scope: options.platform ? 'platform' : 'tenant',
      targets: options.to.map(readWeighted),
      canary: options.canary === undefined ? null : readCanary(options.canary),
      fallbacks: options.fallback.map(readTarget),
      fallbackOn: options.on.length === 0 ? [...CONDITIONS] : options.on.map(readCondition),
      sticky: options.sticky,
    };
    if (wish.targets.length === 0) {
      throw new UsageError('A route needs a target.', 'Add --to MODEL, once for each.');
    }
    const route = await client.routes.set(wish);
    printDone(context, `${route.name} leads to ${sharesOf(route)}.`, route);
  },
});

function readTarget(text: string): Target {
  const at = text.lastIndexOf('@dep_');
  if (at === -1) return { model: text, deploymentId: null };
  return { model: text.slice(0, at), deploymentId: text.slice(at + 1) };
}

function readWeighted(text: string): Target & { weight: number } {
  const { target, number } = readNumbered(text, '--to');
  return { ...target, weight: number ?? 1 };
}

function readCanary(text: string): Target & { percent: number } {
  const { target, number } = readNumbered(text, '--canary');
  if (number === null) {
    throw new UsageError('A canary needs its share.', 'Write --canary MODEL=5 for five percent.');
  }
  return { ...target, percent: number };
}

function readNumbered(text: string, option: string): { target: Target; number: number | null } {
  const at = text.lastIndexOf('=');
  if (at === -1) return { target: readTarget(text), number: null };
  const number = Number(text.slice(at + 1));
  if (text.slice(at + 1) === '' || !Number.isFinite(number)) {
    throw new UsageError(`${option} ${text} has no number behind its =.`);
  }
  return { target: readTarget(text.slice(0, at)), number };
}

function readCondition(text: string): (typeof CONDITIONS)[number] {
  const found = CONDITIONS.find((condition) => condition === text);
  if (found !== undefined) return found;
  throw new UsageError(`--on ${text} is no condition.`, `Use ${CONDITIONS.join(', ')}.`);
}

const remove = defineCommand({
  words: ['routes', 'remove'],
  summary: 'Take a name away; requests under way are finished.',
  arguments: [{ name: 'route', kind: 'required', summary: 'Its name, or its id.' }],
  options: {},
  run: async ({ arguments: { route: wanted } }, context) => {
    const client = await context.connect();
    const { id, name } = await findRoute(client, wanted);
    await client.routes.remove(id);
    printDone(context, `${name} stands for nothing any more.`, { id });
  },
});

/** The own one where the operator has one of the same name for everybody. */
async function findRoute(client: Client, wanted: string): Promise<{ id: string; name: string }> {
  if (wanted.startsWith('rte_')) return { id: wanted, name: wanted };
  const found = (await readAll(client.routes.list)).filter(({ name }) => name === wanted);
  const own = found.find(({ scope }) => scope === 'tenant') ?? found[0];
  // Asking by the name gives the server's own "unknown".
  return own ?? { id: wanted, name: wanted };
}

export const routesCommands = [list, set, remove];
