/**
 * The entry of every child of `flywheel up`: `child.ts ROLE CACHE_FOLDER`. Loads the code of its role
 * at once, from the compiled cache in the home where there is one (half the time, 20 MB less), and
 * starts when the options come over the pipe.
 */
import { enableCompileCache, flushCompileCache } from 'node:module';
import { createLog } from '#platform/log.ts';
import { runChild } from '#platform/process.ts';
import { type ProcessFacts, type ProcessOptions, ROLES } from './options.ts';
import { loadRole } from './roles.ts';

const role = ROLES.find((name) => name === process.argv[2]);
if (role === undefined) throw new TypeError(`no such role: ${process.argv[2]}`);
process.title = `flywheel ${role}`;
if (process.argv[3] !== undefined) enableCompileCache(process.argv[3]);

const start = loadRole(role);
// Reported again by the run below; without a listener it would end the process before that.
start.catch(() => {});

process.on('uncaughtException', (error) => {
  createLog({ process: role, level: 'error' }).error('process.crashed', { error });
  process.exit(1);
});

runChild<ProcessOptions, ProcessFacts>(async (options, note) => {
  const running = await (await start)(options, note);
  flushCompileCache();
  return running;
});
