/**
 * Ten thousand callers that leave, in each of the three windows: while they wait in line, before the first
 * token, in the middle of the stream. The engine never ends an answer and hears of each one that left; the
 * gateway is left with nothing.
 */
import assert from 'node:assert/strict';
import { type Socket, connect } from 'node:net';
import { after, describe, it } from 'node:test';
import {
  MODEL,
  PRICE,
  answerEvents,
  startCloud,
  startEventStream,
  startScripted,
  until,
} from '#gateway/gateway-fixture.ts';

const CALLERS = 10_000;
const AT_ONCE = 200;
/** Of those at once: half of them hear a token, half nothing; the rest waits in line. */
const SLOTS = 120;

const streaming = { count: 0 };
const engine = await startScripted((_incoming, outgoing) => {
  streaming.count += 1;
  if (streaming.count % 2 === 0) return;
  const [role = '', word = ''] = answerEvents(['hello']);
  startEventStream(outgoing);
  outgoing.write(role + word);
});
const cloud = await startCloud({
  engines: [engine.url],
  replica: { parallel: SLOTS },
  model: { prices: [PRICE] },
  coldStartWaitMs: 60_000,
});
cloud.control.availablePico = 10n ** 18n;
after(async () => {
  await cloud.stop();
  await engine.stop();
});

const body = JSON.stringify({
  model: MODEL,
  stream: true,
  max_tokens: 10,
  messages: [{ role: 'user', content: 'Hi' }],
});
const request =
  `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${cloud.secret}\r\n` +
  `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

type Caller = { readonly socket: Socket; heard: boolean };

function call(): Caller {
  const socket = connect(Number(new URL(cloud.url).port), '127.0.0.1');
  const caller = { socket, heard: false };
  socket.on('error', () => {});
  socket.on('data', (part) => {
    caller.heard ||= part.includes('hello');
  });
  socket.write(request);
  return caller;
}

const windows = { queued: 0, beforeToken: 0, midStream: 0 };

async function leaveAll(): Promise<void> {
  const asked = engine.bodies.length;
  const cut = engine.aborted();
  const first = Array.from({ length: SLOTS }, call);
  await until(() => engine.bodies.length === asked + SLOTS);
  const queued = Array.from({ length: AT_ONCE - SLOTS }, call);
  await until(() => cloud.gateway.counts().waiting === queued.length);
  await until(() => first.filter(({ heard }) => heard).length === SLOTS / 2);

  // First those in line, or one would take the place of another that left.
  for (const { socket } of queued) socket.destroy();
  await until(() => cloud.gateway.counts().waiting === 0);
  assert.equal(engine.bodies.length, asked + SLOTS, 'nobody who left the line reached the engine');
  for (const { socket } of first) socket.destroy();
  await until(() => engine.aborted() === cut + SLOTS);

  windows.queued += queued.length;
  windows.midStream += SLOTS / 2;
  windows.beforeToken += SLOTS / 2;
}

describe('callers that leave', () => {
  it(`are ${CALLERS} in three windows, and leave nothing behind`, async () => {
    for (let left = 0; left < CALLERS; left += AT_ONCE) await leaveAll();

    await until(() => cloud.gateway.counts().live === 0);
    assert.deepEqual(cloud.gateway.counts(), { live: 0, slots: 0, waiting: 0, holds: 0 });
    assert.equal(windows.queued + windows.beforeToken + windows.midStream, CALLERS);
    const settled = await cloud.settled();
    const outcomes = Object.groupBy(settled, ({ outcome }) => outcome);
    assert.deepEqual([settled.length, outcomes.cancelled?.length], [CALLERS, CALLERS]);
    const billed = settled.filter(({ usage }) => usage.output > 0).length;
    assert.equal(billed, windows.midStream, 'who heard a token pays for it, and nobody else');
  });
});
