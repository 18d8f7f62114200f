/** A revision is replaced under load: real gateway, real sockets, and no caller notices. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import {
  type Cloud,
  type Handler,
  type Scripted,
  answerEvents,
  feedReplica,
  startCloud,
  startEventStream,
  startScripted,
  until,
} from '../gateway-fixture.ts';

const NOTHING_LEFT = { live: 0, slots: 0, waiting: 0, holds: 0 };
const WORDS = ['one', 'two', 'three', 'four', 'five'];
const CALLERS = 12;

const running: (() => Promise<void>)[] = [];
after(async () => {
  for (const stop of running) await stop();
});

type Engine = Scripted & Readonly<{ open: () => number }>;

/** Says its words one by one, each in a turn of its own, so that streams are always under way. */
async function startEngine(): Promise<Engine> {
  let open = 0;
  const speaking: Handler = (_incoming, outgoing) => {
    open += 1;
    outgoing.on('close', () => {
      open -= 1;
    });
    startEventStream(outgoing);
    const events = answerEvents(WORDS);
    const next = (): void => {
      const event = events.shift();
      if (event === undefined) outgoing.end();
      else outgoing.write(event, () => setImmediate(next));
    };
    next();
  };
  const engine = await startScripted(speaking);
  return { ...engine, open: () => open };
}

type Load = Readonly<{
  /** Answers that came whole so far. */
  whole: () => number;
  failures: string[];
  stop: () => Promise<void>;
}>;

/** Callers that stream one answer after the other, and write down each that is not whole. */
function startLoad(cloud: Cloud): Load {
  const failures: string[] = [];
  const stopping = new AbortController();
  let whole = 0;
  const call = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const response = await cloud.chat({ stream: true });
      const text = await response.text();
      if (response.status === 200 && text.endsWith('data: [DONE]\n\n')) whole += 1;
      else failures.push(`${response.status} ${text.slice(-200)}`);
    }
  };
  const calls = Array.from({ length: CALLERS }, () =>
    call().catch((error: unknown) => failures.push(String(error))),
  );
  return {
    whole: () => whole,
    failures,
    stop: async () => {
      stopping.abort();
      await Promise.all(calls);
    },
  };
}

const more = (load: Load, count: number): Promise<void> => {
  const before = load.whole();
  return until(() => load.whole() >= before + count || load.failures.length > 0);
};

describe('replacing a revision under load', () => {
  it('drops no stream: the old one finishes what it has, the new one takes what comes', async () => {
    const [old, fresh] = [await startEngine(), await startEngine()];
    const cloud = await startCloud({ engines: [old.url] });
    running.push(cloud.stop, fresh.stop);
    const replica = (id: string, engine: Engine, state: 'ready' | 'draining') =>
      feedReplica({ id, url: engine.url, state, parallel: CALLERS });
    cloud.change({ replicas: [replica('rep_old', old, 'ready')] });
    const load = startLoad(cloud);
    await more(load, 50);

    cloud.change({
      replicas: [replica('rep_old', old, 'ready'), replica('rep_new', fresh, 'ready')],
    });
    await more(load, 50);
    await until(() => old.open() > 0 || load.failures.length > 0);
    cloud.change({
      replicas: [replica('rep_old', old, 'draining'), replica('rep_new', fresh, 'ready')],
    });
    const askedOfOld = old.bodies.length;
    await until(() => old.open() === 0);
    await old.stop();
    cloud.change({ replicas: [replica('rep_new', fresh, 'ready')] });
    await more(load, 50);
    await load.stop();

    assert.deepEqual(load.failures, []);
    assert.ok(askedOfOld > 0 && fresh.bodies.length > 0);
    // One that had its slot before the feed changed may still have been on its way.
    assert.ok(old.bodies.length <= askedOfOld + CALLERS);
    assert.ok((await cloud.settled()).every(({ outcome }) => outcome === 'finished'));
    assert.deepEqual(cloud.gateway.counts(), NOTHING_LEFT);
  });

  it('drops no request either when the old one stops listening before the feed says so', async () => {
    const [old, fresh] = [await startEngine(), await startEngine()];
    const cloud = await startCloud({ engines: [old.url] });
    running.push(cloud.stop, fresh.stop);
    const both = [
      feedReplica({ id: 'rep_old', url: old.url, parallel: CALLERS }),
      feedReplica({ id: 'rep_new', url: fresh.url, parallel: CALLERS }),
    ];
    cloud.change({ replicas: both });
    const load = startLoad(cloud);
    await more(load, 50);

    // It finishes its streams and refuses connections, as a process does that was told to stop.
    const closing = Promise.withResolvers<void>();
    old.server.close(() => closing.resolve());
    const sweeping = setInterval(() => old.server.closeIdleConnections(), 1);
    await more(load, 100);
    cloud.change({ replicas: both.slice(1) });
    await more(load, 50);
    await load.stop();
    await closing.promise;
    clearInterval(sweeping);

    assert.deepEqual(load.failures, []);
    assert.deepEqual(cloud.gateway.counts(), NOTHING_LEFT);
  });

  it('drops no stream of several gateways, whenever each of them hears of it', async () => {
    const [old, fresh] = [await startEngine(), await startEngine()];
    const one = await startCloud({ engines: [old.url] });
    const two = await startCloud({
      engines: [old.url],
      control: one.control,
      gatewayId: 'gtw_two',
    });
    running.push(two.stop, one.stop, fresh.stop);
    const both = [
      feedReplica({ id: 'rep_old', url: old.url, parallel: CALLERS }),
      feedReplica({ id: 'rep_new', url: fresh.url, parallel: CALLERS }),
    ];
    for (const cloud of [one, two]) cloud.change({ replicas: both });
    const loads = [startLoad(one), startLoad(two)];
    for (const load of loads) await more(load, 50);

    one.change({ replicas: both.slice(1) });
    for (const load of loads) await more(load, 30);
    // The node stops its engine now: it serves out what it has and takes no connection more.
    const closing = Promise.withResolvers<void>();
    old.server.close(() => closing.resolve());
    const sweeping = setInterval(() => old.server.closeIdleConnections(), 1);
    for (const load of loads) await more(load, 50);
    two.change({ replicas: both.slice(1) });
    for (const load of loads) await more(load, 50);
    for (const load of loads) await load.stop();
    await closing.promise;
    clearInterval(sweeping);

    assert.deepEqual(
      loads.flatMap(({ failures }) => failures),
      [],
    );
    for (const { gateway } of [one, two]) assert.deepEqual(gateway.counts(), NOTHING_LEFT);
  });
});
