/** `up`, `serve` and `migrate`: the parts that run a cloud, loaded only when they are asked for. */
import { type Command, defineCommand } from '../command.ts';
import { printDone } from '../result.ts';

const PROCESSES = {
  database: 'the embedded database',
  control: 'API, console, hub, ledger and fleet decisions',
  gateway: 'the front door that authenticates, routes and meters',
  node: 'the engines of one machine',
} as const;

const up = defineCommand({
  words: ['up'],
  summary: 'Start everything on this machine: database, control, gateway and node.',
  details:
    'Settings are FLYWHEEL_* variables; `flywheel config` lists them. Ctrl-C stops cleanly: answers ' +
    'that are being given are finished first.',
  arguments: [],
  options: {},
  examples: ['flywheel up', 'FLYWHEEL_PORT=9000 FLYWHEEL_HOME=/srv/flywheel flywheel up'],
  run: async (_, context) => {
    const { up } = await import('#main/up.ts');
    return up(context.settings());
  },
});

const serve = Object.entries(PROCESSES).map(([name, summary]) =>
  defineCommand({
    words: ['serve', name],
    summary: `Start ${summary}, alone.`,
    arguments: [],
    options: {},
    run: async (_, context) => {
      const { serve } = await import('#main/serve.ts');
      return serve(name, context.settings());
    },
  }),
);

const restart = defineCommand({
  words: ['gateway', 'restart'],
  summary: 'Replace the gateways of this machine one by one, without a refused connection.',
  details:
    'For the cloud of this home (FLYWHEEL_HOME), on the machine that it runs on. Says which is replaced, and ' +
    'ends when those before them have ended their streams, 30 s at most. New settings need a stop and a start.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const { replaceGateways } = await import('#main/supervisor-door.ts');
    const { notes } = context.terminal;
    const replaced = await replaceGateways(
      context.settings().FLYWHEEL_HOME,
      ({ name, number, of }) => notes.line(notes.style('dim', `${number}/${of} ${name} serves`)),
    );
    const what = replaced === 1 ? 'The gateway is' : `${replaced} gateways are`;
    printDone(context, `${what} replaced.`, { replaced });
  },
});

const migrate = defineCommand({
  words: ['migrate'],
  summary: 'Bring the database up to date and say what was done.',
  arguments: [],
  options: {},
  run: async (_, context) => {
    const { migrate } = await import('#main/migrate.ts');
    return migrate(context.settings());
  },
});

export const serverCommands: readonly Command[] = [up, ...serve, restart, migrate];
