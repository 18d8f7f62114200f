/** What the gateway copies of requests, for whom, and that it holds up nobody. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import {
  type CloudOptions,
  MODEL,
  answering,
  startCloud,
  startScripted,
  until,
} from '../gateway-fixture.ts';
import type { Content } from './content-keeper.ts';
import { PartRecorder } from './content-part.ts';

const running: (() => Promise<void>)[] = [];
after(async () => {
  for (const stop of running) await stop();
});

const KEPT = { tenantId: 'ten_one', projectId: 'prj_one', bytesMax: 200 };

async function start(options: CloudOptions = {}) {
  const engine = await startScripted(answering(['An answer ', 'in two pieces']));
  const sent: Content[] = [];
  const cloud = await startCloud({
    engines: [engine.url],
    feed: { contents: [KEPT] },
    sendContents: async (contents) => {
      sent.push(...contents);
    },
    ...options,
  });
  running.push(cloud.stop, engine.stop);
  const ask = async (secret: string, more: object = {}, content = 'What is kept?') => {
    const response = await fetch(`${cloud.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { ...cloud.headers, authorization: `Bearer ${secret}` },
      body: JSON.stringify({ model: MODEL, messages: [{ role: 'user', content }], ...more }),
    });
    await response.text();
    return response.headers.get('x-request-id');
  };
  const keeper = cloud.addKey({ tenantId: KEPT.tenantId, projectId: KEPT.projectId });
  return { cloud, sent, ask, keeper };
}

describe('contents', () => {
  it('are copied for the project that asked for it, streams too, and for no other', async () => {
    const { cloud, sent, ask, keeper } = await start();
    const others = [
      cloud.addKey({ tenantId: KEPT.tenantId, projectId: 'prj_two' }),
      cloud.addKey({ tenantId: 'ten_two', projectId: KEPT.projectId }),
    ];
    for (const other of others) await ask(other);

    const whole = await ask(keeper);
    const stream = await ask(keeper, { stream: true });
    await until(() => sent.length === 2);

    assert.deepEqual(
      sent.map(({ requestId, projectId, tenantId }) => [requestId, projectId, tenantId]),
      [whole, stream].map((id) => [id, KEPT.projectId, KEPT.tenantId]),
    );
    assert.match(sent[0]?.request.text ?? '', /What is kept\?/);
    assert.match(sent[0]?.answer.text ?? '', /An answer in two pieces/);
    assert.match(sent[1]?.answer.text ?? '', /^data: /);
  });

  it('are cut at the size that the project set, and say so', async () => {
    const { sent, ask, keeper } = await start();

    await ask(keeper, {}, '长'.repeat(500));
    await until(() => sent.length === 1);

    const request = sent[0]?.request;
    assert.deepEqual([request?.isCut, request?.isText], [true, true]);
    assert.ok((request?.bytes ?? 0) > 1_500);
    assert.ok(Buffer.byteLength(request?.text ?? '') <= KEPT.bytesMax);
    assert.ok(!request?.text.includes('\ufffd'));
  });

  it('that control does not take hold up no call', async () => {
    const { cloud, ask, keeper } = await start({
      sendContents: () => Promise.reject(new Error('control is away')),
    });

    for (let call = 0; call < 5; call += 1) assert.notEqual(await ask(keeper), null);

    await until(() => cloud.gateway.counts().live === 0);
    assert.equal((await cloud.settled()).length, 5);
  });
});

describe('a part of a content', () => {
  it('that is no text says how much there was and shows none of it', () => {
    const recorder = new PartRecorder(100);
    recorder.take(Buffer.from([0xff, 0xfb, 0x90, 0]));

    assert.deepEqual(recorder.part(), { text: '', bytes: 4, isCut: false, isText: false });
  });

  it('is cut between characters wherever the pieces end', () => {
    const text = Buffer.from('aä€😀'.repeat(20));
    for (let size = 1; size < text.length; size += 1) {
      const recorder = new PartRecorder(50);
      for (let at = 0; at < text.length; at += size) recorder.take(text.subarray(at, at + size));
      const part = recorder.part();
      assert.ok(text.toString('utf8').startsWith(part.text) && part.isCut && part.isText);
    }
  });
});
