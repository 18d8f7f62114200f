/** Runs what was typed and gives the exit code. Everything it touches is handed in. */
import { createClient } from '#client/client.ts';
import { type Settings, readSettings } from '#platform/config.ts';
import type { Command, Context } from './command.ts';
import { findConnection } from './connection.ts';
import { EXIT, exitCodeOf } from './exit-code.ts';
import { printFailure } from './failure.ts';
import { type Group, renderHelp } from './help.ts';
import { type Global, parse } from './parse.ts';
import type { Terminal } from './terminal.ts';

export type RunOptions = Readonly<{
  argv: readonly string[];
  commands: readonly Command[];
  groups: readonly Group[];
  terminal: Terminal;
  version: () => Promise<string>;
}>;

export async function run(options: RunOptions): Promise<number> {
  const { argv, commands, groups, terminal } = options;
  // Known before parsing, because a parse error too must have the right shape.
  const isJson = argv.includes('--json');
  try {
    const parsed = parse(argv, commands);
    if (parsed.kind === 'version') {
      terminal.out.line(await options.version());
      return EXIT.ok;
    }
    if (parsed.kind === 'help') {
      terminal.out.line(renderHelp(parsed.words, commands, groups, terminal.out.style));
      return EXIT.ok;
    }
    const context = createContext(terminal, parsed.global);
    return (await parsed.command.run(parsed.input, context)) ?? EXIT.ok;
  } catch (error) {
    if (error === INTERRUPTED) return EXIT.interrupted;
    printFailure(error, terminal, isJson);
    return exitCodeOf(error);
  }
}

/** The reason of the abort: a person's wish, not a failure. */
export const INTERRUPTED = new Error('interrupted');

function createContext(terminal: Terminal, global: Global): Context {
  let settings: Settings | undefined;
  const readOnce = (): Settings => (settings ??= readSettings());
  return {
    terminal,
    isJson: global.isJson,
    settings: readOnce,
    connect: async () => {
      const { url, key } = await findConnection(global, readOnce());
      return createClient({ url, apiKey: key });
    },
    interrupted: onceInterrupted(),
  };
}

function onceInterrupted(): () => AbortSignal {
  let controller: AbortController | undefined;
  return () => {
    if (controller !== undefined) return controller.signal;
    controller = new AbortController();
    const abort = controller;
    const stop = (): void => {
      if (abort.signal.aborted) process.exit(EXIT.interrupted);
      abort.abort(INTERRUPTED);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    return controller.signal;
  };
}
