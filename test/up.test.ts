/** `flywheel up` as people meet it: one command, a model that answers, and nothing left behind. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  MODEL,
  chat,
  createCloudHome,
  livingProcesses,
  spawnCloud,
  startCloud,
  until,
} from './cloud/cloud.ts';

const ROOT = join(import.meta.dirname, '..');
const MARKER = 'marker-cerulean-walrus-4711';

const where = await createCloudHome();
let cloud = await startCloud(where);
const first = await cloud.firstRun();

/** The one process of this home that runs a model. */
async function engineOf(home: string): Promise<number> {
  for (const pid of await livingProcesses(home)) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (/engine\/llama\/child\.[jt]s/.test(command)) return pid;
  }
  throw new Error('no engine runs');
}

describe('a cloud that was just started', () => {
  it('says where it is, how to sign in, and a call that works', async () => {
    const said = cloud.said();

    for (const text of [first.url, first.email, first.password, first.apiKey, MODEL]) {
      assert.ok(said.includes(text), `the banner has no ${text}:\n${said}`);
    }
    const curl = /curl .*\\\n.*'$/m.exec(said)?.[0] ?? '';
    const { stdout } = spawnSync('sh', ['-c', `${curl} -s`], { encoding: 'utf8' });
    assert.match(stdout, /chat\.completion/);
  });

  it('lets the owner sign in', async () => {
    const answer = await fetch(`${first.url}/cloud/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: first.url },
      body: JSON.stringify({ email: first.email, password: first.password }),
    });
    const cookie = answer.headers.getSetCookie().map((line) => line.split(';')[0]);
    const me = await fetch(`${first.url}/cloud/v1/me`, {
      headers: { cookie: cookie.join('; '), origin: first.url },
    });

    assert.equal(me.status, 200);
    assert.match(await me.text(), /"role":"owner"/);
  });

  it('posts what a call cost', async () => {
    const answer = await chat(first, { content: MARKER });
    assert.equal(answer.status, 200);

    await until('the call to be posted', async () => {
      const balance = await fetch(`${first.url}/cloud/v1/balance`, {
        headers: { authorization: `Bearer ${first.apiKey}` },
      });
      const { balance: left } = (await balance.json()) as { balance: string };
      return Number(left) < 1000;
    });
  });

  it('hides what is for gateways and nodes, and describes the rest', async () => {
    const hidden = await fetch(`${first.url}/internal/v1/feed`);
    const description = await fetch(`${first.url}/cloud/openapi.json`);

    assert.equal(hidden.status, 404);
    const text = await description.text();
    assert.match(text, /\/cloud\/v1\/deployments/);
    assert.doesNotMatch(text, /\/internal\//);
  });

  it('refuses a second cloud in the same home, and a port that is taken', async () => {
    const second = spawnCloud(where);
    assert.equal(await second.exited, 1);
    assert.match(second.said(), /already runs in this home, as process \d+/);

    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const other = await createCloudHome();
    const refused = spawnCloud(other, { FLYWHEEL_PORT: String(port) });
    assert.equal(await refused.exited, 1);
    assert.match(refused.said(), new RegExp(`Port ${port} is already in use.*FLYWHEEL_PORT=`));
    taken.close();
  });
});

describe('a cloud whose processes die', () => {
  for (const name of ['node', 'gateway', 'control', 'database']) {
    it(`starts the ${name} again and answers`, async () => {
      const before = await cloud.pids();

      process.kill(before[name] ?? 0, 'SIGKILL');

      await until(`${name} to be back`, () => cloud.said().includes(`${name} is back`), cloud);
      await until('an answer', async () => {
        const answer = await chat(first).catch(() => null);
        await answer?.body?.cancel();
        return answer?.status === 200;
      });
      assert.match(cloud.said(), new RegExp(`${name} ended by signal SIGKILL; starting it again`));
      assert.notEqual((await cloud.pids())[name], before[name]);
    });
  }
});

describe('a cloud whose engine dies', () => {
  it('says so in the stream it cut, and answers again', async () => {
    const stream = await chat(first, { maxTokens: 3000, stream: true });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader?.read())?.value ?? '';

    process.kill(await engineOf(where.home), 'SIGKILL');
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) {
      text += piece.value;
    }

    assert.match(text, /"error":\{"message":"[^"]+","type":"server_error"[^\n]*\n\n$/);
    assert.doesNotMatch(text, /\[DONE\]/);
    await until('an answer', async () => {
      const answer = await chat(first);
      await answer.body?.cancel();
      return answer.status === 200;
    });
    const deployments = await fetch(`${first.url}/cloud/v1/deployments`, {
      headers: { authorization: `Bearer ${first.apiKey}` },
    });
    assert.match(await deployments.text(), /"restarts":1/);
  });
});

describe('a cloud that is asked to stop', () => {
  it('finishes the answer it is giving and leaves no process', async () => {
    const stream = await chat(first, { maxTokens: 600, stream: true });
    const reader = stream.body?.getReader();
    await reader?.read();

    cloud.child.kill('SIGTERM');
    let text = '';
    const decoder = new TextDecoder();
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) {
      text += decoder.decode(piece.value, { stream: true });
    }

    assert.match(text, /data: \[DONE\]/);
    assert.equal(await cloud.exited, 0);
    assert.deepEqual(await livingProcesses(where.home), []);
  });

  it('has written no prompt and no secret into its logs', async () => {
    const folder = join(where.home, 'logs');
    const { sessionSecret, joinToken } = JSON.parse(
      await readFile(join(where.home, 'secrets.json'), 'utf8'),
    ) as Record<string, string>;
    const secrets = [MARKER, first.apiKey, first.password, sessionSecret ?? '', joinToken ?? ''];

    const names = await readdir(folder);

    assert.ok(names.length >= 4);
    for (const name of names) {
      const text = await readFile(join(folder, name), 'utf8');
      for (const secret of secrets) assert.ok(!text.includes(secret), `${name} has a secret`);
      for (const line of text.split('\n').filter((line) => line !== '')) JSON.parse(line);
    }
  });

  it('starts again with the same key, the same money and the same model', async () => {
    cloud = await startCloud(where);
    const again = await cloud.firstRun();

    assert.equal(again.apiKey, first.apiKey);
    assert.equal((await chat(again)).status, 200);
  });

  it('leaves no process even when it is killed', async () => {
    cloud.child.kill('SIGKILL');

    await until('every process to end', async () => {
      return (await livingProcesses(where.home)).length === 0;
    });
  });
});

describe('a cloud that is asked twice to stop', () => {
  it('cuts off what it is answering and leaves no process', async () => {
    cloud = await startCloud(where);
    const { url, apiKey } = await cloud.firstRun();
    const stream = await chat({ url, apiKey }, { maxTokens: 4000, stream: true });
    const reader = stream.body?.getReader();
    await reader?.read();

    cloud.child.kill('SIGINT');
    await until('the first to be heard', () => cloud.said().includes('stopping'), cloud);
    cloud.child.kill('SIGINT');

    assert.equal(await cloud.exited, 0);
    await reader?.cancel().catch(() => {});
    await until('every process to end', async () => {
      return (await livingProcesses(where.home)).length === 0;
    });
  });
});

describe('bin/flywheel', () => {
  it('says what to write when a setting is wrong', () => {
    const { status, stderr } = spawnSync(join(ROOT, 'bin', 'flywheel'), ['up'], {
      env: { ...process.env, FLYWHEEL_PORTT: '1' },
      encoding: 'utf8',
    });

    assert.notEqual(status, 0);
    assert.match(stderr, /Did you mean FLYWHEEL_PORT\?/);
  });
});
