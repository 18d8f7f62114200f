/** `npm run check`: types, lint, format and the tidy test, side by side; one word at the end. */
import { spawn } from 'node:child_process';

type Step = Readonly<{ name: string; command: string; arguments: readonly string[] }>;

const STEPS: readonly Step[] = [
  {
    name: 'types',
    command: 'tsc',
    arguments: ['-p', '.', '--incremental', '--tsBuildInfoFile', '.cache/types.json'],
  },
  {
    name: 'types of the console',
    command: 'tsc',
    arguments: ['-p', 'console', '--incremental', '--tsBuildInfoFile', '.cache/console-types.json'],
  },
  { name: 'lint', command: 'oxlint', arguments: ['--quiet'] },
  { name: 'format', command: 'oxfmt', arguments: ['--check', '.'] },
  { name: 'tidy', command: 'node', arguments: ['--test', 'test/tidy.test.ts'] },
];

const startedMs = performance.now();
const results = await Promise.all(STEPS.map(runStep));
for (const { name, code, output } of results) {
  console.log(`${code === 0 ? '✔' : '✖'} ${name}`);
  if (code !== 0) console.log(output);
}
const isClean = results.every(({ code }) => code === 0);
console.log(
  `${isClean ? 'clean' : 'not clean'} in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`,
);
process.exitCode = isClean ? 0 : 1;

function runStep(step: Step): Promise<{ name: string; code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(step.command, [...step.arguments], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ name: step.name, code: code ?? 1, output }));
  });
}
