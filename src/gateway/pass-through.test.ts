/** What some engines have and others lack: it reaches those that have it whole, and is refused by name elsewhere. */
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { after, describe, it } from 'node:test';
import {
  type Cloud,
  type CloudOptions,
  type Handler,
  MODEL,
  PRICE,
  type Scripted,
  answering,
  startCloud,
  startScripted,
  until,
  wholeAnswer,
} from './gateway-fixture.ts';
import { parseVerdict } from './wire/openai/moderations.ts';

const running: (() => Promise<void>)[] = [];
after(async () => {
  for (const stop of running) await stop();
});

async function start(
  handler: Handler,
  options: CloudOptions = {},
): Promise<{ cloud: Cloud; engine: Scripted }> {
  const engine = await startScripted(handler);
  const cloud = await startCloud({ engines: [engine.url], ...options });
  running.push(cloud.stop, engine.stop);
  return { cloud, engine };
}

/** An engine that has one address. */
function having(path: string, answer: (outgoing: ServerResponse) => void): Handler {
  return (incoming: IncomingMessage, outgoing) => {
    if (incoming.url === path) return answer(outgoing);
    outgoing.writeHead(404, { 'content-type': 'application/json' });
    outgoing.end('{"error":{"message":"Not Found"}}');
    return undefined;
  };
}

const json =
  (value: object) =>
  (outgoing: ServerResponse): void => {
    outgoing.writeHead(200, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify(value));
  };

async function post(cloud: Cloud, path: string, body: object): Promise<[number, string]> {
  const response = await fetch(cloud.url + path, {
    method: 'POST',
    headers: cloud.headers,
    body: JSON.stringify({ model: MODEL, ...body }),
  });
  return [response.status, await response.text()];
}

type Fields = Record<string, unknown>;
const read = (text: string | undefined): Fields => {
  const fields: Fields = JSON.parse(text ?? '{}');
  return fields;
};

const lastUsage = async (cloud: Cloud) => (await cloud.settled()).at(-1)?.usage;

describe('/v1/rerank', () => {
  const results = [{ index: 1, relevance_score: 0.9 }];
  const body = { query: 'q', documents: ['a', { text: 'b' }], top_n: 1 };

  it('reaches an engine that has it, whole, and is metered by what the engine says', async () => {
    const { cloud, engine } = await start(
      having('/v1/rerank', json({ id: 'r', model: MODEL, results, usage: { total_tokens: 7 } })),
    );
    const [status, text] = await post(cloud, '/v1/rerank', body);
    assert.equal(status, 200);
    assert.deepEqual(read(text)['results'], results);
    assert.deepEqual(read(engine.bodies[0]), { model: MODEL, ...body });
    assert.equal((await lastUsage(cloud))?.input, 7);
  });

  it('is what DashScope asks for in its own words', async () => {
    const { cloud, engine } = await start(
      having('/v1/rerank', json({ results: [{ index: 0, relevance_score: 1, document: 'a' }] })),
    );
    const path = '/api/v1/services/rerank/text-rerank/text-rerank';
    const [status, text] = await post(cloud, path, {
      input: { query: 'q', documents: ['a'] },
      parameters: { return_documents: true },
    });
    assert.equal(status, 200);
    const wanted = { results: [{ index: 0, relevance_score: 1, document: { text: 'a' } }] };
    assert.deepEqual(read(text)['output'], wanted);
    assert.deepEqual(read(engine.bodies[0]), {
      return_documents: true,
      model: MODEL,
      query: 'q',
      documents: ['a'],
    });
  });

  it("lies at DashScope's compatible address too", async () => {
    const { cloud } = await start(having('/v1/rerank', json({ results })));
    const path = '/compatible-api/v1/reranks';
    assert.deepEqual(read((await post(cloud, path, body))[1])['results'], results);
    const [status, text] = await post(cloud, path, { ...body, query: '' });
    assert.deepEqual([status, text.includes('invalid_parameter_error')], [400, true]);
  });

  it('is refused by name where the engine lacks it, and no replica is blamed', async () => {
    const { cloud } = await start(answering404);
    const [status, text] = await post(cloud, '/v1/rerank', body);
    assert.equal(status, 501);
    assert.match(text, /cannot rerank.*"code":"unsupported_operation"/);
    assert.deepEqual(Object.values(cloud.gateway.counts()), [0, 0, 0, 0]);
    for (const wrong of [{ documents: [] }, { query: '' }, { query: 'q', documents: 'a' }]) {
      assert.equal((await post(cloud, '/v1/rerank', wrong))[0], 400);
    }
  });
});

const answering404: Handler = having('/nowhere', json({}));

describe('/v1/images/generations', () => {
  it('passes through with usage in either dialect', async () => {
    const answer = {
      created: 1,
      data: [{ b64_json: 'AA==' }],
      usage: { input_tokens: 3, output_tokens: 9 },
    };
    const { cloud } = await start(having('/v1/images/generations', json(answer)));
    const [status, text] = await post(cloud, '/v1/images/generations', { prompt: 'a cat', n: 1 });
    assert.deepEqual([status, read(text)], [200, answer]);
    const usage = await lastUsage(cloud);
    assert.deepEqual([usage?.input, usage?.output], [3, 9]);
    const streamed = await post(cloud, '/v1/images/generations', { prompt: 'x', stream: true });
    assert.equal(streamed[0], 400);
  });
});

describe('/v1/audio/speech', () => {
  const SOUND = Buffer.from([0xff, 0xfb, 0x00, 0x01, 0x80]);
  const speak = (cloud: Cloud) =>
    fetch(`${cloud.url}/v1/audio/speech`, {
      method: 'POST',
      headers: cloud.headers,
      body: JSON.stringify({ model: MODEL, input: 'Hello there', voice: 'alloy' }),
    });

  it('answers with the bytes of the engine, as they come', async () => {
    const { cloud } = await start(
      having('/v1/audio/speech', (outgoing) => {
        outgoing.writeHead(200, { 'content-type': 'audio/mpeg' });
        outgoing.end(SOUND);
      }),
    );
    const response = await speak(cloud);
    assert.equal(response.headers.get('content-type'), 'audio/mpeg');
    assert.match(response.headers.get('x-request-id') ?? '', /^req_/);
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), SOUND);
    const [settled] = await cloud.settled();
    assert.deepEqual(
      [settled?.outcome, settled?.usageSource, settled?.usage.input],
      ['finished', 'counted', 2],
    );
  });

  it('breaks the connection when the engine breaks halfway, and holds nothing after', async () => {
    const { cloud } = await start(
      having('/v1/audio/speech', (outgoing) => {
        outgoing.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': '100' });
        outgoing.write(SOUND, () => outgoing.destroy());
      }),
      { model: { prices: [PRICE] } },
    );
    cloud.control.availablePico = 10n ** 15n;
    await assert.rejects(async () => (await speak(cloud)).arrayBuffer());
    await until(() => Object.values(cloud.gateway.counts()).every((count) => count === 0));
    assert.equal((await cloud.settled())[0]?.outcome, 'failed');
  });

  it('is no answer when it is a page', async () => {
    const { cloud } = await start(
      having('/v1/audio/speech', (outgoing) => {
        outgoing.writeHead(200, { 'content-type': 'text/html' });
        outgoing.end('<html>');
      }),
    );
    assert.equal((await speak(cloud)).status, 502);
  });
});

describe('/v1/audio/transcriptions', () => {
  const form = (fields: Record<string, string>): FormData => {
    const data = new FormData();
    for (const [name, value] of Object.entries(fields)) data.append(name, value);
    data.append('file', new Blob([Buffer.from([1, 2, 13, 10, 45, 45, 3])]), 'a.wav');
    return data;
  };
  const write = (cloud: Cloud, body: FormData) =>
    fetch(`${cloud.url}/v1/audio/transcriptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${cloud.secret}` },
      body,
    });
  const said = { text: 'Hello', usage: { type: 'tokens', input_tokens: 14, output_tokens: 2 } };

  it('hands the form on as it came, but for the name of the model', async () => {
    const { cloud, engine } = await start(having('/v1/audio/transcriptions', json(said)), {
      replica: { upstreamModel: 'whisper-1' },
    });
    const response = await write(cloud, form({ language: 'en', model: MODEL }));
    assert.deepEqual([response.status, await response.json()], [200, said]);
    const body = engine.bodies[0] ?? '';
    assert.match(body, /name="language"\r\n\r\nen\r\n/);
    assert.match(body, /name="model"\r\n\r\nwhisper-1\r\n/);
    assert.ok(body.includes('\u0001\u0002\r\n--\u0003'));
    const usage = await lastUsage(cloud);
    assert.deepEqual([usage?.input, usage?.output], [14, 2]);
  });

  it('refuses a form without a file, a model or an end', async () => {
    const { cloud } = await start(answering404);
    const noFile = new FormData();
    noFile.append('model', MODEL);
    assert.equal((await write(cloud, noFile)).status, 400);
    assert.equal((await write(cloud, form({}))).status, 400);
    assert.equal((await write(cloud, form({ model: MODEL, stream: 'true' }))).status, 400);
    const broken = await fetch(`${cloud.url}/v1/audio/transcriptions`, {
      method: 'POST',
      headers: { ...cloud.headers, 'content-type': 'multipart/form-data; boundary=x' },
      body: '--x\r\ncontent-disposition: form-data; name="model"\r\n\r\nabc',
    });
    assert.equal(broken.status, 400);
    const lacking = await write(cloud, form({ model: MODEL }));
    assert.deepEqual(
      [lacking.status, (await lacking.text()).includes('cannot write down')],
      [501, true],
    );
  });
});

describe('/v1/moderations', () => {
  const guarding = (verdict: string): Handler =>
    having('/v1/chat/completions', json(wholeAnswer(verdict)));

  it('asks a guard model in a chat and reads its verdict', async () => {
    const { cloud, engine } = await start(guarding('Safety: Unsafe\nCategories: Violent, PII'));
    const [status, text] = await post(cloud, '/v1/moderations', { input: 'some words' });
    assert.equal(status, 200);
    const { results } = JSON.parse(text) as { results: [Fields & { categories: Fields }] };
    assert.equal(results[0].flagged, true);
    assert.deepEqual(
      [
        results[0].categories['violence'],
        results[0].categories['pii'],
        results[0].categories['hate'],
      ],
      [true, true, false],
    );
    assert.deepEqual(read(engine.bodies[0])['messages'], [{ role: 'user', content: 'some words' }]);
    assert.equal((await lastUsage(cloud))?.output, 3);
  });

  it('says plainly that there is no guard, or that the model is none', async () => {
    const { cloud } = await start(guarding('I am a cheerful assistant.'));
    const none = await fetch(`${cloud.url}/v1/moderations`, {
      method: 'POST',
      headers: cloud.headers,
      body: JSON.stringify({ input: 'x' }),
    });
    assert.equal(none.status, 501);
    assert.match(await none.text(), /deploy one, for example Qwen3Guard/);
    const [status, text] = await post(cloud, '/v1/moderations', { input: 'x' });
    assert.deepEqual([status, text.includes('no guard model')], [501, true]);
    assert.equal((await post(cloud, '/v1/moderations', { input: ['a', 'b'] }))[0], 400);
  });

  it('reads the verdicts of two families', () => {
    assert.deepEqual(parseVerdict('safe'), { isFlagged: false, categories: [] });
    assert.deepEqual(parseVerdict('\n\nunsafe\nS1,S10'), {
      isFlagged: true,
      categories: ['violence', 'hate'],
    });
    assert.deepEqual(parseVerdict('Safety: Controversial\nCategories: None'), {
      isFlagged: false,
      categories: [],
    });
    assert.equal(parseVerdict('The weather is safe.'), null);
  });
});

describe('/v1/completions on what only chats', () => {
  const chatting = { replica: { capabilities: ['chat'] } };

  it('is a chat with the prompt, and its text the completion', async () => {
    const { cloud, engine } = await start(answering(['Hel', 'lo']), chatting);
    const [status, text] = await post(cloud, '/v1/completions', { prompt: 'Say hello', seed: 1 });
    assert.equal(status, 200);
    const { object, choices, usage } = read(text);
    assert.deepEqual(
      [object, choices],
      ['text_completion', [{ index: 0, text: 'Hello', logprobs: null, finish_reason: 'stop' }]],
    );
    assert.deepEqual(usage, { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 });
    assert.deepEqual(read(engine.bodies[0]), {
      max_tokens: 16,
      model: MODEL,
      seed: 1,
      messages: [{ role: 'user', content: 'Say hello' }],
    });
  });

  it('streams completions, with usage for those who ask', async () => {
    const { cloud } = await start(answering(['Hel', 'lo']), chatting);
    const ask = (options: object) =>
      post(cloud, '/v1/completions', { prompt: 'Hi', stream: true, ...options });
    const [, plain] = await ask({});
    assert.match(
      plain,
      /"object":"text_completion".*"text":"Hel"[^]*"text":"lo"[^]*"finish_reason":"stop"[^]*\[DONE\]\n\n$/,
    );
    assert.doesNotMatch(plain, /usage/);
    const [, asked] = await ask({ stream_options: { include_usage: true } });
    assert.match(asked, /"choices":\[\]\}[^]*\[DONE\]|"usage":\{"prompt_tokens":10/);
  });

  it('refuses what a chat has no place for', async () => {
    const { cloud } = await start(answering(['x']), chatting);
    for (const wrong of [
      { suffix: 'x' },
      { echo: true },
      { logprobs: 1 },
      { prompt: ['a', 'b'] },
    ]) {
      assert.equal((await post(cloud, '/v1/completions', { prompt: 'Hi', ...wrong }))[0], 400);
    }
    assert.deepEqual(Object.values(cloud.gateway.counts()), [0, 0, 0, 0]);
  });
});
