/**
 * `npm run bench`: every benchmark, each in its own process, one table each, with the bare baseline of
 * the same run beside every figure. `npm run bench -- gateway` runs the ones named.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const BENCHES: Readonly<Record<string, string>> = {
  install: 'install.ts',
  startup: 'startup.ts',
  engine: 'engine/engine.ts',
  gateway: 'gateway/gateway.ts',
  aborts: 'gateway/aborts.ts',
  memory: 'gateway/memory.ts',
  metering: 'metering.ts',
  ledger: 'ledger/ledger.ts',
  routing: 'routing/routing.ts',
  catalogue: 'hub/catalogue.ts',
  hub: 'hub/hub.ts',
};

/** Only when asked for by name: it takes twenty minutes. */
const LONG = new Set(['memory']);

/** What looks like a file is handed to the benchmarks: `npm run bench -- routing trace.jsonl`. */
const isFile = (argument: string): boolean => /[./\\]/.test(argument);
const files = process.argv.slice(2).filter(isFile);
const asked = process.argv.slice(2).filter((argument) => !isFile(argument));
const unknown = asked.find((name) => !(name in BENCHES));
if (unknown !== undefined) {
  console.error(
    `There is no benchmark "${unknown}"; there are ${Object.keys(BENCHES).join(', ')}.`,
  );
  process.exit(2);
}

for (const [name, file] of Object.entries(BENCHES)) {
  if (asked.length === 0 ? LONG.has(name) : !asked.includes(name)) continue;
  console.log(`\n── ${name} ──\n`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, file), ...files], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
