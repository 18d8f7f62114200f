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

/** The address in its line `<role>.ready`. */
async function urlOf(role: string, { said, child }: Served): Promise<string> {
  const line = (): string | undefined =>
    said()
      .split('\n')
      .find((text) => text.includes(`"event":"${role}.ready"`));
  await until(`${role} to be ready`, () => {
    assert.equal(child.exitCode, null, said());
    return line() !== undefined;
  });
  return (JSON.parse(line() ?? '{}') as { url: string }).url;
}

const database = serve('database', {});
const databaseUrl = await urlOf('database', database);
const control = serve('control', { FLYWHEEL_DATABASE_URL: databaseUrl });
const controlUrl = await urlOf('control', control);
const node = serve('node', { FLYWHEEL_CONTROL_URL: controlUrl });
await urlOf('node', node);
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
