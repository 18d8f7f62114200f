/** What strangers and slow callers may make the gateway hold. */
import assert from 'node:assert/strict';
import { type Socket, connect } from 'node:net';
import { after, describe, it } from 'node:test';
import {
  type Cloud,
  type CloudOptions,
  type Handler,
  MODEL,
  answerEvents,
  answering,
  startCloud,
  startEventStream,
  startScripted,
  until,
} from './gateway-fixture.ts';

const running: (() => Promise<void>)[] = [];
after(async () => {
  for (const stop of running) await stop();
});

async function start(options: CloudOptions = {}, handler = answering(['hello'])): Promise<Cloud> {
  const engine = await startScripted(handler);
  const cloud = await startCloud({ engines: [engine.url], ...options });
  running.push(cloud.stop, engine.stop);
  return cloud;
}

async function metric(cloud: Cloud, name: string): Promise<number> {
  const text = await (await fetch(`${cloud.url}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`flywheel_gateway_${name}`));
  return Number(line?.split(' ').at(-1) ?? 0);
}

function open(cloud: Cloud): Socket {
  const socket = connect(Number(new URL(cloud.url).port), '127.0.0.1');
  socket.on('error', () => {});
  after(() => socket.destroy());
  return socket;
}

function bodyOf(bytes: number): string {
  const body = { model: MODEL, messages: [{ role: 'user', content: '' }] };
  const room = bytes - JSON.stringify(body).length;
  return JSON.stringify({ ...body, messages: [{ role: 'user', content: 'x'.repeat(room) }] });
}

describe('the bodies of all requests together', () => {
  it('have a limit: who comes on top is told when to come again, and may once others ended', async () => {
    const cloud = await start({ bodiesLimitBytes: 100_000 });
    const long = bodyOf(80_000);
    const slow = open(cloud);
    let answer = '';
    slow.on('data', (part) => (answer += part.toString()));
    slow.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${cloud.secret}\r\n` +
        `content-type: application/json\r\ncontent-length: ${long.length}\r\n\r\n${long.slice(0, 70_000)}`,
    );
    await until(async () => (await metric(cloud, 'body_bytes ')) >= 70_000);

    const refused = await cloud.chat({}, { body: bodyOf(50_000) });
    slow.write(long.slice(70_000));
    await until(() => answer.includes('chat.completion'));
    const served = await cloud.chat({}, { body: bodyOf(50_000) });

    assert.equal(refused.status, 503);
    assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]/);
    const { error } = (await refused.json()) as { error: { code: string } };
    assert.equal(error.code, 'server_is_overloaded');
    assert.equal(served.status, 200);
    await served.text();
    await until(async () => (await metric(cloud, 'body_bytes ')) === 0);
  });

  it('are forgotten when their callers leave in the middle', async () => {
    const cloud = await start({ bodiesLimitBytes: 100_000 });
    const socket = open(cloud);
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${cloud.secret}\r\n` +
        `content-length: 90000\r\n\r\n${'x'.repeat(60_000)}`,
    );
    await until(async () => (await metric(cloud, 'body_bytes ')) >= 60_000);

    socket.destroy();

    await until(async () => (await metric(cloud, 'body_bytes ')) === 0);
    assert.equal(cloud.gateway.counts().live, 0);
  });
});

describe('a reader that takes nothing', () => {
  it('of a page of control is cut off, and so is what control was sending', async () => {
    const cloud = await start({ timeouts: { stallMs: 50 } });
    const page = 'x'.repeat(20_000_000);
    const socket = open(cloud);
    socket.pause();

    // The stand-in of control answers with what it got: far more than any socket holds.
    socket.write(
      `POST /cloud/v1/anything HTTP/1.1\r\nhost: x\r\ncontent-length: ${page.length}\r\n\r\n${page}`,
    );

    const connections = (): Promise<number> =>
      new Promise((resolve) =>
        cloud.gateway.server.getConnections((_error, count) => resolve(count)),
      );
    await until(async () => (await connections()) === 1);
    await until(async () => (await connections()) === 0);
  });
});

describe('an engine that lies', () => {
  const endless: Handler = (_incoming, outgoing) => {
    startEventStream(outgoing);
    const [role = ''] = answerEvents([]);
    outgoing.write(role);
    const comment = `: ${'x'.repeat(64_000)}\n\n`;
    const more = (): void => {
      while (!outgoing.destroyed && outgoing.write(comment));
    };
    outgoing.on('drain', more);
    more();
  };
  const short: Handler = (_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
    outgoing.write('{"id":"chatcmpl-1"');
    outgoing.destroy();
  };
  const page: Handler = (_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/html' });
    outgoing.end('<html>welcome</html>');
  };
  const garbage: Handler = (_incoming, outgoing) => {
    startEventStream(outgoing);
    outgoing.end('data: {"choices":[{"delta"\n\ndata: what\n\n');
  };
  const lies: readonly [string, Handler, boolean, string][] = [
    ['with a stream that never carries a token and never ends', endless, true, 'upstream_runaway'],
    ['about the length of its answer', short, false, 'upstream_failed'],
    ['with a page and status 200', page, false, 'upstream_invalid'],
    ['with a page where a stream was asked', page, true, 'upstream_invalid'],
    ['with events that are no JSON', garbage, true, 'upstream_invalid'],
  ];
  const wires: readonly [string, (isStream: boolean) => [string, object]][] = [
    ['chat', (stream) => ['/v1/chat/completions', { stream }]],
    ['messages', (stream) => ['/v1/messages', { stream, max_tokens: 10 }]],
    ['responses', (stream) => ['/v1/responses', { stream, input: 'Hi', messages: undefined }]],
  ];
  for (const [how, handler, isStream, code] of lies) {
    for (const [wire, shape] of wires) {
      it(`${how} (${wire}) harms its own request, is named, and is counted`, async () => {
        const cloud = await start({ model: { contextLength: 16 } }, handler);
        const [path, fields] = shape(isStream);
        const response = await fetch(`${cloud.url}${path}`, {
          method: 'POST',
          headers: { ...cloud.headers, 'anthropic-version': '2023-06-01' },
          body: JSON.stringify({
            model: MODEL,
            messages: [{ role: 'user', content: 'Hi' }],
            ...fields,
          }),
        });

        const text = await response.text();

        assert.ok(response.status === 200 || response.status === 502, text.slice(-500));
        assert.match(text, /error/);
        assert.doesNotMatch(text, /127\.0\.0\.1|welcome/);
        assert.ok((await metric(cloud, `upstream_faults_total{kind="${code}"`)) >= 1);
        await until(() => cloud.gateway.counts().slots === 0);
        assert.deepEqual(cloud.gateway.counts(), { live: 0, slots: 0, waiting: 0, holds: 0 });
      });
    }
  }
});
