/** DashScope's addresses on a whole gateway: what a program sees on the wire, and what is metered for it. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import {
  type Cloud,
  type Handler,
  MODEL,
  type Scripted,
  answering,
  startCloud,
  startEventStream,
  startScripted,
} from './gateway-fixture.ts';

const GENERATION = '/api/v1/services/aigc/text-generation/generation';
const MULTIMODAL = '/api/v1/services/aigc/multimodal-generation/generation';
const EMBEDDINGS = '/api/v1/services/embeddings/text-embedding/text-embedding';
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

const running: (() => Promise<void>)[] = [];
after(async () => {
  for (const stop of running) await stop();
});

async function start(handler: Handler): Promise<{ cloud: Cloud; engine: Scripted }> {
  const engine = await startScripted(handler);
  const cloud = await startCloud({ engines: [engine.url] });
  running.push(cloud.stop, engine.stop);
  return { cloud, engine };
}

type Native = Readonly<{
  output: { text?: string; choices?: { message: { content: unknown }; finish_reason: string }[] };
  usage: Record<string, number>;
  request_id: string;
  code: string;
  message: string;
}>;

async function post(
  cloud: Cloud,
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; text: string; json: () => Native }> {
  const response = await fetch(cloud.url + path, {
    method: 'POST',
    headers: { ...cloud.headers, ...headers },
    body: JSON.stringify({ model: MODEL, ...body }),
  });
  const text = await response.text();
  const json = (): Native => JSON.parse(text);
  return { status: response.status, headers: response.headers, text, json };
}

const MESSAGES = { messages: [{ role: 'user', content: 'Hi' }] };
const words = await start(answering(['Hel', 'lo']));

describe("DashScope's text generation", () => {
  it('answers whole, asks the engine as a chat, and is metered like one', async () => {
    const { cloud, engine } = words;
    const answer = await post(cloud, GENERATION, {
      input: MESSAGES,
      parameters: { result_format: 'message', enable_thinking: false, top_k: 3 },
    });

    assert.equal(answer.status, 200);
    assert.match(answer.json().request_id, UUID);
    assert.equal(answer.json().output.choices?.[0]?.message.content, 'Hello');
    assert.deepEqual(answer.json().usage, { input_tokens: 10, output_tokens: 3, total_tokens: 13 });
    const asked: Record<string, unknown> = JSON.parse(engine.bodies.at(-1) ?? '');
    assert.deepEqual(
      [asked['messages'], asked['top_k'], asked['chat_template_kwargs'], asked['stream']],
      [MESSAGES.messages, 3, { enable_thinking: false }, undefined],
    );
    const settled = (await cloud.settled()).at(-1);
    assert.deepEqual([settled?.usage.input, settled?.usage.output], [10, 3]);
  });

  it('streams by its header: everything so far in each event, or increments', async () => {
    const { cloud } = words;
    const ask = (parameters: object) =>
      post(cloud, GENERATION, { input: MESSAGES, parameters }, { 'x-dashscope-sse': 'enable' });

    const growing = await ask({});
    const increments = await ask({ incremental_output: true });

    assert.match(growing.headers.get('content-type') ?? '', /^text\/event-stream/);
    assert.match(growing.text, /^id:1\nevent:result\n:HTTP_STATUS\/200\ndata:\{"output":/);
    assert.deepEqual(texts(growing.text), ['Hel', 'Hello', 'Hello']);
    assert.deepEqual(texts(increments.text), ['Hel', 'lo', '']);
    assert.match(
      growing.text,
      /"finish_reason":"stop","text":"Hello"\},"usage":\{"input_tokens":10,"output_tokens":2,"total_tokens":12,"prompt_tokens_details":\{"cached_tokens":4\}\}[^\n]*\n\n$/,
    );
    assert.doesNotMatch(growing.text, /DONE/);
  });

  it('says what the prompt took from the first event on, where the engine does', async () => {
    const { cloud } = await start((incoming, outgoing, body) => {
      outgoing.setHeader('x-flywheel-prompt-tokens', '10');
      answering(['Hel', 'lo'])(incoming, outgoing, body);
    });
    const { text } = await post(
      cloud,
      GENERATION,
      { input: MESSAGES },
      { accept: 'text/event-stream' },
    );
    assert.match(
      text,
      /"text":"Hel"\},"usage":\{"input_tokens":10,"output_tokens":1,"total_tokens":11\}/,
    );
  });

  it('takes lists of texts where the model is multimodal', async () => {
    const content = [{ text: 'Hi' }];
    const answer = await post(words.cloud, MULTIMODAL, {
      input: { messages: [{ role: 'user', content }] },
    });
    assert.deepEqual(answer.json().output.choices?.[0]?.message.content, [{ text: 'Hello' }]);
  });

  it('says an engine that breaks in the stream as an error event', async () => {
    const { cloud } = await start((_incoming, outgoing) => {
      startEventStream(outgoing);
      outgoing.write('data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n');
      outgoing.end('data: {"error":{"message":"out of memory"}}\n\n');
    });
    const answer = await post(
      cloud,
      GENERATION,
      { input: MESSAGES },
      { accept: 'text/event-stream' },
    );
    assert.match(
      answer.text,
      /id:2\nevent:error\n:HTTP_STATUS\/502\ndata:\{"code":"InternalError",[^\n]*\}\n\n$/,
    );
  });
});

function texts(events: string): string[] {
  return [...events.matchAll(/"text":"([^"]*)"/g)].map((match) => match[1] ?? '');
}

describe("DashScope's embeddings", () => {
  it('are those of the engine under their own names', async () => {
    const { cloud, engine } = await start((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.end(
        JSON.stringify({
          object: 'list',
          model: MODEL,
          data: [{ object: 'embedding', index: 0, embedding: [0.6, 0.8] }],
          usage: { prompt_tokens: 4, total_tokens: 4 },
        }),
      );
    });
    const answer = await post(cloud, EMBEDDINGS, {
      input: { texts: ['one'] },
      parameters: { dimension: 2, text_type: 'query' },
    });
    const { request_id: id, ...rest } = answer.json();
    assert.match(id, UUID);
    assert.deepEqual(rest, {
      output: { embeddings: [{ text_index: 0, embedding: [0.6, 0.8] }] },
      usage: { total_tokens: 4 },
    });
    assert.deepEqual(JSON.parse(engine.bodies[0] ?? ''), {
      model: MODEL,
      input: ['one'],
      dimensions: 2,
    });
    assert.equal((await cloud.settled()).at(-1)?.usage.input, 4);
    const sparse = await post(cloud, EMBEDDINGS, {
      input: { texts: ['one'] },
      parameters: { output_type: 'sparse' },
    });
    assert.deepEqual([sparse.status, sparse.json().code], [400, 'InvalidParameter']);
  });
});

describe("DashScope's errors", () => {
  it('carry its own codes, a message and a UUID', async () => {
    const { cloud } = words;
    const stranger = { authorization: 'Bearer sk-fw-wrong' };
    const wrong: [Promise<{ status: number; json: () => Native }>, number, string][] = [
      [post(cloud, GENERATION, { input: MESSAGES }, stranger), 401, 'InvalidApiKey'],
      [post(cloud, GENERATION, { model: 'nobody/none', input: MESSAGES }), 404, 'ModelNotFound'],
      [post(cloud, GENERATION, {}), 400, 'InvalidParameter'],
      [post(cloud, EMBEDDINGS, { input: {} }), 400, 'InvalidParameter'],
      [post(cloud, '/api/v1/services/nothing/here', {}), 404, 'NotFound'],
    ];
    for (const [asked, status, code] of wrong) {
      const answer = await asked;
      assert.deepEqual([answer.status, answer.json().code], [status, code]);
      assert.match(answer.json().request_id, UUID);
      assert.ok(answer.json().message.length > 0);
    }
    const method = await fetch(cloud.url + GENERATION, { headers: cloud.headers });
    assert.deepEqual([method.status, method.headers.get('allow')], [405, 'POST']);
  });
});

describe('/compatible-mode', () => {
  it("is OpenAI's wire, with DashScope's words for thinking and for errors", async () => {
    const { cloud, engine } = words;
    const path = '/compatible-mode/v1/chat/completions';
    const headers = { 'x-dashscope-workspace': 'ws-1', 'x-dashscope-sse': 'enable' };
    const body = { ...MESSAGES, enable_thinking: true, thinking_budget: 50 };
    const whole = await post(cloud, path, body, headers);
    assert.match(whole.text, /"object":"chat\.completion"/);
    const asked: Record<string, unknown> = JSON.parse(engine.bodies.at(-1) ?? '');
    assert.deepEqual(
      [asked['chat_template_kwargs'], asked['thinking_budget']],
      [{ enable_thinking: true }, 50],
    );
    const plain = await post(cloud, path, { stream: true, ...MESSAGES });
    assert.match(plain.text, /data: \[DONE\]\n\n$/);

    const refused = await post(cloud, path, { model: 'nobody/none', ...MESSAGES });
    const error: { error: { code: string }; request_id: string } = JSON.parse(refused.text);
    assert.deepEqual([refused.status, error.error.code], [404, 'model_not_found']);
    assert.match(error.request_id, UUID);
    const models = await fetch(`${cloud.url}/compatible-mode/v1/models`, cloud);
    assert.match(await models.text(), new RegExp(`"id":"${MODEL}"`));
  });
});

describe('DashScope behind us', () => {
  it('answers on any wire: here another cloud of ours speaks its part', async () => {
    const behind = words.cloud;
    const cloud = await startCloud({
      engines: [behind.url],
      replica: {
        upstreamModel: MODEL,
        engineKey: null,
        provider: {
          id: 'prv_one',
          dialect: 'dashscope',
          keyVersion: 1,
          allowsPrivate: true,
          timeoutMs: 10_000,
          parallel: 4,
        },
      },
    });
    running.push(cloud.stop);
    cloud.control.providerKeys.set('prv_one', { apiKey: behind.secret, keyVersion: 1 });

    const whole = await (await cloud.chat()).text();
    const streamed = await (
      await cloud.chat({ stream: true, stream_options: { include_usage: true } })
    ).text();
    const completed = await post(cloud, '/v1/completions', { prompt: 'Hi' });
    const native = await post(
      cloud,
      GENERATION,
      { input: MESSAGES },
      { accept: 'text/event-stream' },
    );

    assert.match(whole, /"content":"Hello".*"prompt_tokens":10,"completion_tokens":3/);
    assert.match(
      streamed,
      /"content":"Hel"[^]*"content":"lo"[^]*"finish_reason":"stop"[^]*"prompt_tokens":10,"completion_tokens":2[^]*data: \[DONE\]\n\n$/,
    );
    assert.match(completed.text, /"object":"text_completion".*"text":"Hello"/);
    assert.deepEqual(texts(native.text), ['Hel', 'Hello', 'Hello']);
    const settled = await cloud.settled();
    assert.deepEqual(
      settled.map(({ usage }) => usage.output),
      [3, 2, 3, 2],
    );
  });
});
