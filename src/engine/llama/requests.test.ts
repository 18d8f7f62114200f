import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { startTinyEngine } from '../../../test/tiny-engine.ts';
import type { TinyEngine } from '../../../test/tiny-engine.ts';
import { createEngineClient, textOf } from '../contract-client.ts';
import type { ChatChunk, EngineClient } from '../contract-client.ts';

/** A grammar that lets the random model say exactly this. */
const say = (text: string) => ({ grammar: `root ::= ${JSON.stringify(text)}` });

const weatherTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: { city: { enum: ['Paris', '上海'] } },
      required: ['city'],
    },
  },
};

describe('requests to the llama engine', () => {
  let tiny: TinyEngine;
  let client: EngineClient;
  before(async () => {
    tiny = await startTinyEngine();
    client = createEngineClient(tiny.engine);
  });
  after(() => tiny.close());

  it('answer the same for one seed and differently for another', async () => {
    const ask = async (seed: number) =>
      (await client.chat({ seed, max_tokens: 20, temperature: 1 })).choices[0]?.message.content;

    const [one, again, other] = [await ask(1), await ask(1), await ask(2)];

    assert.equal(one, again);
    assert.notEqual(one, other);
  });

  it('answer greedily at temperature 0, whatever the seed', async () => {
    const ask = async (seed: number) =>
      (await client.chat({ seed, max_tokens: 20, temperature: 0 })).choices[0]?.message.content;

    assert.equal(await ask(1), await ask(2));
  });

  it('repeat less under a penalty', async () => {
    const ask = async (penalty: object) => {
      const request = { temperature: 0, max_tokens: 60, ignore_eos: true, ...penalty };
      const reply = await client.chat({ ...request, logprobs: true });
      return new Set(reply.choices[0]?.logprobs?.content.map(({ token }) => token)).size;
    };

    const free = await ask({});

    assert.ok((await ask({ frequency_penalty: 2 })) > free);
    assert.ok((await ask({ presence_penalty: 2 })) > free);
    assert.ok((await ask({ repetition_penalty: 5 })) > free);
  });

  it('follow a logit bias', async () => {
    // Token 65 of the byte alphabet is the letter A.
    const reply = await client.chat({ logit_bias: { 65: 100 }, max_tokens: 5 });

    assert.equal(reply.choices[0]?.message.content, 'AAAAA');
  });

  it('split the thinking from the answer and count it', async () => {
    const chunks = await client.stream({
      ...say('<think>\nhm 好\n</think>\n\nyes'),
      stream_options: { include_usage: true },
    });

    const thinking = chunks
      .map((chunk) => chunk.choices[0]?.delta.reasoning_content ?? '')
      .join('');
    assert.equal(thinking, 'hm 好');
    assert.equal(textOf(chunks), 'yes');
    const usage = chunks.at(-1)?.usage;
    const reasoning = usage?.completion_tokens_details?.reasoning_tokens ?? 0;
    assert.ok(reasoning > 0 && reasoning < (usage?.completion_tokens ?? 0));
  });

  it('stop before a stop string and count only what was delivered', async () => {
    // Greedy, so that both cut the common text into the same tokens.
    const whole = await client.chat({ ...say('first'), temperature: 0 });
    const reply = await client.chat({ ...say('firstSTOPsecond'), temperature: 0, stop: ['STOP'] });

    assert.equal(reply.choices[0]?.message.content, 'first');
    assert.equal(reply.choices[0]?.finish_reason, 'stop');
    assert.equal(reply.usage.completion_tokens, whole.usage.completion_tokens);
  });

  it('never send half a character', async () => {
    const text = '你好，世界 🌍 naïve';
    const chunks = await client.stream(say(text));

    assert.equal(textOf(chunks), text);
    assert.ok(
      chunks.every((chunk) => !(chunk.choices[0]?.delta.content ?? '').includes('\u{FFFD}')),
    );
  });

  it('keep every character of an answer that is cut off inside one', async () => {
    const reply = await client.chat({ ...say('你好'), max_tokens: 4 });

    assert.equal(reply.choices[0]?.message.content, '你\u{FFFD}');
    assert.equal(reply.usage.completion_tokens, 4);
  });

  it('call the tool that they must call', async () => {
    const request = { tools: [weatherTool], tool_choice: 'required', temperature: 1, seed: 3 };

    const reply = await client.chat(request);
    const call = reply.choices[0]?.message.tool_calls?.[0];

    assert.equal(reply.choices[0]?.finish_reason, 'tool_calls');
    assert.equal(reply.choices[0]?.message.content, null);
    assert.equal(call?.function.name, 'get_weather');
    const { city }: { city?: unknown } = JSON.parse(call?.function.arguments ?? '{}');
    assert.ok(city === 'Paris' || city === '上海');
  });

  it('stream a tool call: name and id first, then the arguments', async () => {
    const text =
      '<tool_call>\n{"name": "get_weather", "arguments": {"city": "上海"}}\n</tool_call>';
    const chunks = await client.stream({ ...say(text), tools: [weatherTool] });

    const deltas = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
    assert.equal(deltas[0]?.function.name, 'get_weather');
    assert.match(deltas[0]?.id ?? '', /^call_/);
    assert.ok(
      deltas.slice(1).every(({ id, function: { name } }) => id === undefined && name === undefined),
    );
    const given = deltas.map((delta) => delta.function.arguments ?? '').join('');
    assert.equal(given, '{"city": "上海"}');
    assert.equal(finishOf(chunks), 'tool_calls');
  });

  it('leave tool calls in the text when no tools were given', async () => {
    const text = '<tool_call>{"name": "f", "arguments": {}}</tool_call>';
    const reply = await client.chat(say(text));

    assert.equal(reply.choices[0]?.message.content, text);
    assert.equal(reply.choices[0]?.finish_reason, 'stop');
  });

  it('keep to a JSON schema', async () => {
    const schema = {
      type: 'object',
      properties: {
        ok: { type: 'boolean' },
        kind: { enum: ['a', 'b'] },
        list: { type: 'array', items: { type: 'null' }, minItems: 1, maxItems: 3 },
        note: { type: 'string', maxLength: 4 },
      },
      required: ['ok', 'kind', 'list', 'note'],
      additionalProperties: false,
    };
    for (const seed of [1, 2, 3]) {
      const reply = await client.chat({
        response_format: { type: 'json_schema', json_schema: { name: 'x', schema, strict: true } },
        temperature: 1,
        seed,
      });

      const value: Record<string, unknown> = JSON.parse(reply.choices[0]?.message.content ?? '');
      assert.deepEqual(Object.keys(value), ['ok', 'kind', 'list', 'note']);
      assert.equal(typeof value['ok'], 'boolean');
      assert.equal(reply.choices[0]?.finish_reason, 'stop');
    }
  });

  it('tell the probability of each token and of its rivals', async () => {
    const request = { max_tokens: 6, ignore_eos: true, temperature: 0, logprobs: true };
    const reply = await client.chat({ ...request, top_logprobs: 3 });

    const tokens = reply.choices[0]?.logprobs?.content ?? [];
    assert.equal(tokens.length, 6);
    for (const { token, logprob, top_logprobs: top } of tokens) {
      assert.equal(top.length, 3);
      assert.equal(top[0]?.token, token);
      assert.equal(top[0]?.logprob, logprob);
      assert.ok(logprob <= 0);
    }
  });

  it('tell usage with every chunk to those who ask', async () => {
    const chunks = await client.stream({
      max_tokens: 12,
      ignore_eos: true,
      stream_options: { include_usage: true, continuous_usage_stats: true },
    });

    const counts = chunks.map((chunk) => chunk.usage?.completion_tokens ?? -1);
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => a - b),
    );
    assert.equal(counts.at(-1), 12);
    assert.ok((counts[0] ?? -1) >= 1);
  });

  it('refuse what the engine does not do, by name', async () => {
    const messages = [{ role: 'user', content: 'a' }];
    const image = [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }];
    const cases: [request: object, param: string][] = [
      [{ messages, n: 2 }, 'n'],
      [{ messages: image }, 'messages.0.content.0'],
    ];

    for (const [request, param] of cases) {
      const { status, error } = await client.refusal(request);
      assert.deepEqual([status, error.code, error.param], [400, 'unsupported_parameter', param]);
    }
    const { error } = await client.refusal({ prompt: 'a', logprobs: 2 }, '/v1/completions');
    assert.equal(error.param, 'logprobs');
  });

  it('refuse a schema, a grammar or a tool choice that cannot be used', async () => {
    const messages = [{ role: 'user', content: 'a' }];
    const strict = (schema: object) => ({
      messages,
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema, strict: true } },
    });
    const cases = [
      strict({ type: 'string', pattern: 'a+' }),
      strict({ type: 'thing' }),
      strict({ $ref: '#/$defs/none' }),
      { messages, grammar: 'root ::= nothing' },
      {
        messages,
        tools: [weatherTool],
        tool_choice: { type: 'function', function: { name: 'x' } },
      },
    ];

    for (const request of cases) {
      const { status, error } = await client.refusal(request);
      assert.deepEqual([status, error.code], [400, 'invalid_value']);
    }
  });

  it('refuse a body beyond the limit, whether or not its size was told', async () => {
    const large = 'x'.repeat(33 * 1024 * 1024);
    const told = await client.refusal(large);
    const untold = await fetch(`${tiny.engine.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tiny.engine.key}` },
      body: ReadableStream.from([Buffer.from(large)]),
      duplex: 'half',
    });

    assert.deepEqual([told.status, told.error.code], [413, 'request_too_large']);
    assert.equal(untold.status, 413);
    assert.match(await untold.text(), /request_too_large/);
  });

  it('count the tokens of a prompt as the answer to it does', async () => {
    const body = { messages: [{ role: 'user', content: '你好 there' }], tools: [weatherTool] };
    const { url, key, info } = tiny.engine;
    const response = await fetch(`${url}/tokenize`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    });
    const { usage } = await client.chat({ ...body, max_tokens: 1 });

    assert.deepEqual(await response.json(), {
      count: usage.prompt_tokens,
      max_model_len: info.contextLength,
    });
  });

  it('complete plain text and given tokens', async () => {
    const complete = async (prompt: unknown) => {
      const request = { prompt, max_tokens: 8, temperature: 0, ignore_eos: true };
      const response = await client.post('/v1/completions', request);
      return response.text();
    };

    const text = await complete('A');
    assert.match(text, /"completion_tokens":8/);
    assert.equal(
      /"text":"[^"]*"/.exec(await complete([65]))?.[0],
      /"text":"[^"]*"/.exec(text)?.[0],
    );
    assert.match(await complete([1_000_000]), /invalid_value/);
    assert.match(await complete(['A', 'B']), /unsupported_parameter/);
  });

  it('embed in the forms that clients ask for', async () => {
    const embed = async (request: object): Promise<string> =>
      (await client.post('/v1/embeddings', { input: 'hello', ...request })).text();

    const [plain] = await client.embed('hello');
    const packed = /"embedding":"([^"]+)"/.exec(await embed({ encoding_format: 'base64' }))?.[1];

    const bytes = Uint8Array.from(Buffer.from(packed ?? '', 'base64'));
    assert.deepEqual([...new Float32Array(bytes.buffer)], plain?.map(Math.fround));
    assert.match(await embed({ dimensions: 3 }), /"embedding":\[([^,\]]+,){2}[^,\]]+\]/);
    const { error } = await client.refusal({ input: 'a', dimensions: 65 }, '/v1/embeddings');
    assert.equal(error.param, 'dimensions');
  });

  it('are refused with a time to come back when the queue is full', async () => {
    const abort = new AbortController();
    const busy = { max_tokens: 2_000, ignore_eos: true };
    // Two run and sixteen wait; of forty, all the others must be refused at once.
    const many = Array.from({ length: 40 }, () => client.open(busy, abort.signal));
    const refused = await firstRefusal(many);

    assert.equal(refused.status, 503);
    assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]/);
    assert.match(await refused.text(), /engine_busy/);
    abort.abort();
    await Promise.allSettled(many);
  });
});

function firstRefusal(responses: readonly Promise<Response>[]): Promise<Response> {
  return Promise.any(
    responses.map(async (pending) => {
      const response = await pending;
      assert.notEqual(response.status, 200);
      return response;
    }),
  );
}

function finishOf(chunks: readonly ChatChunk[]): string | null | undefined {
  return chunks.map((chunk) => chunk.choices[0]?.finish_reason).findLast((finish) => finish);
}
