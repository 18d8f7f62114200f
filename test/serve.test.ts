/** Each process alone, as on many machines: homes of their own, joined by an address and a token. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { chat, until } from './cloud/cloud.ts';
import { writeTinyGguf } from './tiny-gguf.ts';

const BIN = join(import.meta.dirname, '..', 'bin', 'flywheel');
const MODEL = 'operator/served';
const SLEEPER = 'operator/sleeper';
const JOIN_TOKEN = 'a-join-token-that-is-long-enough';

const folder = await mkdtemp(join(tmpdir(), 'flywheel-serve-'));
after(() => rm(folder, { recursive: true, force: true }));

type Served = { child: ChildProcess; said: () => string; exited: Promise<number | null> };

function serve(role: string, environment: Record<string, string>): Served {
  const child = spawn(BIN, ['serve', role], {
    env: {
      ...process.env,
      FLYWHEEL_PORT: '0',
      FLYWHEEL_JOIN_TOKEN: JOIN_TOKEN,
      FLYWHEEL_ENGINE_THREADS: '1',
      FLYWHEEL_HOME: join(folder, role),
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  after(() => child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, said: () => said, exited };
}

/** What its line `<role>.ready` says. */
async function readyLine(role: string, { said, child }: Served): Promise<Record<string, string>> {
  const line = (): string | undefined =>
    said()
      .split('\n')
      .find((text) => text.includes(`"event":"${role}.ready"`));
  await until(`${role} to be ready`, () => {
    assert.equal(child.exitCode, null, said());
    return line() !== undefined;
  });
  return JSON.parse(line() ?? '{}') as Record<string, string>;
}

async function urlOf(role: string, served: Served): Promise<string> {
  return (await readyLine(role, served))['url'] ?? '';
}

const database = serve('database', {});
const databaseUrl = await urlOf('database', database);
const control = serve('control', { FLYWHEEL_DATABASE_URL: databaseUrl });
const controlUrl = await urlOf('control', control);
const node = serve('node', { FLYWHEEL_CONTROL_URL: controlUrl });
const nodeUrl = await urlOf('node', node);
const gateway = serve('gateway', { FLYWHEEL_CONTROL_URL: controlUrl });
const url = await urlOf('gateway', gateway);
const { apiKey } = JSON.parse(
  await readFile(join(folder, 'control', 'first-run.json'), 'utf8'),
) as { apiKey: string };

async function call(method: string, path: string, body?: unknown) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, json: (await response.json()) as Record<string, never> };
}

describe('processes on machines of their own', () => {
  it('serve a model whose weights the node had to fetch', async () => {
    const source = join(folder, 'tiny.gguf');
    await writeTinyGguf(source);
    await until('the gateway to have a feed', async () => (await fetch(`${url}/readyz`)).ok);
    const started = await call('POST', '/cloud/v1/imports', { modelName: MODEL, source });
    assert.equal(started.status, 202, JSON.stringify(started.json));
    await until('the import', async () => {
      const { json } = await call('GET', `/cloud/v1/imports/${started.json['id']}`);
      return json['state'] === 'succeeded';
    });

    const deployed = await call('POST', '/cloud/v1/deployments', { model: MODEL });
    assert.equal(deployed.status, 201, JSON.stringify(deployed.json));

    // No waiting here: a request for a model that is starting waits by itself.
    await until(
      'an answer',
      async () => (await chat({ url, apiKey }, { model: MODEL })).status === 200,
    );
    assert.equal((await readdir(join(folder, 'node', 'cache', 'blobs'))).length > 0, true);
    assert.match(control.said(), /"event":"control.ready"/);
  });

  it('wake a sleeping deployment with the call that needs it', async () => {
    const deployed = await call('POST', '/cloud/v1/deployments', {
      model: MODEL,
      modelName: SLEEPER,
      replicasMin: 0,
    });
    assert.equal(deployed.status, 201, JSON.stringify(deployed.json));
    assert.equal(deployed.json['state'], 'absent');
    await until('the gateway to know it', async () => {
      const { json } = await call('GET', `/v1/models/${encodeURIComponent(SLEEPER)}`);
      return json['id'] === SLEEPER;
    });

    const answer = await chat({ url, apiKey }, { model: SLEEPER });

    assert.equal(answer.status, 200, await answer.text());
  });

  it('each say that they live, that they are ready, and how much they do', async () => {
    const { pages = '' } = await readyLine('database', database);
    const places = { database: pages, control: controlUrl, node: nodeUrl, gateway: url };
    for (const [role, place] of Object.entries(places)) {
      const asked = await Promise.all(
        ['/healthz', '/readyz', '/metrics'].map((path) => fetch(`${place}${path}`)),
      );

      const statuses = asked.map(({ status }) => status);
      assert.deepEqual(statuses, [200, 200, 200], role);
      assert.match((await asked[2]?.text()) ?? '', /^flywheel_\w+.* \d+$/m, role);
    }
  });

  it('say what is missing or wrong', async () => {
    const without = serve('gateway', { FLYWHEEL_HOME: join(folder, 'other') });
    assert.notEqual(await without.exited, 0);
    assert.match(without.said(), /Set FLYWHEEL_CONTROL_URL/);

    const stranger = serve('node', {
      FLYWHEEL_HOME: join(folder, 'stranger'),
      FLYWHEEL_CONTROL_URL: controlUrl,
      FLYWHEEL_JOIN_TOKEN: 'another-token',
      FLYWHEEL_NODE_NAME: 'stranger',
    });
    await until('the refusal', () => stranger.said().includes('FLYWHEEL_JOIN_TOKEN'));
    stranger.child.kill('SIGTERM');
    assert.equal(await stranger.exited, 0);
    const { json } = await call('GET', '/cloud/v1/nodes');
    assert.doesNotMatch(JSON.stringify(json), /stranger/);
  });

  it('stop well when they are asked to', async () => {
    for (const { child, exited, said } of [gateway, node, control, database]) {
      child.kill('SIGTERM');
      assert.equal(await exited, 0, said());
    }
  });
});
