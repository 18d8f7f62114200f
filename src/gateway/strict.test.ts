/** A gateway whose admissions are on disk before anything is done for them. */
import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import {
  type CloudOptions,
  MODEL,
  type Scripted,
  startCloud,
  startScripted,
  until,
  wholeAnswer,
} from './gateway-fixture.ts';

const running: (() => Promise<void>)[] = [];
after(async () => {
  for (const stop of running) await stop();
});

async function start(options: CloudOptions) {
  const engine: Scripted = await startScripted((_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify(wholeAnswer('Hi')));
  });
  const cloud = await startCloud({ engines: [engine.url], isStrictJournal: true, ...options });
  running.push(cloud.stop, engine.stop);
  const ask = () =>
    fetch(`${cloud.url}/v1/chat/completions`, {
      method: 'POST',
      headers: cloud.headers,
      body: JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'x' }] }),
    });
  return { cloud, engine, ask };
}

/** A disk that takes its time: each write ends when the test says so. */
function gatedFlush() {
  const gates: PromiseWithResolvers<void>[] = [];
  let isOpen = false;
  const flush = async (own: () => Promise<void>): Promise<void> => {
    if (isOpen) return own();
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    await gate.promise;
    await own();
  };
  const open = (): void => {
    isOpen = true;
    for (const gate of gates) gate.resolve();
  };
  return { gates, flush, open };
}

it('calls no engine before the admission is on disk, and lets no answer go before its end is', async () => {
  const { gates, flush, open } = gatedFlush();
  const { engine, ask, cloud } = await start({ flush });

  const answer = ask();
  await until(() => gates.length === 1);
  assert.equal(engine.bodies.length, 0);
  gates[0]?.resolve();
  await until(() => gates.length === 2);
  assert.equal(engine.bodies.length, 1);
  const isAnswered = await Promise.race([answer.then(() => true), Promise.resolve(false)]);
  assert.equal(isAnswered, false);
  open();

  assert.equal((await answer).status, 200);
  assert.deepEqual(Object.values(cloud.gateway.counts()), [0, 0, 0, 0]);
});

it('refuses what cannot be written down, and holds nothing of it', async () => {
  let isBroken = true;
  const { engine, ask, cloud } = await start({
    flush: (own) => (isBroken ? Promise.reject(new Error('the disk is gone')) : own()),
  });

  const response = await ask();

  assert.equal(response.status, 503);
  assert.match(await response.text(), /journal_unavailable/);
  assert.equal(engine.bodies.length, 0);
  assert.deepEqual(Object.values(cloud.gateway.counts()), [0, 0, 0, 0]);
  isBroken = false;
  const [settled] = await cloud.settled();
  assert.deepEqual([settled?.outcome, settled?.errorCode], ['failed', 'journal_unavailable']);
});
