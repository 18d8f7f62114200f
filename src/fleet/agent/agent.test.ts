import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { EngineAdapter, EngineExit, EngineSpec, RunningEngine } from '#engine/engine.ts';
import { systemClock } from '#platform/clock.ts';
import { FlywheelError } from '#platform/error.ts';
import { silentLog } from '#platform/log.ts';
import { createFolderObjects } from '#platform/objects/folder.ts';
import type { DesiredReplica, NodeReport, SyncAnswer } from '../sync.ts';
import { Agent } from './agent.ts';
import type { ControlClient } from './control-client.ts';

const home = await mkdtemp(join(tmpdir(), 'flywheel-agent-'));
after(() => rm(home, { recursive: true, force: true }));

const CONTENT = 'weights of a model';
const SHA256 = 'a4f0b0d5a5f9d3ed36ab3a0c3d5c9be7be3bcd6aab2cb6f3cd7aa9c0c7ee3b5c';

/** An engine in this process; its end is in the test's hands. */
class FakeEngine implements RunningEngine {
  readonly kind = 'llama';
  readonly url = 'http://127.0.0.1:1';
  readonly key = 'secret';
  readonly pid = null;
  readonly info;
  readonly exited: Promise<EngineExit>;
  readonly end: (exit: EngineExit) => void;
  running = 0;

  constructor(spec: EngineSpec) {
    const capabilities = {
      chat: true,
      completions: false,
      embeddings: false,
      tools: false,
      json: false,
      reasoning: false,
      logprobs: false,
    };
    this.info = { model: spec.model, contextLength: 2048, parallel: spec.parallel, capabilities };
    const { promise, resolve } = Promise.withResolvers<EngineExit>();
    this.exited = promise;
    this.end = resolve;
  }

  async stats() {
    const { running } = this;
    const none = {
      kvUse: null,
      cachedTokens: null,
      timeToFirstTokenMs: null,
      timePerTokenMs: null,
    };
    return { running, waiting: 0, ...none };
  }

  async stop() {
    this.end({ reason: 'stopped', message: 'The engine was stopped.' });
  }
}

/** Control that says what the test wants it to say, and remembers the last report. */
class FakeControl implements ControlClient {
  desired: DesiredReplica[] = [];
  last: NodeReport | null = null;
  blobReads: number[] = [];
  #held: (() => void) | null = null;

  async sync(report: NodeReport, signal: AbortSignal): Promise<SyncAnswer> {
    this.last = report;
    const tag = (): string => JSON.stringify(this.desired);
    if (report.knownTag === tag()) {
      await new Promise<void>((resolve, reject) => {
        this.#held = resolve;
        signal.addEventListener('abort', () => reject(new Error('aborted')));
        if (signal.aborted) reject(new Error('aborted'));
      });
    }
    return { nodeId: 'nod', tag: tag(), replicas: this.desired };
  }

  want(desired: DesiredReplica[]): void {
    this.desired = desired;
    this.#held?.();
  }

  async readBlob(_sha256: string, offset: number): Promise<ReadableStream<Uint8Array>> {
    this.blobReads.push(offset);
    return ReadableStream.from([Buffer.from(CONTENT.slice(offset))]);
  }

  state(): string | null {
    return this.last?.replicas[0]?.state ?? null;
  }

  reason(): string | null {
    return this.last?.replicas[0]?.reason ?? null;
  }
}

const replica = (change: Partial<DesiredReplica> = {}): DesiredReplica => ({
  id: 'rep',
  deploymentId: 'dep',
  modelName: 'op/tiny',
  modelId: 'mdl',
  revisionId: 'rev',
  engine: 'llama',
  parallel: 4,
  contextLength: null,
  baseUrl: null,
  upstreamModel: null,
  weights: [],
  adapter: null,
  isDraining: false,
  ...change,
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

function startAgent(start: (spec: EngineSpec) => Promise<RunningEngine>, folder = 'cache') {
  const control = new FakeControl();
  const adapter: EngineAdapter = { kind: 'llama', start };
  const agent = new Agent({
    control,
    adapters: { llama: adapter, openai: adapter },
    cache: createFolderObjects({ folder: join(home, folder), reserveBytes: 0 }),
    sharedPath: (sha256) => join(home, 'shared', sha256),
    clock: systemClock,
    log: silentLog,
    name: 'one',
    region: 'local',
    version: '0',
    threads: null,
  });
  after(() => agent.stop(0));
  return { agent, control };
}

describe('an agent', () => {
  it('runs what control wants and says so', async () => {
    const { control } = startAgent(async (spec) => new FakeEngine(spec));

    control.want([replica()]);
    await until(() => control.state() === 'ready');

    const told = control.last?.replicas[0];
    assert.equal(told?.url, 'http://127.0.0.1:1');
    assert.deepEqual(told?.info?.capabilities, ['chat']);
  });

  it('starts an engine again that died, and says why meanwhile', async () => {
    const engines: FakeEngine[] = [];
    const { control } = startAgent(async (spec) => {
      const engine = new FakeEngine(spec);
      engines.push(engine);
      return engine;
    });
    control.want([replica()]);
    await until(() => control.state() === 'ready');

    engines[0]?.end({ reason: 'died', message: 'The engine process ended by signal SIGSEGV.' });
    await until(() => control.state() === 'loading');
    const reason = control.reason();
    await until(() => control.state() === 'ready');

    assert.match(reason ?? '', /SIGSEGV\. Trying again in 1 s/);
    assert.equal(control.last?.replicas[0]?.restarts, 1);
  });

  it('calls a model failed that can never load, with the reason', async () => {
    const { control } = startAgent(async () => {
      throw new FlywheelError('engine.weights_foreign', 'This is no model.', { status: 400 });
    });

    control.want([replica()]);
    await until(() => control.state() === 'failed');

    assert.match(control.reason() ?? '', /^This is no model\./);
  });

  it('lets a draining replica finish what it answers', async () => {
    const engines: FakeEngine[] = [];
    const { agent, control } = startAgent(async (spec) => {
      const engine = new FakeEngine(spec);
      engine.running = 1;
      engines.push(engine);
      return engine;
    });
    control.want([replica()]);
    await until(() => control.state() === 'ready');

    control.want([replica({ isDraining: true })]);
    await until(() => control.state() === 'draining');
    assert.equal(agent.countReplicas(), 1);
    for (const engine of engines) engine.running = 0;

    await until(() => agent.countReplicas() === 0);
  });

  it('stops what control does not know', async () => {
    const { agent, control } = startAgent(async (spec) => new FakeEngine(spec));
    control.want([replica()]);
    await until(() => control.state() === 'ready');

    control.want([]);

    await until(() => agent.countReplicas() === 0);
  });

  it('takes nothing new while it is leaving', async () => {
    const engines: FakeEngine[] = [];
    const { agent, control } = startAgent(async (spec) => {
      const engine = new FakeEngine(spec);
      engine.running = 1;
      engines.push(engine);
      return engine;
    });
    control.want([replica()]);
    await until(() => control.state() === 'ready');

    const stopping = agent.stop(60_000);
    await until(() => control.last?.isLeaving === true && control.state() === 'draining');
    control.want([replica({ isDraining: true }), replica({ id: 'another' })]);
    for (const engine of engines) engine.running = 0;
    await stopping;

    assert.equal(engines.length, 1);
    assert.deepEqual(control.last?.replicas, []);
  });

  it('tells control that nothing runs here any more when it ends', async () => {
    const { agent, control } = startAgent(async (spec) => new FakeEngine(spec));
    control.want([replica()]);
    await until(() => control.state() === 'ready');

    await agent.stop(0);

    assert.deepEqual(control.last?.replicas, []);
  });
});

describe('weights', () => {
  const file = { sha256: sha256Of(CONTENT), sizeBytes: CONTENT.length, path: 'model.gguf' };

  it('are pulled, checked and kept', async () => {
    let path = '';
    const { control } = startAgent(async (spec) => {
      path = spec.weightsPath ?? '';
      return new FakeEngine(spec);
    }, 'pulled');

    control.want([replica({ weights: [file] })]);
    await until(() => control.state() === 'ready');

    assert.equal(await readFile(path, 'utf8'), CONTENT);
    assert.deepEqual(control.blobReads, [0]);
  });

  it('go on where a broken pull ended', async () => {
    const cache = createFolderObjects({ folder: join(home, 'resumed'), reserveBytes: 0 });
    const stage = await cache.stage(file.sha256);
    await stage.append(ReadableStream.from([Buffer.from(CONTENT.slice(0, 5))]));
    await stage.close();
    const { control } = startAgent(async (spec) => new FakeEngine(spec), 'resumed');

    control.want([replica({ weights: [file] })]);
    await until(() => control.state() === 'ready');

    assert.deepEqual(control.blobReads, [5]);
  });

  it('are refused when they are not what was asked for', async () => {
    const { control } = startAgent(async (spec) => new FakeEngine(spec), 'wrong');

    control.want([replica({ weights: [{ ...file, sha256: SHA256 }] })]);
    await until(() => control.last?.replicas[0]?.restarts === 1);

    assert.match(control.reason() ?? '', /model\.gguf arrived with another content/);
  });

  it('lie side by side when a model is split', async () => {
    let path = '';
    const { control } = startAgent(async (spec) => {
      path = spec.weightsPath ?? '';
      return new FakeEngine(spec);
    }, 'split');

    const parts = ['model-00001-of-00002.gguf', 'model-00002-of-00002.gguf'];
    control.want([replica({ weights: parts.map((name) => ({ ...file, path: name })) })]);
    await until(() => control.state() === 'ready');

    assert.ok(path.endsWith(parts[0] ?? ''));
    assert.equal(await readFile(path.replace('00001-of', '00002-of'), 'utf8'), CONTENT);
  });

  it('are used where they are when control shares the home', async () => {
    await mkdir(join(home, 'shared'), { recursive: true });
    await writeFile(join(home, 'shared', SHA256), CONTENT);
    const { control } = startAgent(async (spec) => new FakeEngine(spec), 'unused');

    control.want([replica({ weights: [{ ...file, sha256: SHA256 }] })]);
    await until(() => control.state() === 'ready');

    assert.deepEqual(control.blobReads, []);
  });
});

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
