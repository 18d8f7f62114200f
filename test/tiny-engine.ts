/** Starts the real engine on the tiny random model, for tests of whatever talks to an engine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { EngineSpec, RunningEngine } from '#engine/engine.ts';
import { llamaAdapter } from '#engine/llama/llama.ts';
import { silentLog } from '#platform/log.ts';

import { writeTinyGguf } from './tiny-gguf.ts';
import type { TinyGgufOptions } from './tiny-gguf.ts';

export type TinyEngine = Readonly<{
  engine: RunningEngine;
  weightsPath: string;
  /** Ends the process without warning. */
  kill: () => void;
  close: () => Promise<void>;
}>;

export async function startTinyEngine(
  spec: Partial<EngineSpec> = {},
  gguf: TinyGgufOptions = {},
): Promise<TinyEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'flywheel-engine-'));
  const weightsPath = join(folder, 'tiny.gguf');
  try {
    await writeTinyGguf(weightsPath, gguf);
    const engine = await llamaAdapter.start(
      // One thread: tests share their machine, and llama.cpp's threads spin while they wait.
      { model: 'tiny', weightsPath, parallel: 2, contextLength: 2_048, threads: 1, ...spec },
      { log: silentLog },
    );
    return {
      engine,
      weightsPath,
      kill: () => {
        if (engine.pid !== null) process.kill(engine.pid, 'SIGKILL');
      },
      close: async () => {
        await engine.stop(0);
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
