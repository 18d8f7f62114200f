/**
 * The command line: what `bin/flywheel` runs. Light commands talk to a running Flywheel through the
 * client and start fast; `up`, `serve` and `migrate` load the rest of the code when they are asked
 * for. Results go to standard output, everything else to standard error; see exit-code.ts for how a
 * command ends.
 */
import { readFile } from 'node:fs/promises';
import { COMMANDS, GROUPS } from './commands.ts';
import { run } from './run.ts';
import { createTerminal } from './terminal.ts';

// A reader that leaves early (`flywheel usage | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await run({
  argv: process.argv.slice(2),
  commands: COMMANDS,
  groups: GROUPS,
  terminal: createTerminal(process),
  version: readVersion,
});

async function readVersion(): Promise<string> {
  const file = new URL('../../package.json', import.meta.url);
  const { version }: { version: string } = JSON.parse(await readFile(file, 'utf8'));
  return version;
}
