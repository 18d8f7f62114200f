/**
 * The `llama` adapter: one child process per engine, with llama.cpp inside it. This file starts the
 * child, waits until it answers, and reports its end whatever the cause. It promises that a child
 * never outlives its parent (the pipe between them closes) and that a failed start leaves nothing
 * running. What happens inside the child is `child.ts` and below.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import type { Log } from '#platform/log.ts';

import { failEngine, isEngineErrorCode } from '../errors.ts';
import { fetchStats } from '../fetch-stats.ts';
import { fromChildSchema } from './messages.ts';
import { watchLastWords } from './last-words.ts';
import { checkModelFile } from './model-file.ts';
import type {
  EngineAdapter,
  EngineExit,
  EngineSpec,
  EngineStartOptions,
  RunningEngine,
} from '../engine.ts';
import type { FromChild, Launch, ToChild } from './messages.ts';

const CHILD_PATH = fileURLToPath(new URL('./child.ts', import.meta.url));

/** A large model on a slow disk; whoever knows better says so. */
const START_TIMEOUT_MS = 10 * 60_000;

/** After the grace of running requests, for unloading; then the child is killed. */
const EXIT_MARGIN_MS = 5_000;

type Ready = Extract<FromChild, { type: 'ready' }>;

export const llamaAdapter: EngineAdapter = {
  kind: 'llama',
  start: async (spec, options) => {
    const key = randomBytes(24).toString('base64url');
    const launch = toLaunch(spec, key);
    await checkModelFile(launch.weightsPath);
    if (launch.adapterPath !== undefined) await checkModelFile(launch.adapterPath);
    // Flags of the parent (a debugger's port, a memory limit) are not meant for the child.
    const child = fork(CHILD_PATH, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
    const log = options.log.with({ engine: spec.model, pid: child.pid });
    const stopping = { asked: false };
    const exited = watchExit(child, stopping);
    try {
      send(child, launch);
      const ready = await waitUntilReady(child, { ...options, log, exited });
      return createRunning({ child, ready, key, exited, stopping, log });
    } catch (error) {
      child.kill('SIGKILL');
      await exited;
      throw error;
    }
  },
};

function toLaunch(spec: EngineSpec, key: string): Launch {
  const { model, weightsPath, adapterPath, adapterScale, contextLength, parallel, threads } = spec;
  if (weightsPath === undefined) {
    throw failEngine('engine.spec_invalid', 'A llama engine needs the path of a model file.');
  }
  if (!Number.isInteger(parallel) || parallel < 1) {
    throw failEngine('engine.spec_invalid', 'An engine needs at least one parallel place.');
  }
  return {
    type: 'launch',
    key,
    model,
    weightsPath,
    parallel,
    ...(adapterPath === undefined ? {} : { adapterPath }),
    ...(adapterScale === undefined ? {} : { adapterScale }),
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(threads === undefined ? {} : { threads }),
  };
}

function send(child: ChildProcess, message: ToChild): void {
  // A child that is gone already reports itself through its exit.
  child.send(message, () => {});
}

function watchExit(child: ChildProcess, stopping: { asked: boolean }): Promise<EngineExit> {
  const { promise, resolve } = Promise.withResolvers<EngineExit>();
  const lastWords = watchLastWords(child.stderr);
  child.on('error', (error) => {
    resolve({ reason: 'died', message: `The engine process could not run: ${error.message}` });
  });
  // `close` comes after `exit`, when standard error was read to its end.
  child.on('close', (code, signal) => {
    if (stopping.asked) {
      resolve({ reason: 'stopped', message: 'The engine was stopped.' });
      return;
    }
    const how = signal === null ? `with exit code ${code}` : `by signal ${signal}`;
    const words = lastWords();
    const why = words === null ? '.' : `: ${words}`;
    resolve({ reason: 'died', message: `The engine process ended ${how}${why}` });
  });
  return promise;
}

async function waitUntilReady(
  child: ChildProcess,
  options: EngineStartOptions & { exited: Promise<EngineExit> },
): Promise<Ready> {
  const { promise, resolve, reject } = Promise.withResolvers<Ready>();
  const timeoutMs = options.startTimeoutMs ?? START_TIMEOUT_MS;
  const timer = setTimeout(() => {
    const seconds = Math.round(timeoutMs / 1_000);
    reject(failEngine('engine.start_timeout', `The model was not loaded within ${seconds} s.`));
  }, timeoutMs);
  const abort = (): void => {
    reject(failEngine('engine.start_aborted', 'The start was given up.'));
  };
  options.signal?.addEventListener('abort', abort, { once: true });
  if (options.signal?.aborted === true) abort();
  child.on('message', (raw: unknown) => {
    const message = fromChildSchema.parse(raw);
    if (message.type === 'ready') resolve(message);
    if (message.type === 'progress') options.onProgress?.(message.fraction);
    if (message.type === 'log') options.log[message.level]('engine.log', { text: message.message });
    if (message.type === 'failed') {
      const code = isEngineErrorCode(message.code) ? message.code : 'engine.start_failed';
      reject(failEngine(code, message.message));
    }
  });
  void options.exited.then(({ message }) =>
    reject(failEngine('engine.start_failed', `${message} It was still loading the model.`)),
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', abort);
  }
}

function createRunning(parts: {
  child: ChildProcess;
  ready: Ready;
  key: string;
  exited: Promise<EngineExit>;
  stopping: { asked: boolean };
  log: Log;
}): RunningEngine {
  const { child, ready, key, exited, stopping, log } = parts;
  const url = `http://127.0.0.1:${ready.port}`;
  log.info('engine.started', { port: ready.port, contextLength: ready.info.contextLength });
  return {
    kind: 'llama',
    url,
    key,
    pid: child.pid ?? null,
    info: ready.info,
    exited,
    stats: () => fetchStats(`${url}/stats`, key),
    stop: async (graceMs) => {
      stopping.asked = true;
      send(child, { type: 'stop', graceMs });
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs + EXIT_MARGIN_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}
