/** For tests: a whole cloud in a home of its own, with a tiny model, as `flywheel up` starts it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { writeTinyGguf } from '../tiny-gguf.ts';

export type CloudHome = Readonly<{ home: string; models: string }>;

export type FirstRun = Readonly<{ url: string; email: string; password: string; apiKey: string }>;

export type TestCloud = Readonly<{
  child: ChildProcess;
  /** Everything it said so far. */
  said: () => string;
  exited: Promise<number | null>;
  firstRun: () => Promise<FirstRun>;
  pids: () => Promise<Record<string, number>>;
}>;

export const MODEL = 'flywheel/tiny';

/** A machine under load takes its time; what hangs is found by this and not by the clock of a test. */
const GIVE_UP_MS = 120_000;
const LOOK_EVERY_MS = 50;

/** A folder that is removed after the file's tests, and a catalogue with one tiny model. */
export async function createCloudHome(): Promise<CloudHome> {
  const folder = await mkdtemp(join(tmpdir(), 'flywheel-up-'));
  after(() => rm(folder, { recursive: true, force: true }));
  const models = join(folder, 'models');
  await mkdir(join(models, 'tiny'), { recursive: true });
  // Long enough for a stream that outlives a stop.
  await writeTinyGguf(join(models, 'tiny', 'tiny.gguf'), { contextLength: 4096 });
  const price = { inputPerMillion: '0.10', outputPerMillion: '0.40', currency: 'CNY' };
  const model = { name: MODEL, folder: 'tiny', license: 'apache-2.0', contextLength: 4096, price };
  await writeFile(join(models, 'catalogue.json'), JSON.stringify([model]));
  return { home: join(folder, 'home'), models };
}

/** Starts and waits for the banner. It is killed after the file's tests if it still runs. */
export async function startCloud(
  where: CloudHome,
  environment: Readonly<Record<string, string>> = {},
): Promise<TestCloud> {
  const cloud = spawnCloud(where, environment);
  await until('the banner', () => cloud.said().includes('Flywheel is ready'), cloud);
  return cloud;
}

export function spawnCloud(
  where: CloudHome,
  environment: Readonly<Record<string, string>> = {},
): TestCloud {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'start.ts'), where.models], {
    env: {
      ...process.env,
      FLYWHEEL_HOME: where.home,
      FLYWHEEL_PORT: '0',
      FLYWHEEL_ENGINE_THREADS: '1',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const readJson = async <T>(name: string): Promise<T> =>
    JSON.parse(await readFile(join(where.home, name), 'utf8')) as T;
  return {
    child,
    said: () => said,
    exited,
    firstRun: () => readJson('first-run.json'),
    pids: () => readJson('processes.json'),
  };
}

/** Waits for a condition; fails with what the cloud said when it never comes true. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  cloud?: TestCloud,
): Promise<void> {
  const untilMs = performance.now() + GIVE_UP_MS;
  while (!(await holds())) {
    const hasEnded = cloud !== undefined && cloud.child.exitCode !== null;
    if (performance.now() > untilMs || hasEnded) {
      throw new Error(`waited in vain for ${what}\n${cloud?.said() ?? ''}`);
    }
    await delay(LOOK_EVERY_MS);
  }
}

/** Processes that were started with this home, whoever their parent is now. */
export async function livingProcesses(home: string): Promise<number[]> {
  const living: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
    if (environment.split('\0').includes(`FLYWHEEL_HOME=${home}`)) living.push(Number(name));
  }
  return living;
}

export type ChatOptions = Readonly<{
  model?: string;
  content?: string;
  maxTokens?: number;
  stream?: boolean;
}>;

export async function chat(
  { url, apiKey }: Pick<FirstRun, 'url' | 'apiKey'>,
  { model = MODEL, content = 'Hello!', maxTokens = 4, stream = false }: ChatOptions = {},
): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      max_tokens: maxTokens,
      stream,
      ignore_eos: true,
      messages: [{ role: 'user', content }],
    }),
  });
}
