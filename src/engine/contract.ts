/**
 * What every engine must do, as tests over real sockets. Each adapter's test file calls this with a
 * way to start its engine on the tiny model; the rest of Flywheel relies on nothing beyond it.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { createEngineClient, readEvents, textOf } from './contract-client.ts';
import type { EngineClient } from './contract-client.ts';
import type { RunningEngine } from './engine.ts';

export type ContractEngine = Readonly<{
  engine: RunningEngine;
  /** Ends the engine's process without warning. */
  kill: () => void;
  /** Releases everything that the start made. */
  close: () => Promise<void>;
}>;

/** A started engine has two parallel places and a context of 2,048 tokens. */
export type StartContractEngine = () => Promise<ContractEngine>;

export function testEngineContract(name: string, start: StartContractEngine): void {
  describe(`${name} keeps the engine contract`, () => {
    let running: ContractEngine;
    let client: EngineClient;
    before(async () => {
      running = await start();
      client = createEngineClient(running.engine);
    });
    after(() => running.close());

    it('lists the model under the name that requests carry', async () => {
      const names = await client.models();

      assert.ok(names.includes(running.engine.info.model));
    });

    it('counts exactly the tokens it delivers', async () => {
      const { choices, usage } = await client.chat({ max_tokens: 9, ignore_eos: true });

      assert.equal(choices[0]?.finish_reason, 'length');
      assert.equal(usage.completion_tokens, 9);
      assert.equal(usage.total_tokens, usage.prompt_tokens + 9);
    });

    it('streams the text that it would answer at once', async () => {
      const request = { max_tokens: 24, seed: 7, temperature: 1 };

      const whole = await client.chat(request);
      const chunks = await client.stream({ ...request, stream_options: { include_usage: true } });

      assert.equal(textOf(chunks), whole.choices[0]?.message.content);
      assert.equal(chunks.at(-1)?.usage?.completion_tokens, whole.usage.completion_tokens);
      assert.deepEqual(chunks.at(-1)?.choices, []);
    });

    it('tells usage in a stream only when asked', async () => {
      const chunks = await client.stream({ max_tokens: 4 });

      assert.ok(chunks.every((chunk) => (chunk.usage ?? null) === null));
    });

    it('answers more requests than it has places, each for itself', async () => {
      const asked = Array.from({ length: 6 }, (_, seed) => ({
        max_tokens: 16,
        seed,
        temperature: 1,
      }));

      const together = await Promise.all(asked.map((request) => client.chat(request)));
      const alone = await client.chat({ max_tokens: 16, seed: 3, temperature: 1 });

      const texts = together.map(({ choices }) => choices[0]?.message.content);
      assert.equal(texts[3], alone.choices[0]?.message.content);
      assert.equal(new Set(texts).size, asked.length);
    });

    it('remembers the beginning that two requests share', async () => {
      const content = 'the quick brown fox jumps over the lazy dog '.repeat(3);
      await client.chat({ messages: [{ role: 'user', content }], max_tokens: 1 });
      const { usage } = await client.chat({ messages: [{ role: 'user', content }], max_tokens: 1 });

      assert.equal(usage.prompt_tokens_details?.cached_tokens, usage.prompt_tokens - 1);
    });

    it('makes embeddings of length one', async () => {
      const vectors = await client.embed(['one', 'two']);

      assert.equal(vectors.length, 2);
      for (const vector of vectors) assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-6);
    });

    it('refuses bad requests in the dialect of its callers', async () => {
      const long = 'word '.repeat(2_048);
      const cases: [body: unknown, status: number, code: string][] = [
        ['{"messages": [', 400, 'invalid_json'],
        [{ messages: 'hello' }, 400, 'invalid_value'],
        [{ messages: [] }, 400, 'invalid_value'],
        [{ messages: [{ role: 'user', content: long }] }, 400, 'context_length_exceeded'],
        [{ messages: [{ role: 'user', content: 'a' }], temperature: 'hot' }, 400, 'invalid_value'],
        [{ messages: [{ role: 'user', content: 'a' }], model: 'other' }, 404, 'model_not_found'],
      ];

      for (const [request, status, code] of cases) {
        const { status: given, error } = await client.refusal(request);
        assert.deepEqual([given, error.code], [status, code]);
        assert.notEqual(error.message, '');
        assert.equal(error.type, 'invalid_request_error');
      }
    });

    it('refuses callers without its key', async () => {
      if (running.engine.key === null) return;
      const response = await fetch(`${running.engine.url}/v1/models`);

      assert.equal(response.status, 401);
      assert.match(await response.text(), /invalid_api_key/);
    });

    it('frees the place of a caller who leaves', async () => {
      const abort = new AbortController();
      const request = { max_tokens: 2_000, ignore_eos: true, stream: true };
      const response = await client.open(request, abort.signal);
      await response.body?.getReader().read();
      abort.abort();

      await until(async () => (await running.engine.stats()).running === 0);
    });

    it('tells its six numbers', async () => {
      const stats = await running.engine.stats();

      assert.equal(stats.running, 0);
      assert.equal(stats.waiting, 0);
      assert.equal(stats.kvUse, 0);
      assert.ok((stats.cachedTokens ?? 0) > 0);
      assert.ok((stats.timeToFirstTokenMs ?? 0) > 0);
      assert.ok((stats.timePerTokenMs ?? 0) > 0);
    });
  });

  testEngineEnds(name, start);
}

function testEngineEnds(name: string, start: StartContractEngine): void {
  describe(`${name} ends as the engine contract says`, () => {
    it('says so and breaks off its streams when it dies', async () => {
      const running = await start();
      const client = createEngineClient(running.engine);
      const response = await client.open({ max_tokens: 2_000, ignore_eos: true, stream: true });
      const reader = response.body?.getReader();
      await reader?.read();

      running.kill();

      await assert.rejects(async () => {
        while ((await reader?.read())?.done === false);
      });
      const exit = await running.engine.exited;
      assert.notEqual(exit.reason, 'stopped');
      assert.match(exit.message, /\w/);
      await running.close();
    });

    it('finishes what is running before it stops', async () => {
      const running = await start();
      const client = createEngineClient(running.engine);
      const options = { stream: true, stream_options: { include_usage: true } };
      const response = await client.open({ max_tokens: 200, ignore_eos: true, ...options });

      const [text] = await Promise.all([response.text(), running.engine.stop(60_000)]);

      assert.equal(readEvents(text).at(-1)?.usage?.completion_tokens, 200);
      assert.equal((await running.engine.exited).reason, 'stopped');
      await running.close();
    });
  });
}

/** Waits for a condition; the test runner's own limit ends a wait that never comes true. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
