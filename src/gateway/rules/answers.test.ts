/** The wire rules about answers, errors and headers, by their numbers in docs/guides/apis.md. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Log } from '#platform/log.ts';
import { createAccessLog } from '../access-log.ts';
import { type Handler, PRICE, answering, startEventStream, until } from '../gateway-fixture.ts';
import { anthropicDialect } from '../wire/anthropic/dialect.ts';
import { openAiDialect } from '../wire/openai/dialect.ts';
import { type Rig, WIRES, type WireName, ask, startRig } from './rules-fixture.ts';

const running: Rig[] = [];
after(async () => {
  for (const rig of running) await rig.stop();
});

async function start(...given: Parameters<typeof startRig>): Promise<Rig> {
  const rig = await startRig(...given);
  running.push(rig);
  return rig;
}

const status =
  (code: number, headers: Record<string, string> = {}): Handler =>
  (_incoming, outgoing) => {
    outgoing.writeHead(code, { 'content-type': 'application/json', ...headers });
    outgoing.end(JSON.stringify({ error: { message: `engine says ${code}`, code: null } }));
  };

type Failure = Readonly<{ error: Readonly<{ type: string; code?: string; message: string }> }>;

async function failureOf(response: Response): Promise<[number, string, string | undefined]> {
  const { error } = (await response.json()) as Failure;
  return [response.status, error.type, error.code];
}

describe('rule 13: an error', () => {
  it('has the shape, the type and the status of the dialect', async () => {
    const rig = await start([answering(['hi'])], { bodyLimitBytes: 1000 });
    const { cloud } = rig;
    const table: [string, object, RequestInit, number, string, string][] = [
      [
        'a strange key',
        {},
        { headers: { authorization: 'Bearer sk-fw-x' } },
        401,
        'authentication_error',
        'authentication_error',
      ],
      ['an unknown model', { model: 'no/such' }, {}, 404, 'not_found_error', 'not_found_error'],
      ['a bad field', { stream: 'yes' }, {}, 400, 'invalid_request_error', 'invalid_request_error'],
      [
        'a large body',
        { user: 'x'.repeat(2000) },
        {},
        413,
        'invalid_request_error',
        'request_too_large',
      ],
    ];
    for (const [name, fields, init, code, openAi, anthropic] of table) {
      for (const wire of WIRES) {
        const [seen, type] = await failureOf(await ask(cloud, wire, fields, init));
        assert.deepEqual([seen, type], [code, wire === 'messages' ? anthropic : openAi], name);
      }
    }
  });

  it('for a known model without a replica is 503 and not 404', async () => {
    const rig = await start([], { coldStartWaitMs: 1 });
    for (const wire of WIRES) {
      const response = await ask(rig.cloud, wire);
      assert.equal(response.status, 503);
      assert.match(response.headers.get('retry-after') ?? '', /^[1-9]/);
    }
  });

  it('at an unknown address is in the dialect of the address', async () => {
    const { cloud } = await start([answering(['hi'])]);
    const bodies = await Promise.all(
      ['/v1/nothing', '/v1/messages/nothing'].map(async (path) =>
        (await fetch(`${cloud.url}${path}`, { headers: cloud.headers })).json(),
      ),
    );
    assert.partialDeepStrictEqual(bodies[0], { error: { code: 'unknown_url' } });
    assert.partialDeepStrictEqual(bodies[1], { type: 'error', error: { type: 'not_found_error' } });
  });
});

it('rule 14: what may be tried again and what may not are told apart', async () => {
  const busy = await start([status(429)]);
  const poor = await start([answering(['hi'])], { model: { prices: [PRICE] } });

  assert.deepEqual(await failureOf(await ask(busy.cloud, 'chat')), [
    503,
    'server_error',
    'server_is_overloaded',
  ]);
  assert.deepEqual(await failureOf(await ask(poor.cloud, 'chat')), [
    402,
    'insufficient_quota',
    'insufficient_quota',
  ]);
  assert.deepEqual(await failureOf(await ask(busy.cloud, 'messages')), [
    529,
    'overloaded_error',
    undefined,
  ]);
  assert.deepEqual((await failureOf(await ask(poor.cloud, 'messages'))).slice(0, 2), [
    402,
    'billing_error',
  ]);
});

it('rule 15: whoever is sent away is told when to come back, and the longer wait counts', async () => {
  for (const [engine, seconds] of [
    [status(503), 2],
    [status(429, { 'retry-after': '17' }), 17],
  ] as const) {
    const rig = await start([engine]);
    for (const wire of WIRES) {
      const { headers } = await ask(rig.cloud, wire);
      assert.equal(headers.get('retry-after'), String(seconds));
      assert.equal(headers.get('retry-after-ms'), String(seconds * 1000));
    }
  }
});

it('rule 16: limits are told truly or not at all', () => {
  const requests = { limit: 60, remaining: -1, resetMs: 1_500 };
  assert.deepEqual(openAiDialect.rateLimitHeaders({ requests: null, tokens: null }), []);
  assert.deepEqual(openAiDialect.rateLimitHeaders({ requests, tokens: null }), [
    'x-ratelimit-limit-requests',
    '60',
    'x-ratelimit-remaining-requests',
    '0',
    'x-ratelimit-reset-requests',
    '1.5s',
  ]);
  assert.deepEqual(
    anthropicDialect.rateLimitHeaders({ requests: null, tokens: requests }).slice(0, 4),
    ['anthropic-ratelimit-tokens-limit', '60', 'anthropic-ratelimit-tokens-remaining', '0'],
  );
});

it('rule 17: every answer and error has the id that engine, journal and log have too', async () => {
  const ids: string[] = [];
  const noting: Handler = (incoming, ...rest) => {
    ids.push(String(incoming.headers['x-request-id']));
    answering(['hi'])(incoming, ...rest);
  };
  const output = new PassThrough();
  const accessLog = createAccessLog(output);
  const { cloud } = await start([noting], { accessLog });
  const told: (string | null)[] = [];
  for (const wire of WIRES) {
    for (const stream of [true, false]) {
      const response = await ask(cloud, wire, { stream });
      await response.text();
      told.push(response.headers.get('x-request-id'));
      if (wire === 'messages') {
        assert.equal(response.headers.get('request-id'), response.headers.get('x-request-id'));
      }
    }
  }
  assert.deepEqual(told, ids);
  assert.deepEqual(
    (await cloud.settled()).map(({ requestId }) => requestId).toSorted(),
    ids.toSorted(),
  );
  await until(() => cloud.gateway.counts().live === 0);
  accessLog.flush();
  const log = String(output.read());
  for (const id of ids) assert.ok(log.includes(`"requestId":"${id}"`));
  const refused = await ask(cloud, 'messages', { model: 'no/such' });
  const { request_id: said } = (await refused.json()) as { request_id: string };
  assert.equal(said, refused.headers.get('request-id'));
});

it('rule 17: control hears the same id, and never one that a caller made up', async () => {
  const { cloud } = await start([answering(['hi'])]);
  const response = await fetch(`${cloud.url}/cloud/v1/me`, { headers: { 'x-request-id': 'mine' } });
  const { headers: heard } = (await response.json()) as { headers: Record<string, string> };
  assert.match(heard['x-request-id'] ?? '', /^req_[0-9a-z]{26}$/);
  assert.equal(response.headers.get('x-request-id'), heard['x-request-id']);
});

describe('rule 18: another replica is tried', () => {
  for (const [code, tries] of [
    [400, 1],
    [404, 1],
    [422, 1],
    [429, 2],
    [500, 2],
    [503, 2],
  ] as const) {
    it(`${tries === 2 ? 'after' : 'not after'} ${code}`, async () => {
      const rig = await start([status(code), status(code)]);
      await (await ask(rig.cloud, 'messages')).text();
      const asked = rig.engines.filter(({ bodies }) => bodies.length > 0).length;
      assert.equal(asked, tries);
    });
  }

  it('never after the first byte', async () => {
    const cut: Handler = (_incoming, outgoing) => {
      startEventStream(outgoing);
      outgoing.write('data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n', () =>
        outgoing.destroy(),
      );
    };
    const rig = await start([cut, cut]);
    await (await ask(rig.cloud, 'responses', { stream: true })).text();
    assert.equal(rig.engines.flatMap(({ bodies }) => bodies).length, 1);
  });
});

it('rule 19: a stream has the headers of a stream and none that were for us', async () => {
  const rig = await start([
    (incoming, outgoing, body) => {
      outgoing.setHeader('keep-alive', 'timeout=1');
      outgoing.setHeader('x-engine-secret', 'host-7');
      answering(['hi'])(incoming, outgoing, body);
    },
  ]);
  for (const wire of WIRES) {
    const { headers } = await ask(rig.cloud, wire, { stream: true });
    assert.match(headers.get('content-type') ?? '', /^text\/event-stream/);
    assert.equal(headers.get('cache-control'), 'no-cache');
    assert.equal(headers.get('x-accel-buffering'), 'no');
    for (const name of ['content-length', 'content-encoding', 'x-engine-secret']) {
      assert.equal(headers.get(name), null);
    }
    assert.notEqual(headers.get('keep-alive'), 'timeout=1');
  }
});

it('rule 20: a body is refused by its size before it is read, and never unpacked', async () => {
  const { cloud } = await start([answering(['hi'])], { bodyLimitBytes: 1000 });
  const headers = { ...cloud.headers, 'content-encoding': 'gzip' };
  for (const wire of WIRES) {
    const large = await ask(cloud, wire, {}, { body: 'x'.repeat(1001) });
    assert.equal(large.status, 413);
    assert.match(((await large.json()) as Failure).error.message, /1000 bytes/);
    const bomb = await ask(cloud, wire, {}, { headers, body: gzipSync(Buffer.alloc(1_000_000)) });
    assert.equal(bomb.status, 415);
  }
});

describe('rule 22: what we do not know', () => {
  it('reaches the engine', async () => {
    const rig = await start([answering(['hi'])]);
    for (const wire of WIRES) await (await ask(rig.cloud, wire, { min_p: 0.05 })).text();
    const bodies = rig.engines[0]?.bodies ?? [];
    assert.equal(bodies.length, 3);
    for (const body of bodies) assert.match(body, /"min_p":0\.05/);
  });

  it('is refused by name where it needs servers that are not ours', async () => {
    const { cloud } = await start([answering(['hi'])]);
    for (const [wire, tool] of [
      ['messages', { type: 'web_search_20250305', name: 'web_search' }],
      ['responses', { type: 'file_search', vector_store_ids: ['x'] }],
    ] as const satisfies [WireName, object][]) {
      const response = await ask(cloud, wire, { tools: [tool] });
      assert.equal(response.status, 400);
      assert.ok(((await response.json()) as Failure).error.message.includes(tool.type));
    }
  });
});

it('rule 23: no log, at any level, holds a prompt, an answer or a key', async () => {
  const said: string[] = [];
  const note = (event: string, fields: object = {}): void => {
    said.push(event + JSON.stringify(fields, (_name, value: unknown) => String(value)));
  };
  const log: Log = { error: note, warn: note, info: note, debug: note, with: () => log };
  const output = new PassThrough();
  const accessLog = createAccessLog(output);
  const rig = await start([status(500), answering(['MARKER-ANSWER'])], { log, accessLog });
  for (const [wire, prompt] of [
    ['messages', { messages: [{ role: 'user', content: 'MARKER-PROMPT' }] }],
    ['responses', { input: 'MARKER-PROMPT' }],
    ['responses', { input: [{ type: 'MARKER-PROMPT' }] }],
  ] as const) {
    await (await ask(rig.cloud, wire, prompt)).text();
    await (await ask(rig.cloud, wire, { ...prompt, stream: true })).text();
  }
  await until(() => rig.cloud.gateway.counts().live === 0);
  accessLog.flush();
  const written = `${said.join('\n')}${String(output.read())}`;
  assert.match(written, /request\.ended/);
  for (const secret of ['MARKER', rig.cloud.secret, 'engine-secret']) {
    assert.equal(written.includes(secret), false, `${secret} was written down`);
  }
});
