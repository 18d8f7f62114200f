/**
 * What an install costs a newcomer: `npm ci` in a fresh clone with an empty cache, time and size.
 * Goal: at most 90 s and 600 MB in node_modules.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'flywheel-install-'));

try {
  const clone = join(folder, 'flywheel');
  execFileSync('git', ['clone', '--quiet', ROOT, clone]);
  const startedMs = performance.now();
  execFileSync('npm', ['ci', '--cache', join(folder, 'cache')], { cwd: clone, stdio: 'ignore' });
  const seconds = (performance.now() - startedMs) / 1000;
  const kib = Number(
    execFileSync('du', ['-sk', join(clone, 'node_modules')], { encoding: 'utf8' }).split('\t')[0],
  );
  console.table([
    { what: 'npm ci, empty cache', measured: `${seconds.toFixed(1)} s`, goal: '≤ 90 s' },
    { what: 'node_modules', measured: `${Math.round(kib / 1024)} MB`, goal: '≤ 600 MB' },
  ]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
