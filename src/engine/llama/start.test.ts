import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { silentLog } from '#platform/log.ts';

import { startTinyEngine } from '../../../test/tiny-engine.ts';
import { writeTinyGguf, writeTinyLora } from '../../../test/tiny-gguf.ts';
import { createEngineClient } from '../contract-client.ts';
import { llamaAdapter } from './llama.ts';
import type { EngineSpec } from '../engine.ts';

describe('starting a llama engine', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flywheel-start-'));
    await writeTinyGguf(join(folder, 'good.gguf'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const start = (file: string, spec: Partial<EngineSpec> = {}) =>
    llamaAdapter.start(
      { model: 'm', weightsPath: join(folder, file), parallel: 1, threads: 1, ...spec },
      { log: silentLog },
    );

  const damaged = async (name: string, damage: (bytes: Buffer) => Buffer): Promise<string> => {
    await writeFile(join(folder, name), damage(await readFile(join(folder, 'good.gguf'))));
    return name;
  };

  it('says that a model file is missing, empty, foreign or damaged', async () => {
    const cases: [file: string, code: string, message: RegExp][] = [
      ['none.gguf', 'engine.weights_missing', /does not exist/],
      ['', 'engine.weights_unreadable', /not a file/],
      [await damaged('empty', () => Buffer.alloc(0)), 'engine.weights_foreign', /empty/],
      [await damaged('text', () => Buffer.from('hello, world')), 'engine.weights_foreign', /GGUF/],
      [await damaged('short', (b) => b.subarray(0, 12)), 'engine.weights_corrupt', /header/],
      [await damaged('head', (b) => b.subarray(0, 3_000)), 'engine.weights_corrupt', /cannot/],
      [
        await damaged('half', (b) => b.subarray(0, 150_000)),
        'engine.weights_corrupt',
        /incomplete/,
      ],
      [await damaged('old', (b) => withVersion(b, 1)), 'engine.weights_foreign', /version 1/],
    ];

    for (const [file, code, message] of cases) {
      await assert.rejects(start(file), { code, message }, file);
    }
  });

  it('does not put the place of a file into its errors', async () => {
    const file = await damaged('cut', (bytes) => bytes.subarray(0, 3_000));

    await assert.rejects(start(file), ({ message }: Error) => !message.includes(folder));
  });

  it('refuses a context longer than the model was made for, and no place to run', async () => {
    await assert.rejects(start('good.gguf', { contextLength: 4_096 }), {
      code: 'engine.context_too_long',
      message: /4096.*2048/,
    });
    await assert.rejects(start('good.gguf', { parallel: 0 }), { code: 'engine.spec_invalid' });
    await assert.rejects(llamaAdapter.start({ model: 'm', parallel: 1 }, { log: silentLog }), {
      code: 'engine.spec_invalid',
    });
  });

  it('gives up in time, or when it is told to', async () => {
    const spec = { model: 'm', weightsPath: join(folder, 'good.gguf'), parallel: 1, threads: 1 };
    const signal = AbortSignal.abort();

    await assert.rejects(llamaAdapter.start(spec, { log: silentLog, startTimeoutMs: 1 }), {
      code: 'engine.start_timeout',
    });
    await assert.rejects(llamaAdapter.start(spec, { log: silentLog, signal }), {
      code: 'engine.start_aborted',
    });
  });

  it('applies a LoRA adapter at its scale', async () => {
    const adapterPath = join(folder, 'lora.gguf');
    await writeTinyLora(adapterPath);
    const ask = async (spec: Partial<EngineSpec>) => {
      const engine = await start('good.gguf', spec);
      const reply = await createEngineClient(engine).chat({ temperature: 0, max_tokens: 16 });
      await engine.stop(0);
      return reply.choices[0]?.message.content;
    };

    const plain = await ask({});

    assert.equal(await ask({ adapterPath, adapterScale: 0 }), plain);
    assert.notEqual(await ask({ adapterPath }), plain);
  });

  it('tells the progress of loading, up to the end', async () => {
    const seen: number[] = [];
    const engine = await llamaAdapter.start(
      { model: 'm', weightsPath: join(folder, 'good.gguf'), parallel: 1, threads: 1 },
      { log: silentLog, onProgress: (fraction) => seen.push(fraction) },
    );
    await engine.stop(0);

    assert.equal(seen.at(-1), 1);
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    );
  });

  it('never outlives the process that started it', async () => {
    const parent = fork(fileURLToPath(new URL('../../../test/engine-parent.ts', import.meta.url)));
    const [pid]: unknown[] = await once(parent, 'message');
    const [weightsPath]: unknown[] = await once(parent, 'message');
    assert.ok(typeof pid === 'number' && isRunning(pid));

    parent.kill('SIGKILL');

    while (isRunning(pid)) await new Promise((resolve) => setImmediate(resolve));
    await rm(dirname(String(weightsPath)), { recursive: true });
  });
});

describe('stopping a llama engine', () => {
  it('refuses new requests and cuts off those that take too long', async () => {
    const tiny = await startTinyEngine();
    const client = createEngineClient(tiny.engine);
    const endless = { max_tokens: 2_000, ignore_eos: true };
    const response = await client.open({ ...endless, stream: true });
    const reader = response.body?.getReader();
    await reader?.read();

    const stopped = tiny.engine.stop(0);

    let text = '';
    const decoder = new TextDecoder();
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
      text += decoder.decode(part.value, { stream: true });
    }
    assert.match(text, /"code":"engine_stopping"|\[DONE\]/);
    await stopped;
    assert.equal((await tiny.engine.exited).reason, 'stopped');
    await assert.rejects(tiny.engine.stats(), { code: 'engine.unreachable' });
    await tiny.close();
  });
});

function withVersion(bytes: Buffer, version: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt32LE(version, 4);
  return copy;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
