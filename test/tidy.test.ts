/**
 * Style as a test: the floor plan of ARCHITECTURE.md, the size of files and the privacy of each
 * module's tables hold because this fails when they do not.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const ROOT = join(import.meta.dirname, '..');

/** Lowest floor first. A module may import from floors below its own, and from itself. */
const FLOORS: readonly (readonly string[])[] = [
  ['platform'],
  ['tenancy', 'vault', 'xet'],
  ['hub', 'ledger', 'engine', 'tasks', 'notices'],
  ['pricing', 'credits', 'fleet', 'routing', 'limits', 'payments', 'authors'],
  ['metering', 'providers'],
  [
    'gateway',
    'requests',
    'batches',
    'finance',
    'budgets',
    'tuning',
    'media',
    'guard',
    'partner',
    'planner',
    'invoices',
    'reconciliation',
  ],
  ['main'],
];

const isShape = (target: string): boolean => /^[a-z]+\/(?:[a-z]+\/)?api\.ts$/.test(target);

/** `client` sees only the public shapes; `cli` sees those and `client`, and starts processes through `main`. */
const BESIDE: Readonly<Record<string, (target: string) => boolean>> = {
  client: (target) => target.startsWith('client/') || isShape(target),
  cli: (target) =>
    isShape(target) ||
    ['cli/', 'client/', 'main/', 'platform/'].some((folder) => target.startsWith(folder)),
};

const LINES_MAX = 400;
const TEST_LINES_MAX = 600;

/** Catch-alls where code goes to rot, with what to write instead. */
const FORBIDDEN_NAMES =
  /^(utils?|helpers?|common|shared|misc|lib|manager|service|base|index)\.tsx?$/;

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(ROOT, file)));

const code = tracked.filter((file) => /\.tsx?$/.test(file) && !file.includes('/generated/'));
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

describe('the floor plan', () => {
  it('has only arrows that point down', () => {
    const wrong: string[] = [];
    for (const file of code.filter(
      (name) => name.startsWith('src/') && !name.endsWith('.test.ts'),
    )) {
      const from = moduleOf(file.slice('src/'.length));
      for (const target of importsOf(file)) {
        if (!mayImport(from, target)) wrong.push(`${file} must not import ${target}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it("keeps each module's tables private", () => {
    const wrong: string[] = [];
    for (const file of code.filter((name) => name.startsWith('src/'))) {
      const from = moduleOf(file.slice('src/'.length));
      for (const target of importsOf(file)) {
        if (target.endsWith('/store.ts') && moduleOf(target) !== from) {
          wrong.push(`${file} reaches into ${target}; call ${moduleOf(target)}'s public function`);
        }
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('lets the console see nothing but the client and the public shapes', () => {
    const wrong: string[] = [];
    for (const file of code.filter((name) => name.startsWith('console/'))) {
      for (const target of importsOf(file)) {
        if (!target.startsWith('client/')) wrong.push(`${file} must not import ${target}`);
      }
    }
    assert.deepEqual(wrong, []);
  });
});

describe('files', () => {
  it('stay small', () => {
    const long = code
      .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
      .filter(({ file, lines }) => lines > (isTest(file) ? TEST_LINES_MAX : LINES_MAX))
      .map(({ file, lines }) => `${file} has ${lines} lines; split it by idea`);
    assert.deepEqual(long, []);
  });

  it('have names that say what is inside', () => {
    const vague = code.filter((file) => FORBIDDEN_NAMES.test(file.split('/').at(-1) ?? ''));
    assert.deepEqual(vague, []);
  });

  it('hold no test that is skipped or runs alone', () => {
    const marked = code.filter(
      (file) =>
        /\.test\.tsx?$/.test(file) && /\b(it|test|describe)\.(only|skip|todo)\(/.test(read(file)),
    );
    assert.deepEqual(marked, []);
  });
});

function moduleOf(path: string): string {
  return path.split('/')[0] ?? '';
}

function isTest(file: string): boolean {
  return /\.test\.tsx?$/.test(file) || file.startsWith('test/') || file.startsWith('bench/');
}

/** Targets inside src/, as `module/file.ts`. */
function importsOf(file: string): string[] {
  const targets: string[] = [];
  for (const match of read(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
    const specifier = match[1] ?? '';
    if (specifier.startsWith('#')) targets.push(specifier.slice(1));
    else if (specifier.startsWith('.')) {
      const resolved = join(file, '..', specifier);
      if (resolved.startsWith('src/')) targets.push(resolved.slice('src/'.length));
    }
  }
  return targets;
}

function mayImport(from: string, target: string): boolean {
  const beside = BESIDE[from];
  if (beside !== undefined) return beside(target);
  const to = moduleOf(target);
  if (to === from) return true;
  if (from === 'main' && ['client', 'cli'].includes(to)) return false;
  return floorOf(to) < floorOf(from);
}

/** Modules that have no floor yet belong on none: add them to FLOORS and to ARCHITECTURE.md. */
function floorOf(module: string): number {
  const floor = FLOORS.findIndex((names) => names.includes(module));
  assert.notEqual(floor, -1, `module ${module} has no floor`);
  return floor;
}
