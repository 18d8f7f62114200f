/**
 * The entry of every child of `flywheel up`. Loads the code of its role at once and starts when the
 * options come over the pipe.
 */
import { createLog } from '#platform/log.ts';
import { type Running, runChild } from '#platform/process.ts';
import { type ProcessFacts, type ProcessOptions, ROLES } from './options.ts';
import { loadRole } from './roles.ts';

const role = ROLES.find((name) => name === process.argv[2]);
if (role === undefined) throw new TypeError(`no such role: ${process.argv[2]}`);
process.title = `flywheel ${role}`;

const start = loadRole(role);
// Reported again by the run below; without a listener it would end the process before that.
start.catch(() => {});

process.on('uncaughtException', (error) => {
  createLog({ process: role, level: 'error' }).error('process.crashed', { error });
  process.exit(1);
});

runChild<ProcessOptions, ProcessFacts>(async (options, note): Promise<Running<ProcessFacts>> =>
  (await start)(options, note),
);
