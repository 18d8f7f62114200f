/**
 * `npm test`: sets up what the tests need beyond npm packages, runs them all, and says what it saw.
 *
 * Three passes: the unit and database tests on the embedded PostgreSQL, the database tests again on a
 * real server, then the system tests one at a time (they start whole clouds and browsers). A test
 * whose needs cannot be met here is skipped by name; with CI set, a skip fails the run.
 *
 * `npm test -- src/ledger test/up` runs only the files whose path starts with one of the words.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Needs, provideNeeds } from './test/needs.ts';
import { type Outcome, runPass } from './test/pass.ts';

const ROOT = join(import.meta.dirname, '..');
process.chdir(ROOT);

const only = process.argv.slice(2);
const wanted = (file: string): boolean =>
  only.length === 0 || only.some((word) => file.startsWith(word));

const files = globSync(
  [
    'src/**/*.test.ts',
    'console/**/*.test.ts',
    'scripts/**/*.test.ts',
    'bench/**/*.test.ts',
    'test/**/*.test.ts',
  ],
  {
    exclude: ['**/node_modules/**'],
  },
)
  .toSorted()
  .filter(wanted);
const system = files.filter((file) => file.startsWith('test/'));
const units = files.filter((file) => !system.includes(file));
/** Tests of modules that use a database, and others whose header says `@also postgresql`. */
const onDatabase = files.filter((file) =>
  /from '.*test\/database\.ts'|from '\.\/database\.ts'|@also postgresql/.test(
    readFileSync(file, 'utf8'),
  ),
);

/** A file states what it needs in its header: `@needs chromium`, `@needs python`, `@needs clients`, `@needs s3`, `@needs stripe_mock`, `@needs git_lfs`. */
function needsOf(file: string): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(/@needs (\w+)/g)].map((match) => match[1] ?? '');
}

const needed = new Set([...system, ...units].flatMap(needsOf));
if (onDatabase.length > 0) needed.add('postgresql');
const needs: Needs = await provideNeeds([...needed]);

const outcomes: Outcome[] = [];
const skipped: string[] = [];
try {
  const runnable = (file: string): boolean => {
    const missing = needsOf(file).find((need) => needs.missing.has(need));
    if (missing !== undefined) skipped.push(`${file} (${needs.missing.get(missing)})`);
    return missing === undefined;
  };
  const base = { ...process.env, ...needs.environment, TEST_DATABASE_URL: undefined };
  outcomes.push(
    await runPass('Units and modules, embedded PostgreSQL', units.filter(runnable), base, 2),
  );
  const serverUrl = needs.environment['TEST_POSTGRESQL_URL'];
  if (serverUrl === undefined) {
    for (const file of onDatabase)
      skipped.push(`${file} on PostgreSQL (${needs.missing.get('postgresql')})`);
  } else {
    outcomes.push(
      await runPass(
        'The database tests again, PostgreSQL server',
        onDatabase.filter((file) => needsOf(file).every((need) => !needs.missing.has(need))),
        { ...base, TEST_DATABASE_URL: serverUrl },
        2,
      ),
    );
  }
  outcomes.push(await runPass('Whole system', system.filter(runnable), base, 1));
} finally {
  await needs.stop();
}

const sum = (pick: (outcome: Outcome) => number): number =>
  outcomes.reduce((total, outcome) => total + pick(outcome), 0);
const failures = outcomes.flatMap((outcome) => outcome.failures);
if (failures.length > 0)
  console.log(`\nFailed:\n${failures.map((name) => `  ${name}`).join('\n')}`);
if (skipped.length > 0)
  console.log(
    `\nSkipped, because this machine lacks something:\n${skipped.map((name) => `  ${name}`).join('\n')}`,
  );
const skippedCount = skipped.length + sum((outcome) => outcome.skipped);
console.log(
  `\n${sum((outcome) => outcome.passed)} passed, ${sum((outcome) => outcome.failed)} failed, ${skippedCount} skipped`,
);
const isStrict = process.env['CI'] !== undefined && process.env['CI'] !== '';
process.exitCode = sum((outcome) => outcome.failed) > 0 || (isStrict && skippedCount > 0) ? 1 : 0;
