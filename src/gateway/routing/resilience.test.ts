/** Breakers, budgets and timeouts, seen from outside: real gateway, real sockets. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import {
  type Cloud,
  type CloudOptions,
  type Handler,
  type Scripted,
  answerEvents,
  answering,
  startCloud,
  startEventStream,
  startScripted,
  until,
} from '../gateway-fixture.ts';

const running: (() => Promise<void>)[] = [];
after(async () => {
  for (const stop of running) await stop();
});

async function start(
  handlers: readonly Handler[],
  options: CloudOptions = {},
): Promise<Readonly<{ cloud: Cloud; engines: readonly Scripted[] }>> {
  const engines: Scripted[] = [];
  for (const handler of handlers) engines.push(await startScripted(handler));
  const cloud = await startCloud({ engines: engines.map(({ url }) => url), ...options });
  running.push(cloud.stop, ...engines.map(({ stop }) => stop));
  return { cloud, engines };
}

const failing: Handler = (_incoming, outgoing) => {
  outgoing.writeHead(500).end('{}');
};

/** What the engine does now; a test changes it while it runs. */
function changing(first: Handler): { now: Handler; handler: Handler } {
  const state = {
    now: first,
    handler: (...call: Parameters<Handler>) => state.now(...call),
  };
  return state;
}

const metricOf = async (cloud: Cloud, name: string): Promise<number> => {
  const text = await (await fetch(`${cloud.url}/metrics`)).text();
  return Number(new RegExp(`^flywheel_gateway_${name} (\\S+)$`, 'm').exec(text)?.[1]);
};

const asked = (engine: Scripted | undefined): number => engine?.bodies.length ?? 0;

async function chatTimes(cloud: Cloud, times: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let call = 0; call < times; call += 1) {
    const response = await cloud.chat();
    await response.text();
    statuses.push(response.status);
  }
  return statuses;
}

describe('a breaker', () => {
  it('opens on a replica that fails again and again, and closes when it is well', async () => {
    const sick = changing(failing);
    const { cloud, engines } = await start([sick.handler, answering(['fine'])]);

    const statuses = await chatTimes(cloud, 20);

    assert.deepEqual(new Set(statuses), new Set([200]));
    // Three failures, and then a probe now and then; without a breaker it would be asked each time.
    assert.ok(asked(engines[0]) >= 3 && asked(engines[0]) <= 10, `${asked(engines[0])} attempts`);
    assert.equal(await metricOf(cloud, 'replicas_resting'), 1);
    const before = asked(engines[0]);
    sick.now = answering(['well again']);
    await until(async () => {
      await chatTimes(cloud, 1);
      return (await metricOf(cloud, 'replicas_resting')) === 0;
    });
    assert.ok(asked(engines[0]) > before);
  });

  it('stays closed for what is the callers’ own mistake', async () => {
    const refusing: Handler = (_incoming, outgoing) => {
      outgoing.writeHead(400, { 'content-type': 'application/json' });
      outgoing.end('{"error":{"message":"no","code":"invalid_value"}}');
    };
    const { cloud, engines } = await start([refusing]);

    const statuses = await chatTimes(cloud, 10);

    assert.deepEqual(new Set(statuses), new Set([400]));
    assert.equal(asked(engines[0]), 10);
    assert.equal(await metricOf(cloud, 'replicas_resting'), 0);
  });

  it('never takes the last replica', async () => {
    const sick = changing(failing);
    const { cloud } = await start([sick.handler]);
    await chatTimes(cloud, 4);
    assert.equal(await metricOf(cloud, 'replicas_resting'), 1);
    sick.now = answering(['well again']);
    assert.deepEqual(await chatTimes(cloud, 1), [200]);
  });
});

describe('the retry budget', () => {
  it('keeps a model that fails altogether from being asked three times for each request', async () => {
    const { cloud, engines } = await start([failing, failing]);
    const requests = 100;

    const statuses = await chatTimes(cloud, requests);

    assert.deepEqual(new Set(statuses), new Set([502]));
    const attempts = engines.reduce((sum, engine) => sum + asked(engine), 0);
    assert.ok(attempts <= requests * 1.2 + 10, `${attempts} attempts`);
    assert.ok(attempts > requests, `${attempts} attempts`);
  });
});

describe('silence between two bytes of an answer', () => {
  const timeouts = { firstByteMs: 2_000, idleMs: 300 };

  it('moves the request to another replica while the caller has nothing yet', async () => {
    const silent: Handler = (_incoming, outgoing) => {
      startEventStream(outgoing);
      outgoing.flushHeaders();
    };
    const { cloud, engines } = await start([silent, answering(['here'])], { timeouts });

    const texts = [];
    for (let call = 0; call < 2; call += 1) {
      texts.push(await (await cloud.chat({ stream: true })).text());
    }

    assert.ok(texts.every((text) => text.includes('here') && text.includes('[DONE]')));
    assert.ok(asked(engines[0]) >= 1);
  });

  it('ends the answer with an error in it once the caller has some', async () => {
    const stuck: Handler = (_incoming, outgoing) => {
      startEventStream(outgoing);
      outgoing.write(answerEvents(['half']).slice(0, 2).join(''));
    };
    const { cloud } = await start([stuck], { timeouts });

    const text = await (await cloud.chat({ stream: true })).text();

    assert.match(text, /half/);
    assert.match(text, /"code":"upstream_timeout"/);
    assert.doesNotMatch(text, /\[DONE\]/);
  });
});
