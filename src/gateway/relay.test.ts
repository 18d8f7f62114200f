/** What happens between the gateway and engines that fail, lie or stall, and callers that leave. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { after, describe, it } from 'node:test';
import {
  type Cloud,
  type CloudOptions,
  type Handler,
  MODEL,
  PRICE,
  type Scripted,
  TENANT,
  answerEvents,
  answering,
  feedReplica,
  startCloud,
  startEventStream,
  startScripted,
  until,
  wholeAnswer,
} from './gateway-fixture.ts';

const NOTHING_LEFT = { live: 0, slots: 0, waiting: 0, holds: 0 };

const running: (() => Promise<void>)[] = [];
after(async () => {
  for (const stop of running) await stop();
});

async function startEngine(handler: Handler): Promise<Scripted> {
  const engine = await startScripted(handler);
  running.push(engine.stop);
  return engine;
}

async function start(
  handlers: Handler[],
  options: CloudOptions = {},
): Promise<{ cloud: Cloud; engines: Scripted[] }> {
  const engines: Scripted[] = [];
  for (const handler of handlers) engines.push(await startEngine(handler));
  const cloud = await startCloud({ engines: engines.map(({ url }) => url), ...options });
  running.unshift(cloud.stop);
  return { cloud, engines };
}

type ErrorBody = { error: { message: string; code: string } };

const codeOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as ErrorBody).error.code,
];

const connectionsOf = (cloud: Cloud): Promise<number> =>
  new Promise((resolve, reject) => {
    cloud.gateway.server.getConnections((error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });

const html: Handler = (_incoming, outgoing) => {
  outgoing.writeHead(200, { 'content-type': 'text/html' });
  outgoing.end('<html>welcome to nginx on 10.1.2.3</html>');
};

const status =
  (code: number, body: object, headers: Record<string, string> = {}): Handler =>
  (_incoming, outgoing) => {
    outgoing.writeHead(code, { 'content-type': 'application/json', ...headers });
    outgoing.end(JSON.stringify(body));
  };

/** Sends these events and then does nothing more. */
const stalling =
  (...events: string[]): Handler =>
  (_incoming, outgoing) => {
    startEventStream(outgoing);
    outgoing.write(events.join(''));
  };

const [ROLE = '', FIRST = ''] = answerEvents(['first', 'second']);

describe('an engine that fails before the first byte', () => {
  for (const [name, bad] of [
    [
      'breaks the connection',
      (_incoming: unknown, outgoing: { destroy: () => void }) => outgoing.destroy(),
    ],
    ['answers 500', status(500, { error: { message: 'boom' } })],
    ['answers 429', status(429, { error: { message: 'slow down' } })],
    ['answers HTML with 200', html],
    [
      'answers half a document',
      (_incoming: unknown, outgoing: Parameters<Handler>[1]) => {
        outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
        outgoing.write('{"id":', () => outgoing.destroy());
      },
    ],
  ] as const) {
    for (const stream of [false, true]) {
      it(`and ${name} costs the caller nothing when another can answer (${stream ? 'stream' : 'whole'})`, async () => {
        const { cloud, engines } = await start([bad, answering(['fine'])]);

        const responses = await Promise.all([cloud.chat({ stream }), cloud.chat({ stream })]);
        const texts = await Promise.all(responses.map((response) => response.text()));

        assert.deepEqual(
          responses.map((response) => response.status),
          [200, 200],
        );
        assert.ok(texts.every((text) => text.includes('fine')));
        assert.ok((engines[0]?.bodies.length ?? 0) >= 1);
        assert.deepEqual(
          (await cloud.settled()).map(({ outcome }) => outcome),
          ['finished', 'finished'],
        );
        assert.deepEqual(cloud.gateway.counts(), NOTHING_LEFT);
      });
    }
  }

  it('is tried three times at most, then named without its address', async () => {
    const { cloud, engines } = await start([html]);

    const response = await cloud.chat();
    const text = await response.text();

    assert.equal(response.status, 502);
    assert.match(text, /upstream_invalid/);
    assert.doesNotMatch(text, /10\.1\.2\.3|127\.0\.0\.1/);
    assert.equal(engines[0]?.bodies.length, 3);
    const [settled] = await cloud.settled();
    assert.deepEqual(
      [settled?.outcome, settled?.status, settled?.usageSource],
      ['failed', 502, 'none'],
    );
  });

  it('is not asked again when the request is at fault, and its words reach the caller without addresses', async () => {
    const refusal = {
      error: {
        message: 'context too long, see http://10.0.0.1:80/x',
        code: 'context_length_exceeded',
        param: 'messages',
      },
    };
    const { cloud, engines } = await start([status(400, refusal)]);

    const response = await cloud.chat();
    const { error } = (await response.json()) as ErrorBody;

    assert.deepEqual([response.status, error.code], [400, 'context_length_exceeded']);
    assert.equal(error.message, 'context too long, see [address]');
    assert.equal(engines[0]?.bodies.length, 1);
  });

  it('never lets its own refusal of our key look like the caller’s', async () => {
    const { cloud } = await start([status(401, { error: { message: 'bad key' } })]);
    assert.deepEqual(await codeOf(await cloud.chat()), [502, 'upstream_failed']);
  });

  it('and is busy says so with 503 and the longer of both waits', async () => {
    const { cloud } = await start([status(429, {}, { 'retry-after': '17' })]);
    const response = await cloud.chat();
    assert.equal(response.headers.get('retry-after'), '17');
    assert.deepEqual(await codeOf(response), [503, 'server_is_overloaded']);
  });

  it('and does not answer in time is a 504', async () => {
    const timeouts = { firstByteMs: 300, idleMs: 300, keepAliveMs: 10_000 };
    const { cloud } = await start([() => {}], { timeouts });
    assert.deepEqual(await codeOf(await cloud.chat()), [504, 'upstream_timeout']);
    assert.deepEqual(cloud.gateway.counts(), NOTHING_LEFT);
  });
});

describe('an engine that fails after the first byte', () => {
  for (const [name, handler, code] of [
    [
      'breaks off',
      (_incoming: unknown, outgoing: Parameters<Handler>[1]) => {
        startEventStream(outgoing);
        outgoing.write(ROLE + FIRST, () => outgoing.destroy());
      },
      'upstream_failed',
    ],
    [
      'ends without an end',
      (_incoming: unknown, outgoing: Parameters<Handler>[1]) => {
        startEventStream(outgoing);
        outgoing.end(ROLE + FIRST);
      },
      'upstream_truncated',
    ],
    [
      'says it failed',
      (_incoming: unknown, outgoing: Parameters<Handler>[1]) => {
        startEventStream(outgoing);
        outgoing.end(
          `${ROLE}${FIRST}data: {"error":{"message":"died on host-7:8000"}}\n\ndata: [DONE]\n\n`,
        );
      },
      'upstream_failed',
    ],
  ] as const) {
    it(`and ${name} leaves an error in the stream and no end mark`, async () => {
      const { cloud } = await start([handler]);

      const response = await cloud.chat({ stream: true });
      const text = await response.text();

      assert.equal(response.status, 200);
      assert.ok(text.startsWith(ROLE + FIRST));
      assert.match(text, new RegExp(`"code":"${code}"`));
      assert.doesNotMatch(text, /\[DONE\]|host-7/);
      const [settled] = await cloud.settled();
      assert.equal(settled?.outcome, 'failed');
      assert.equal(settled?.usage.output, 1);
      assert.deepEqual(cloud.gateway.counts(), NOTHING_LEFT);
    });
  }

  it('and falls silent is cut off after the idle time', async () => {
    const timeouts = { firstByteMs: 5_000, idleMs: 300, keepAliveMs: 10_000 };
    const { cloud } = await start([stalling(ROLE, FIRST)], { timeouts });
    const text = await (await cloud.chat({ stream: true })).text();
    assert.match(text, /upstream_timeout/);
  });

  it('and never stops is cut off', async () => {
    const endless: Handler = (_incoming, outgoing) => {
      startEventStream(outgoing);
      const more = (): void => {
        while (outgoing.write(FIRST.repeat(100)));
        outgoing.once('drain', more);
      };
      more();
    };
    const { cloud, engines } = await start([endless]);

    const text = await (await cloud.chat({ stream: true, max_tokens: 5 })).text();

    assert.match(text, /upstream_runaway/);
    await until(() => engines[0]?.aborted() === 1);
  });

  it('and says nothing of usage is counted by what it delivered', async () => {
    const events = answerEvents(['a', 'b', 'c']).filter((event) => !event.includes('"usage"'));
    const { cloud } = await start([
      (_incoming, outgoing) => {
        startEventStream(outgoing);
        outgoing.end(events.join(''));
      },
    ]);

    await (await cloud.chat({ stream: true })).text();

    const [settled] = await cloud.settled();
    assert.deepEqual([settled?.usageSource, settled?.usage.output], ['counted', 3]);
  });
});

describe('a caller that leaves', () => {
  for (const [name, handler, outcome] of [
    ['before the engine answers', () => {}, { output: 0, source: 'none' }],
    ['before the first token', stalling(ROLE), { output: 0, source: 'none' }],
    ['in mid-stream', stalling(ROLE, FIRST), { output: 1, source: 'counted' }],
  ] as const) {
    it(`${name} ends the engine's work at once and pays what it got`, async () => {
      const { cloud, engines } = await start([handler], { model: { prices: [PRICE] } });
      cloud.control.availablePico = 10n ** 15n;
      const leaving = new AbortController();
      const call = cloud.chat({ stream: true, max_tokens: 50 }, { signal: leaving.signal });
      if (name === 'in mid-stream') {
        const reader = (await call).body?.getReader();
        while (
          !Buffer.from((await reader?.read())?.value ?? [])
            .toString()
            .includes('first')
        );
      }
      await until(() => engines[0]?.bodies.length === 1);

      leaving.abort();
      await call.catch(() => null);

      await until(() => engines[0]?.aborted() === 1);
      await until(() => cloud.gateway.counts().live === 0);
      assert.deepEqual(cloud.gateway.counts(), NOTHING_LEFT);
      const [settled] = await cloud.settled();
      assert.deepEqual([settled?.outcome, settled?.status], ['cancelled', 499]);
      assert.deepEqual(
        [settled?.usage.output, settled?.usageSource],
        [outcome.output, outcome.source],
      );
    });
  }

  it('while it waits for a slot leaves the queue', async () => {
    const { cloud } = await start([stalling(ROLE)], { replica: { parallel: 1 } });
    const first = new AbortController();
    const second = new AbortController();
    const busy = cloud.chat({ stream: true }, { signal: first.signal });
    await until(() => cloud.gateway.counts().slots === 1);
    const queued = cloud.chat({ stream: true }, { signal: second.signal });
    await until(() => cloud.gateway.counts().waiting === 1);

    second.abort();
    await assert.rejects(queued);
    await until(() => cloud.gateway.counts().waiting === 0);
    first.abort();
    await busy.catch(() => null);
    await until(() => cloud.gateway.counts().live === 0);

    assert.deepEqual(cloud.gateway.counts(), NOTHING_LEFT);
    assert.deepEqual(
      (await cloud.settled()).map(({ status }) => status),
      [499, 499],
    );
  });

  it('a thousand times over leaves nothing behind', async () => {
    const { cloud } = await start([stalling(ROLE, FIRST)], {
      replica: { parallel: 64 },
      model: { prices: [PRICE] },
    });
    cloud.control.availablePico = 10n ** 18n;
    const leaveOnce = async (index: number): Promise<void> => {
      const leaving = new AbortController();
      const call = cloud.chat({ stream: true, max_tokens: 50 }, { signal: leaving.signal });
      if (index % 3 === 0) await until(() => cloud.gateway.counts().live > 0);
      else await (await call).body?.getReader().read();
      leaving.abort();
      await call.catch(() => null);
    };
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(Array.from({ length: 50 }, (_, index) => leaveOnce(index)));
    }

    await until(() => cloud.gateway.counts().live === 0);
    assert.deepEqual(cloud.gateway.counts(), NOTHING_LEFT);
    const settled = await cloud.settled();
    assert.ok(settled.every(({ outcome }) => outcome === 'cancelled'));
    assert.equal(new Set(settled.map(({ requestId }) => requestId)).size, settled.length);
  });
});

describe('a model without a free replica', () => {
  it('that is loading is waited for, and answers when it is there', async () => {
    const engine = await startEngine(answering(['late']));
    const { cloud } = await start([], {});
    const call = cloud.chat();
    await until(() => cloud.gateway.counts().waiting === 1);

    cloud.change({ replicas: [feedReplica({ url: engine.url })] });

    assert.equal((await call).status, 200);
  });

  it('is a 503 that says when to come back once the wait is over', async () => {
    const { cloud } = await start([], { coldStartWaitMs: 50 });
    const response = await cloud.chat();
    assert.match(response.headers.get('retry-after') ?? '', /^[1-9]/);
    assert.deepEqual(await codeOf(response), [503, 'model_not_ready']);
  });

  it('that sleeps is woken once, however many ask', async () => {
    const deployment = {
      id: 'dep_one',
      tenantId: TENANT,
      modelName: MODEL,
      modelId: 'mdl_one',
      isWanted: false,
      state: 'absent',
      reason: null,
    } as const;
    const { cloud } = await start([], {
      coldStartWaitMs: 100,
      feed: { deployments: [deployment] },
    });

    await Promise.all(Array.from({ length: 5 }, () => cloud.chat()));

    const wakes = cloud.control.calls.filter((call) => call.endsWith('/dep_one/wake'));
    assert.equal(wakes.length, 1);
  });

  it('that is known and not deployed, or failed, is a 503 at once', async () => {
    const { cloud } = await start([], { feed: { deployments: [] } });
    assert.deepEqual(await codeOf(await cloud.chat()), [503, 'model_not_ready']);
    assert.deepEqual(cloud.gateway.counts(), NOTHING_LEFT);
  });

  it('that is busy is queued for, first come first served', async () => {
    const held: (() => void)[] = [];
    const { cloud } = await start(
      [(incoming, outgoing, body) => held.push(() => answering(['x'])(incoming, outgoing, body))],
      { replica: { parallel: 1 } },
    );
    const calls = [cloud.chat(), cloud.chat(), cloud.chat()];
    for (let served = 0; served < 3; served += 1) {
      await until(() => held.length === served + 1);
      assert.equal(cloud.gateway.counts().slots, 1);
      held[served]?.();
    }

    assert.deepEqual(
      (await Promise.all(calls)).map((response) => response.status),
      [200, 200, 200],
    );
  });
});

describe('a silent engine', () => {
  it('is covered by comments before the first token, after which an error comes in the stream', async () => {
    const timeouts = { firstByteMs: 1_300, idleMs: 1_300, keepAliveMs: 100 };
    const { cloud } = await start([() => {}], { timeouts });

    const response = await cloud.chat({ stream: true });
    const text = await response.text();

    assert.equal(response.status, 200);
    assert.match(text, /^: keep-alive\n\n/);
    assert.match(text, /"code":"upstream_timeout"/);
    assert.doesNotMatch(text, /\[DONE\]/);
  });
});

describe('a caller that reads slowly', () => {
  it('makes the engine wait instead of filling memory', async () => {
    let sent = 0;
    const flood: Handler = (_incoming, outgoing) => {
      startEventStream(outgoing);
      const more = (): void => {
        while (sent < 64 * 1024 * 1024) {
          sent += FIRST.length * 100;
          if (!outgoing.write(FIRST.repeat(100))) break;
        }
        outgoing.once('drain', more);
      };
      more();
    };
    const { cloud } = await start([flood], { model: { contextLength: 1_000_000 } });
    const leaving = new AbortController();
    await cloud.chat({ stream: true }, { signal: leaving.signal });
    let before = -1;
    await until(async () => {
      const isStill = sent === before;
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return isStill;
    });

    assert.ok(sent < 48 * 1024 * 1024, `${sent} bytes were taken from the engine`);
    leaving.abort();
  });
});

describe('a caller that never reads', () => {
  it('is let go with the answer that waits for it', async () => {
    const huge: Handler = (_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.end(JSON.stringify(wholeAnswer('x'.repeat(32 * 1024 * 1024))));
    };
    const { cloud } = await start([huge], { timeouts: { stallMs: 200 } });
    const { hostname, port } = new URL(cloud.url);
    const body = JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }] });
    const socket = connect(Number(port), hostname);
    socket.pause();
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n` +
        `authorization: Bearer ${cloud.secret}\r\n\r\n${body}`,
    );
    await until(async () => (await cloud.settled()).length === 1);

    await until(async () => (await connectionsOf(cloud)) === 0);

    assert.deepEqual(cloud.gateway.counts(), NOTHING_LEFT);
    socket.destroy();
  });
});

describe('stopping', () => {
  it('lets a stream end, refuses new connections, and settles everything', async () => {
    const finish: (() => void)[] = [];
    const engine = await startEngine((_incoming, outgoing) => {
      startEventStream(outgoing);
      const events = answerEvents(['a', 'b']);
      outgoing.write(events.slice(0, 2).join(''));
      finish.push(() => outgoing.end(events.slice(2).join('')));
    });
    const cloud = await startCloud({ engines: [engine.url] });
    const response = await cloud.chat({ stream: true });

    const stopped = cloud.gateway.stop(5_000);
    finish[0]?.();

    assert.match(await response.text(), /\[DONE\]/);
    await stopped;
    await assert.rejects(cloud.chat());
    assert.deepEqual(
      (await cloud.settled()).map(({ outcome }) => outcome),
      ['finished'],
    );
    running.unshift(cloud.stop);
  });

  it('cuts what is left after the grace, and settles it as cancelled', async () => {
    const engine = await startEngine(stalling(ROLE, FIRST));
    const cloud = await startCloud({ engines: [engine.url] });
    const response = await cloud.chat({ stream: true });
    const reading = response.text().catch(() => 'cut');

    await cloud.gateway.stop(100);

    assert.equal(await reading, 'cut');
    assert.deepEqual(
      (await cloud.settled()).map(({ status: code }) => code),
      [499],
    );
    running.unshift(cloud.stop);
  });
});

describe('an address where nobody listens', () => {
  it('is left for another replica, and rested', async () => {
    const closed = createServer();
    closed.listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const address = closed.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    closed.close();
    const { cloud, engines } = await start([answering(['here'])]);
    cloud.change({
      replicas: [
        feedReplica({ id: 'rep_dead', url: `http://127.0.0.1:${port}` }),
        feedReplica({ id: 'rep_live', url: engines[0]?.url ?? '' }),
      ],
    });

    for (let call = 0; call < 5; call += 1) assert.equal((await cloud.chat()).status, 200);

    assert.deepEqual(
      new Set((await cloud.settled()).map(({ replicaId }) => replicaId)),
      new Set(['rep_live']),
    );
  });
});
