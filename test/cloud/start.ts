/** Starts a whole cloud as `flywheel up` does, with another folder of models: `node start.ts FOLDER`. */
import { readSettings } from '#platform/config.ts';
import { onStopSignals } from '#main/stop-signals.ts';
import { runUp } from '#main/up.ts';

const modelsFolder = process.argv[2];
if (modelsFolder === undefined) throw new TypeError('say which folder has the models');
process.exitCode = await runUp({
  settings: readSettings(),
  output: process.stdout,
  onStop: onStopSignals,
  modelsFolder,
});
process.exit();
