/**
 * How long a newcomer waits: `flywheel up` in an empty home to the first token of a streamed answer,
 * and the same again in the home that it left; then the resident memory of every process, idle, with
 * the model loaded. Beside it what cannot be avoided: a bare Node process, and the bare embedded
 * database made and opened in a process of its own. `node bench/startup.ts FOLDER` takes the models of
 * that folder instead of the bundled ones.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '..');
const [modelsFolder] = process.argv.slice(2);
const COMMAND: readonly string[] =
  modelsFolder === undefined
    ? [join(ROOT, 'bin', 'flywheel'), 'up']
    : [process.execPath, join(ROOT, 'test', 'cloud', 'start.ts'), resolve(modelsFolder)];
const GIVE_UP_MS = 300_000;
/** Background work of the start (the console's build, the first reports) has ended by then. */
const SETTLE_MS = 10_000;

type FirstRun = { url: string; apiKey: string };
type Started = { child: ChildProcess; firstTokenMs: number; model: string };

const folder = mkdtempSync(join(tmpdir(), 'flywheel-bench-'));
try {
  const home = join(folder, 'home');
  const cold = await start(home);
  await stop(cold.child);
  const warm = await start(home);
  await delay(SETTLE_MS);
  const memory = readMemory(home);
  await stop(warm.child);
  const database = join(folder, 'bare');
  printTimes([
    ['empty home to first token', cold.firstTokenMs, bareDatabaseMs(database)],
    ['second start to first token', warm.firstTokenMs, bareDatabaseMs(database)],
  ]);
  console.log(`model ${warm.model}; bare is the embedded database alone\n`);
  printMemory(memory);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function start(home: string): Promise<Started> {
  const startedMs = performance.now();
  const [program = '', ...parameters] = COMMAND;
  const child = spawn(program, parameters, {
    cwd: ROOT,
    env: { ...process.env, FLYWHEEL_HOME: home, FLYWHEEL_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  while (performance.now() - startedMs < GIVE_UP_MS) {
    if (child.exitCode !== null) throw new Error(`it ended:\n${said}`);
    const model = await firstToken(home, startedMs);
    if (model !== null) return { child, firstTokenMs: performance.now() - startedMs, model };
    await delay(25);
  }
  child.kill('SIGTERM');
  throw new Error(`no token came:\n${said}`);
}

/** The model that answered, or null when nothing answers yet. */
async function firstToken(home: string, startedMs: number): Promise<string | null> {
  if (!existsSync(join(home, 'processes.json'))) return null;
  const { mtimeMs } = statSync(join(home, 'processes.json'));
  // The file of the start before says nothing about this one.
  if (mtimeMs < performance.timeOrigin + startedMs) return null;
  try {
    const { url, apiKey } = JSON.parse(
      readFileSync(join(home, 'first-run.json'), 'utf8'),
    ) as FirstRun;
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
    const models = await fetch(`${url}/v1/models`, { headers });
    const { data } = (await models.json()) as { data?: { id: string }[] };
    const model = data?.[0]?.id;
    if (model === undefined) return null;
    const messages = [{ role: 'user', content: 'Hello!' }];
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ model, messages, stream: true, max_tokens: 8 }),
    });
    if (!answer.ok || answer.body === null) return null;
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      if (/"content":"[^"]/.test(chunk)) return model;
    }
    return model;
  } catch {
    return null;
  }
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** A process that makes an empty database when there is none, and opens it. */
function bareDatabaseMs(path: string): number {
  const code = `import { PGlite } from '@electric-sql/pglite';
    const database = await PGlite.create({ dataDir: ${JSON.stringify(path)} });
    await database.query('select 1'); await database.close(); process.exit(0);`;
  const startedMs = performance.now();
  spawnSync(process.execPath, ['--input-type=module', '-e', code], { cwd: ROOT });
  return performance.now() - startedMs;
}

type Resident = Readonly<{ name: string; residentMib: number }>;

function readMemory(home: string): Resident[] {
  const processes = JSON.parse(readFileSync(join(home, 'processes.json'), 'utf8')) as Record<
    string,
    number
  >;
  const known = Object.entries(processes).map(([name, pid]) => ({ name, pid }));
  const node = processes['node'] ?? 0;
  const engines = childrenOf(node).map((pid) => ({ name: 'engine', pid }));
  return [...known, ...engines].map(({ name, pid }) => ({ name, residentMib: residentMib(pid) }));
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
        return Number(fields?.[1]) === parent;
      } catch {
        return false;
      }
    });
}

function residentMib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

function bareNodeMib(): number {
  const code = 'console.log(process.memoryUsage.rss())';
  const { stdout } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' });
  return Number(stdout) / 1024 ** 2;
}

function printTimes(rows: readonly (readonly [string, number, number])[]): void {
  console.log(`${'start'.padEnd(32)}${'Flywheel'.padStart(10)}${'bare'.padStart(10)}`);
  for (const [name, ms, bareMs] of rows) {
    const seconds = (value: number): string => `${(value / 1000).toFixed(1)} s`.padStart(10);
    console.log(`${name.padEnd(32)}${seconds(ms)}${seconds(bareMs)}`);
  }
}

function printMemory(rows: readonly Resident[]): void {
  const bare = bareNodeMib();
  const line = (name: string, mib: number, bareMib: number): string =>
    `${name.padEnd(32)}${`${mib.toFixed(0)} MiB`.padStart(10)}${`${bareMib.toFixed(0)} MiB`.padStart(10)}`;
  console.log(
    `${'resident, idle'.padEnd(32)}${'Flywheel'.padStart(10)}${'bare Node'.padStart(10)}`,
  );
  for (const { name, residentMib } of rows) console.log(line(name, residentMib, bare));
  const total = rows.reduce((sum, { residentMib }) => sum + residentMib, 0);
  console.log(line('all', total, bare * rows.length));
}
