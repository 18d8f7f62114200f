/** Puts the command line together: the commands, this process's streams, the version. */
import { readFile } from 'node:fs/promises';
import { COMMANDS, GROUPS } from './commands.ts';
import { run } from './run.ts';
import { createTerminal } from './terminal.ts';

/** Returns the exit code. */
export function main(process: NodeJS.Process): Promise<number> {
  // A reader that leaves early (`flywheel usage | head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  return run({
    argv: process.argv.slice(2),
    commands: COMMANDS,
    groups: GROUPS,
    terminal: createTerminal(process),
    version: readVersion,
  });
}

async function readVersion(): Promise<string> {
  const file = new URL('../../package.json', import.meta.url);
  const { version }: { version: string } = JSON.parse(await readFile(file, 'utf8'));
  return version;
}
