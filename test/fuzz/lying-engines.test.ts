/** Whoever calls in whichever dialect, and whatever lies behind: only the request that met the lie is harmed. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { FeedReplica } from '#gateway/feed.ts';
import {
  type Handler,
  MODEL,
  feedReplica,
  startCloud,
  startScripted,
  until,
} from '#gateway/gateway-fixture.ts';
import { parseSettled } from '#metering/record.ts';
import {
  BROKEN,
  CLAMPED,
  COUNTLESS,
  HONESTLY,
  type Lie,
  TONGUES,
  type Tongue,
} from './lying-engines.ts';

const messages = [{ role: 'user', content: 'Hi' }];
const CALLERS: Readonly<Record<string, readonly [path: string, body: object]>> = {
  openai: ['/v1/chat/completions', { messages, max_tokens: 50 }],
  anthropic: ['/v1/messages', { messages, max_tokens: 50 }],
  dashscope: [
    '/api/v1/services/aigc/text-generation/generation',
    { input: { messages }, parameters: { result_format: 'message', max_tokens: 50 } },
  ],
};

async function start(tongue: Tongue) {
  const state: { lie: Lie } = { lie: HONESTLY };
  const handler: Handler = (_incoming, outgoing, body) => {
    const isStream = body.includes('"stream":true') || body.includes('"incremental_output":true');
    const asked =
      _incoming.headers['x-dashscope-sse'] === 'enable' || body.includes('"stream":true');
    state.lie({ tongue, isStream: tongue === 'dashscope' ? asked : isStream, outgoing });
  };
  const engine = await startScripted(handler);
  const provider = {
    id: 'prv_lying',
    dialect: tongue,
    keyVersion: 1,
    allowsPrivate: true,
    timeoutMs: 5_000,
    parallel: 64,
  };
  const replica: FeedReplica = feedReplica({
    id: 'rep_lying',
    url: engine.url,
    ...(tongue === 'openai' ? {} : { nodeId: null, engineKey: null, provider }),
  });
  const cloud = await startCloud({ engines: [engine.url], feed: { replicas: [replica] } });
  cloud.control.providerKeys.set('prv_lying', { apiKey: 'sk', keyVersion: 1 });
  after(async () => {
    await cloud.stop();
    await engine.stop();
  });
  const call = async (caller: string, isStream: boolean): Promise<[number, string]> => {
    const [path, body] = CALLERS[caller] ?? ['', {}];
    const response = await fetch(cloud.url + path, {
      method: 'POST',
      headers: {
        ...cloud.headers,
        'anthropic-version': '2023-06-01',
        ...(isStream && { 'x-dashscope-sse': 'enable' }),
      },
      body: JSON.stringify({ model: MODEL, ...body, ...(isStream && { stream: true }) }),
    });
    // A body that breaks off is an end too.
    return [response.status, await response.text().catch(() => '')];
  };
  /** A replica that lied rests; the next call waits for it, or the key of a provider is still on its way. */
  const untilHonest = async (caller: string): Promise<void> => {
    state.lie = HONESTLY;
    let last: [number, string] = [0, ''];
    await until(async () => {
      last = await call(caller, false);
      return last[0] === 200;
    });
    assert.match(last[1], /Hello you there/);
  };
  return { cloud, state, call, untilHonest };
}

for (const tongue of TONGUES) {
  describe(`behind an upstream of ${tongue}'s dialect`, () => {
    for (const caller of Object.keys(CALLERS)) {
      it(`a caller of ${caller}'s is answered or told, and paid for what it got`, async () => {
        const { cloud, state, call, untilHonest } = await start(tongue);
        await untilHonest(caller);
        for (const isStream of [false, true]) {
          for (const [name, lie] of Object.entries({ ...COUNTLESS, ...CLAMPED })) {
            state.lie = lie;
            const [status, text] = await call(caller, isStream);
            assert.equal(status, 200, `${name}: ${text}`);
            assert.match(text.replaceAll(/","|"[^"]*":/g, ''), /Hello|you|there/, name);
            const record = (await cloud.settled()).at(-1);
            assert.ok(record !== undefined && parseSettled(record).record !== null, name);
            const isCounted = name in COUNTLESS;
            assert.equal(
              record.usageSource,
              isCounted ? 'counted' : 'engine',
              `${name}: ${isStream}`,
            );
            assert.ok(record.usage.output > 0 && record.usage.output < 1_000, name);
          }
          for (const [name, lie] of Object.entries(BROKEN)) {
            state.lie = lie;
            const [status, text] = await call(caller, isStream);
            const isTold = status >= 502 && status <= 529;
            const isEnded = status === 200 && isStream && /error/i.test(text);
            const isHarmless = status === 200 && name === 'another dialect';
            assert.ok(isTold || isEnded || isHarmless || text === '', `${name}: ${status} ${text}`);
            await untilHonest(caller);
          }
        }
        await until(() => cloud.gateway.counts().live === 0);
        assert.deepEqual(cloud.gateway.counts(), { live: 0, slots: 0, waiting: 0, holds: 0 });
      });
    }
  });
}
