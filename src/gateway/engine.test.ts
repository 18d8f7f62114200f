/** The gateway in front of our own engine, with a model of random weights that really runs. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TinyEngine, startTinyEngine } from '../../test/tiny-engine.ts';
import { type Cloud, MODEL, feedReplica, startCloud, until } from './gateway-fixture.ts';

let tiny: TinyEngine;
let cloud: Cloud;

before(async () => {
  tiny = await startTinyEngine();
  cloud = await startCloud();
  const { url, key: engineKey, info } = tiny.engine;
  const replica = { url, engineKey, upstreamModel: info.model, parallel: info.parallel };
  cloud.change({ replicas: [feedReplica(replica)] });
});

after(async () => {
  await cloud.stop();
  await tiny.close();
});

describe('a real engine behind the gateway', () => {
  it('answers whole, under the name that was asked for, with its own count', async () => {
    const response = await cloud.chat({ max_tokens: 8, temperature: 0 });
    const answer = (await response.json()) as {
      model: string;
      usage: { prompt_tokens: number; completion_tokens: number };
    };
    const [settled] = await cloud.settled();

    assert.equal(response.status, 200);
    assert.equal(answer.model, MODEL);
    assert(settled !== undefined);
    assert.equal(settled.usageSource, 'engine');
    const { input, cacheRead, output, reasoning } = settled.usage;
    assert.equal(input + cacheRead, answer.usage.prompt_tokens);
    assert.equal(output + reasoning, answer.usage.completion_tokens);
  });

  it('streams the same and keeps the usage for us', async () => {
    const text = await (await cloud.chat({ max_tokens: 8, temperature: 0, stream: true })).text();

    assert.match(text, /data: \[DONE\]\n\n$/);
    assert.equal(text.includes('"usage":{'), false);
    assert.ok(
      text
        .split('\n\n')
        .slice(0, -2)
        .every((event) => event.includes(`"model":"${MODEL}"`)),
    );
    const settled = await cloud.settled();
    assert.equal(settled.at(-1)?.usageSource, 'engine');
  });

  it('stops when its caller leaves', async () => {
    const leaving = new AbortController();
    const response = await cloud.chat(
      { max_tokens: 400, stream: true },
      { signal: leaving.signal },
    );
    await response.body?.getReader().read();

    leaving.abort();

    await until(() => cloud.gateway.counts().live === 0);
    await until(async () => (await tiny.engine.stats()).running === 0);
    const settled = await cloud.settled();
    assert.ok(['cancelled', 'finished'].includes(settled.at(-1)?.outcome ?? ''));
  });

  it('knows what the prompt of a cut stream took to the token', async () => {
    const whole = (await (await cloud.chat({ max_tokens: 1 })).json()) as {
      usage: { prompt_tokens: number };
    };
    const leaving = new AbortController();
    const asked = { max_tokens: 4000, ignore_eos: true, stream: true };
    const response = await cloud.chat(asked, { signal: leaving.signal });
    await response.body?.getReader().read();

    leaving.abort();

    await until(() => cloud.gateway.counts().live === 0);
    const settled = (await cloud.settled()).at(-1);
    assert(settled !== undefined);
    assert.deepEqual([settled.outcome, settled.usageSource], ['cancelled', 'counted']);
    assert.equal(settled.usage.input + settled.usage.cacheRead, whole.usage.prompt_tokens);
    assert.ok(settled.usage.output > 0);
  });

  it('refuses what is longer than its context in its own words', async () => {
    const messages = [{ role: 'user', content: 'word '.repeat(20_000) }];
    const response = await cloud.chat({ messages, max_tokens: 4 });
    const { error } = (await response.json()) as { error: { code: string } };
    assert.deepEqual([response.status, error.code], [400, 'context_length_exceeded']);
  });
});
