/** A process that starts a tiny engine, tells its pid and its file, and waits to be killed. For tests of orphans. */
import { startTinyEngine } from './tiny-engine.ts';

const { engine, weightsPath } = await startTinyEngine();
process.send?.(engine.pid);
process.send?.(weightsPath);
process.on('disconnect', () => void engine.stop(0));
