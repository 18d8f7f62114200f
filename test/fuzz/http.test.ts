/** HTTP that is wrong, slow or meant to confuse two servers about where a request ends. */
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { after, describe, it } from 'node:test';
import { MODEL, answering, startCloud, startScripted, until } from '#gateway/gateway-fixture.ts';
import { head, open, sendRaw } from './raw.ts';

const engine = await startScripted(answering(['hello']));
const cloud = await startCloud({ engines: [engine.url], bodyLimitBytes: 100_000 });
after(async () => {
  await cloud.stop();
  await engine.stop();
});

const PATH = '/v1/chat/completions';
const body = JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }] });
const keyed = { authorization: `Bearer ${cloud.secret}`, 'content-type': 'application/json' };
const call = head(`POST ${PATH}`, { ...keyed, 'content-length': String(body.length) }) + body;
const closing = { connection: 'close' };

async function assertServes(): Promise<void> {
  assert.equal((await cloud.chat()).status, 200);
  await until(() => cloud.gateway.counts().live === 0);
  assert.deepEqual(cloud.gateway.counts(), { live: 0, slots: 0, waiting: 0, holds: 0 });
}

/** Resolves when the server has no connection but those of `fetch`, which come and go. */
const isOver = ({ text }: Readonly<{ text: string }>): boolean => text === 'never';

describe('requests whose end is in doubt', () => {
  const hidden = head('GET /metrics');
  const chunked = `5\r\nhello\r\n0\r\n\r\n`;
  const shapes: Readonly<Record<string, string>> = {
    'a length and chunks':
      head(`POST ${PATH}`, { ...keyed, 'content-length': '6', 'transfer-encoding': 'chunked' }) +
      `0\r\n\r\n${hidden}`,
    'two different lengths': `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\ncontent-length: 40\r\n\r\n${hidden}`,
    'a length that is a list': head(`POST ${PATH}`, { 'content-length': '0, 40' }) + hidden,
    'a negative length': head(`POST ${PATH}`, { 'content-length': '-1' }) + hidden,
    'a length with a sign': head(`POST ${PATH}`, { 'content-length': '+5' }) + hidden,
    'a length in hex': head(`POST ${PATH}`, { 'content-length': '0x10' }) + hidden,
    'an encoding after chunks':
      head(`POST ${PATH}`, { ...keyed, 'transfer-encoding': 'chunked, identity' }) +
      chunked +
      hidden,
    'an encoding that nobody knows':
      head(`POST ${PATH}`, { ...keyed, 'transfer-encoding': 'xchunked' }) + chunked + hidden,
    'a space before the colon': `POST ${PATH} HTTP/1.1\r\nhost: x\r\ntransfer-encoding : chunked\r\n\r\n${chunked}${hidden}`,
    'a folded header': `POST ${PATH} HTTP/1.1\r\nhost: x\r\ntransfer-encoding:\r\n chunked\r\ncontent-length: 4\r\n\r\n${chunked}${hidden}`,
    'a line that ends without a carriage return': `POST ${PATH} HTTP/1.1\nhost: x\ncontent-length: 0\n\n${hidden}`,
    'a chunk whose size is no number':
      head(`POST ${PATH}`, { ...keyed, 'transfer-encoding': 'chunked' }) +
      `zz\r\nhello\r\n0\r\n\r\n${hidden}`,
    'a chunk longer than it says':
      head(`POST ${PATH}`, { ...keyed, 'transfer-encoding': 'chunked' }) +
      `2\r\nhello\r\n0\r\n\r\n${hidden}`,
    'a chunk size beyond any number':
      head(`POST ${PATH}`, { ...keyed, 'transfer-encoding': 'chunked' }) +
      `ffffffffffffffffff\r\nhello\r\n0\r\n\r\n${hidden}`,
    'no host': `POST ${PATH} HTTP/1.1\r\ncontent-length: 0\r\n\r\n${hidden}`,
    'a NUL in a header': `POST ${PATH} HTTP/1.1\r\nhost: x\r\nx-a: \0\r\n\r\n${hidden}`,
    'no HTTP at all': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'another protocol': 'SSH-2.0-OpenSSH_9.6\r\n',
  };
  for (const [name, bytes] of Object.entries(shapes)) {
    it(`are refused and their connection closed: ${name}`, async () => {
      const { statuses, text } = await sendRaw(cloud.url, [Buffer.from(bytes, 'latin1')], isOver);

      assert.ok(
        statuses.every((status) => status >= 400),
        text,
      );
      assert.doesNotMatch(text, /flywheel_gateway_/, 'what was hidden in the body was answered');
      await assertServes();
    });
  }
});

describe('requests that are odd and right', () => {
  it('in one write are answered one by one, in order', async () => {
    const page = head('GET /healthz', closing);

    const { statuses, text } = await sendRaw(cloud.url, [call + call + page], isOver);

    assert.deepEqual(statuses, [200, 200, 200]);
    assert.ok(text.indexOf('chat.completion') < text.indexOf('"status":"ok"'));
    await assertServes();
  });

  it('of HTTP/1.0 get a whole answer and no chunks', async () => {
    const stream = JSON.stringify({ ...JSON.parse(body), stream: true });
    const { statuses, text } = await sendRaw(
      cloud.url,
      [
        `POST ${PATH} HTTP/1.0\r\nauthorization: Bearer ${cloud.secret}\r\ncontent-length: ${stream.length}\r\n\r\n${stream}`,
      ],
      isOver,
    );

    assert.deepEqual(statuses, [200]);
    assert.doesNotMatch(text, /transfer-encoding/i);
    assert.match(text, /data: \[DONE\]/);
    await assertServes();
  });

  it('with a whole address as their target reach our own pages and nothing else', async () => {
    const targets: readonly (readonly [string, number])[] = [
      ['GET http://169.254.169.254/healthz', 200],
      ['GET http://169.254.169.254/internal/v1/feed', 404],
      ['GET http://gateway//internal/v1/feed', 404],
      ['GET /%69nternal/v1/feed', 404],
      ['GET /x/../internal/v1/feed', 404],
      ['GET /v1/%zz', 404],
    ];
    for (const [line, expected] of targets) {
      const { statuses } = await sendRaw(cloud.url, [head(line, closing)]);
      assert.deepEqual(statuses, [expected], line);
    }
    await assertServes();
  });

  it('whose target or method nobody understands end with a status and no crash', async () => {
    const lines = [
      'GET http://evil.example/cloud/v1/me',
      'GET https://evil.example:443/',
      'OPTIONS *',
      'GET //evil.example/cloud',
      'GET /cloud/v1/../../internal/v1/feed',
      'TRACE /',
      'PROPFIND /cloud',
      'GET /\\\\evil',
      `GET /${'a'.repeat(20_000)}`,
      'HEAD /v1/models',
    ];
    for (const line of lines) {
      const { statuses } = await sendRaw(cloud.url, [head(line, { ...keyed, ...closing })]);
      assert.equal(statuses.length, 1, line);
    }
    const calls = cloud.control.calls.filter((each) =>
      /internal\/v1\/feed|evil\.example/.test(each),
    );
    assert.deepEqual(
      calls.filter((each) => each.startsWith('GET /internal')),
      [],
    );
    await assertServes();
  });

  it('to open a tunnel or another protocol are not opened', async () => {
    const tunnel = await sendRaw(cloud.url, [head('CONNECT evil.example:443')], isOver);
    const upgrade = await sendRaw(cloud.url, [
      head('GET /healthz', { connection: 'upgrade', upgrade: 'websocket' }),
    ]);

    assert.ok(
      tunnel.statuses.every((status) => status >= 400),
      tunnel.text,
    );
    assert.deepEqual(upgrade.statuses, [200]);
    await assertServes();
  });
});

describe('requests that are too much', () => {
  it('of headers are refused with 431', async () => {
    const { statuses } = await sendRaw(cloud.url, [
      head(`POST ${PATH}`, { ...keyed, 'x-long': 'x'.repeat(40_000) }),
    ]);

    assert.deepEqual(statuses, [431]);
    await assertServes();
  });

  it('of a thousand headers are served or refused', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [`x-${index}`, '1']),
    );
    const { statuses } = await sendRaw(cloud.url, [head('GET /healthz', many)]);

    assert.equal(statuses.length, 1);
    await assertServes();
  });

  it('once unpacked are refused before they are read', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 'x'));
    for (const encoding of ['gzip', 'br', 'deflate', 'zstd', 'gzip, gzip', 'x']) {
      const { statuses, text } = await sendRaw(cloud.url, [
        head(`POST ${PATH}`, {
          ...keyed,
          'content-encoding': encoding,
          'content-length': String(bomb.length),
        }),
        bomb,
      ]);
      assert.deepEqual(statuses, [415], encoding);
      assert.match(text, /unsupported_encoding/);
    }
    await assertServes();
  });

  it('in chunks without an end are refused at the limit of a body', async () => {
    const chunk = `1000\r\n${'x'.repeat(4096)}\r\n`;
    const { statuses } = await sendRaw(cloud.url, [
      head(`POST ${PATH}`, { ...keyed, 'transfer-encoding': 'chunked' }),
      ...Array.from({ length: 40 }, () => chunk),
    ]);

    assert.deepEqual(statuses, [413]);
    await assertServes();
  });
});

describe('callers that trickle', () => {
  it('a head, hundreds at once, keep nobody out and are cut off', async () => {
    cloud.gateway.server.headersTimeout = 500;
    const slow = Array.from({ length: 300 }, () => {
      const socket = open(cloud.url);
      socket.write('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-a');
      return socket;
    });
    const ends = slow.map(
      (socket) => new Promise((resolve) => socket.resume().once('close', resolve)),
    );

    await assertServes();
    await Promise.all(ends);

    await assertServes();
  });

  it('a body, and leave, are forgotten', async () => {
    const slow = Array.from({ length: 100 }, () => {
      const socket = open(cloud.url);
      socket.write(head(`POST ${PATH}`, { ...keyed, 'content-length': '5000' }) + '{"model":');
      return socket;
    });
    await until(() => cloud.gateway.counts().live === slow.length);

    for (const socket of slow) socket.destroy();

    await until(() => cloud.gateway.counts().live === 0);
    await assertServes();
  });
});
