/** One pass of Node's own test runner over a list of files, with its spec report on standard output. */
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

export type Outcome = Readonly<{
  passed: number;
  failed: number;
  skipped: number;
  failures: readonly string[];
}>;

/** Long enough for a cloud to start on a busy machine, short enough that a hang is noticed. */
const FILE_TIMEOUT_MS = 600_000;

export async function runPass(
  title: string,
  files: readonly string[],
  environment: NodeJS.ProcessEnv,
  concurrency: number,
): Promise<Outcome> {
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0, failures: [] };
  console.log(`\n── ${title}: ${files.length} files ──\n`);
  const startedMs = performance.now();
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const failures: string[] = [];
  const env = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined),
  );
  const stream = run({ files: [...files], concurrency, timeout: FILE_TIMEOUT_MS, env });
  stream.on('test:pass', (event) => {
    if (event.details.type === 'suite') return;
    if (event.skip !== undefined || event.todo !== undefined) counts.skipped += 1;
    else counts.passed += 1;
  });
  stream.on('test:fail', (event) => {
    if (event.details.type === 'suite') return;
    counts.failed += 1;
    failures.push(`${event.file ?? ''}: ${event.name}`);
  });
  const report = stream.compose(new spec());
  for await (const text of report) process.stdout.write(String(text));
  console.log(`${title}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  return { ...counts, failures };
}
