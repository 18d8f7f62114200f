/**
 * The command line: what `bin/flywheel` runs. Light commands talk to a running Flywheel through the
 * client and start fast; `up`, `serve` and `migrate` load the rest of the code when they are asked
 * for. Results go to standard output, everything else to standard error; see exit-code.ts for how a
 * command ends.
 */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Types stripped and code compiled once, not at every start: 240 ms of processor become 70. Beside
// the packages rather than in the shared temporary folder, where others could leave code for us.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/flywheel', import.meta.url)));

// Only what is imported after this line comes from the cache.
const { main } = await import('./main.ts');
process.exitCode = await main(process);
