/** Something that answers chats and whose cost is measured: one of ours, or a program of others. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { FromMeasured } from './measured.ts';
import { MODEL, requestBody } from './scenario.ts';

export type Target = Readonly<{
  name: string;
  url: string;
  path: string;
  model: string;
  headers: Readonly<Record<string, string>>;
  pid: number;
  stop: () => Promise<void>;
}>;

const PATH = '/v1/chat/completions';
/** LiteLLM imports for half a minute on a busy machine. */
const READY_TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 200;
const STOP_TIMEOUT_MS = 5_000;

/** A file of this folder in a process of its own, on a port that it chooses. */
export async function startOwn(
  name: string,
  file: string,
  options: Readonly<{ parameters?: readonly string[]; headers?: Target['headers'] }> = {},
): Promise<Target> {
  const { parameters = [], headers = {} } = options;
  const child = fork(join(import.meta.dirname, file), [...parameters], { stdio: 'inherit' });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${file} ended`);
  });
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [FromMeasured];
  ended.catch(() => null);
  if (message.kind !== 'ready') throw new Error(`${file} did not start`);
  const stop = async (): Promise<void> => {
    child.send('stop');
    await once(child, 'exit');
  };
  return { name, url: message.url, path: PATH, model: MODEL, headers, pid: child.pid ?? 0, stop };
}

export type Foreign = Readonly<{
  name: string;
  command: string;
  parameters: readonly string[];
  port: number;
  environment?: Readonly<Record<string, string>>;
  headers?: Target['headers'];
}>;

/** A program of others; ready when it answers a chat with 200. Raises what it did instead. */
export async function startForeign(foreign: Foreign): Promise<Target> {
  const { name, command, parameters, port, environment = {}, headers = {} } = foreign;
  const child = spawn(command, [...parameters], {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, ...environment },
  });
  const failures: Error[] = [];
  child.on('error', (error) => failures.push(error));
  const target: Target = {
    name,
    url: `http://127.0.0.1:${port}`,
    path: PATH,
    model: MODEL,
    headers,
    pid: child.pid ?? 0,
    stop: () => stopGroup(child),
  };
  const untilMs = performance.now() + READY_TIMEOUT_MS;
  let said = 'nothing';
  while (performance.now() < untilMs && failures.length === 0 && child.exitCode === null) {
    said = await tryOnce(target);
    if (said === '200') return target;
    await wait(LOOK_EVERY_MS);
  }
  await stopGroup(child);
  throw failures[0] ?? new Error(`${name} did not serve a chat; it said ${said}`);
}

async function tryOnce({ url, path, model, headers }: Target): Promise<string> {
  try {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: requestBody(false, model),
      signal: AbortSignal.timeout(STOP_TIMEOUT_MS),
    });
    const text = await response.text();
    return response.status === 200 ? '200' : `${response.status} ${text.slice(0, 200)}`;
  } catch (error) {
    return error instanceof Error ? error.message : 'nothing';
  }
}

/** With its workers: some of these leave them behind. */
async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const exited = once(child, 'exit');
  process.kill(-child.pid, 'SIGTERM');
  const timer = setTimeout(() => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}
