/** A whole cloud in one process, in front of a server that behaves as three providers' APIs. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readSettings } from '#platform/config.ts';
import { systemClock } from '#platform/clock.ts';
import { listen, serveApp } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import { runCli } from '../cli/cli-fixture.ts';
import { createTestDatabase } from '../../test/database.ts';
import { createControlApp } from './control-app.ts';
import { buildControl } from './control-parts.ts';
import { startGateway } from './gateway.ts';
import type { ProcessOptions } from './options.ts';

const API_KEY = 'sk-of-the-provider-0123456789';
const DIALECTS = ['openai', 'anthropic', 'dashscope'] as const;

const upstreamSeen: { path: string; headers: IncomingMessage['headers']; body: string }[] = [];

/** Ten tokens of prompt, four of them from its cache, two of answer: said as each dialect says it. */
function answer(path: string, isStream: boolean): Readonly<{ type: string; body: string }> {
  const event = (value: unknown, name?: string): string =>
    `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(value)}\n\n`;
  const json = (value: unknown) => ({ type: 'application/json', body: JSON.stringify(value) });
  const stream = (...events: string[]) => ({ type: 'text/event-stream', body: events.join('') });
  if (path.endsWith('/models') || path.includes('/models?')) return json({ data: [{ id: 'm-1' }] });
  if (path.endsWith('/v1/messages')) {
    const usage = { input_tokens: 6, cache_read_input_tokens: 4, output_tokens: 2 };
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm-1', usage };
    const end = { stop_reason: 'end_turn', stop_sequence: null };
    if (!isStream) return json({ ...message, content: [{ type: 'text', text: 'Hello' }], ...end });
    return stream(
      event({ type: 'message_start', message: { ...message, content: [] } }, 'message_start'),
      event(
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        'content_block_start',
      ),
      event(
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } },
        'content_block_delta',
      ),
      event({ type: 'content_block_stop', index: 0 }, 'content_block_stop'),
      event({ type: 'message_delta', delta: end, usage: { output_tokens: 2 } }, 'message_delta'),
      event({ type: 'message_stop' }, 'message_stop'),
    );
  }
  if (path.includes('/services/aigc/')) {
    const message = { role: 'assistant', content: 'Hello' };
    const value = {
      request_id: 'r-1',
      output: { choices: [{ finish_reason: 'stop', message }] },
      usage: {
        input_tokens: 10,
        output_tokens: 2,
        total_tokens: 12,
        prompt_tokens_details: { cached_tokens: 4 },
      },
    };
    return isStream ? stream(event(value)) : json(value);
  }
  const usage = {
    prompt_tokens: 10,
    completion_tokens: 2,
    total_tokens: 12,
    prompt_tokens_details: { cached_tokens: 4 },
  };
  const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm-1' };
  const delta = { role: 'assistant', content: 'Hello' };
  if (!isStream) {
    const choice = { index: 0, message: delta, finish_reason: 'stop' };
    return json({ ...chunk, object: 'chat.completion', choices: [choice], usage });
  }
  return stream(
    event({ ...chunk, choices: [{ index: 0, delta, finish_reason: null }] }),
    event({ ...chunk, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
    event({ ...chunk, choices: [], usage }),
    'data: [DONE]\n\n',
  );
}

async function respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const body = await text(incoming);
  const path = incoming.url ?? '';
  upstreamSeen.push({ path, headers: incoming.headers, body });
  const isStream =
    body.includes('"stream":true') || incoming.headers['x-dashscope-sse'] === 'enable';
  const said = answer(path, isStream);
  outgoing.writeHead(200, { 'content-type': said.type });
  outgoing.end(said.body);
}

const upstream = await listen(
  createServer((incoming, outgoing) => void respond(incoming, outgoing)),
  { host: '127.0.0.1', port: 0 },
);
const home = await mkdtemp(join(tmpdir(), 'flywheel-providers-'));
const handle = await createTestDatabase();
const options: ProcessOptions = {
  settings: readSettings({ FLYWHEEL_HOME: home, FLYWHEEL_LOG_LEVEL: 'silent' }),
  databaseUrl: handle.url,
  controlUrl: null,
  joinToken: 'join-token-of-this-test',
  sessionSecret: 'session-secret-of-this-test-session-secret',
  publicUrl: 'http://localhost:8080',
  host: '127.0.0.1',
  port: 0,
  modelsFolder: null,
};
const parts = buildControl({ options, handle, clock: systemClock, log: silentLog });
const { credentials } = await parts.tenancy.ensureFirstRun({
  homeFolder: home,
  url: options.publicUrl,
});
assert(credentials !== null);
const control = await serveApp(createControlApp(parts), { host: '127.0.0.1', port: 0 });
const running = parts.start();
const gateway = await startGateway({ ...options, controlUrl: control.url });
const { url } = gateway.facts;
after(async () => {
  await gateway.stop(1_000);
  await running.stopStreams();
  await control.stop(0);
  await running.stop();
  await upstream.stop(0);
  await rm(home, { recursive: true, force: true });
});

const { apiKey } = credentials;
/** A command line without spaces in its words. */
const cli = (line: string, input = '') =>
  runCli(line.split(' '), { input, environment: { FLYWHEEL_URL: url, FLYWHEEL_API_KEY: apiKey } });

async function call(path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { response, status: response.status, text: await response.text() };
}

async function until<T>(read: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const found = await read();
    if (found !== null) return found;
    await nextTurn();
  }
}

/** What of each wire's answer says how many tokens came from a cache. */
const WIRES = {
  openai: (model: string, stream: boolean) =>
    call('/v1/chat/completions', {
      model,
      stream,
      ...(stream ? { stream_options: { include_usage: true } } : {}),
      messages: [{ role: 'user', content: 'Hi' }],
    }),
  anthropic: (model: string, stream: boolean) =>
    call('/v1/messages', {
      model,
      stream,
      max_tokens: 10,
      messages: [{ role: 'user', content: 'Hi' }],
    }),
  dashscope: (model: string, stream: boolean) =>
    call(
      '/api/v1/services/aigc/text-generation/generation',
      {
        model,
        input: { messages: [{ role: 'user', content: 'Hi' }] },
        parameters: { result_format: 'message' },
      },
      stream ? { 'x-dashscope-sse': 'enable' } : {},
    ),
} as const;

const CACHED = {
  openai: /"cached_tokens":4/,
  anthropic: /"cache_read_input_tokens":4/,
  dashscope: /"cached_tokens":4/,
} as const;

describe('a provider, set up from the command line', () => {
  it('is created with its key from standard input, tested, and its models are listed', async () => {
    for (const dialect of DIALECTS) {
      const address = dialect === 'openai' ? `${upstream.url}/v1` : upstream.url;
      const created = await cli(
        `providers create ${dialect} --dialect ${dialect} --base-url ${address} --allow-private`,
        `${API_KEY}\n`,
      );
      assert.equal(created.code, 0, created.notes);
      const tested = await cli(`providers test ${dialect}`);
      assert.match(tested.notes, /lists 1 models/);
      const added = await cli(
        `providers add ${dialect} m-1 --as ${dialect}/m-1 --public --cost-input 1 --cost-output 4 --cost-cached 0.5`,
      );
      assert.equal(added.code, 0, added.notes);
    }
    const shown = await cli('providers show openai');
    const models = JSON.parse((await cli('providers models openai --json')).out);

    assert.match(shown.out, /openai\/m-1 +m-1 +public +1 +4/);
    assert.deepEqual(models.data, [{ id: 'm-1', contextLength: null, servedAs: 'openai/m-1' }]);
    assert.equal(`${shown.out}${shown.notes}`.includes(API_KEY), false);
    await until(async () => {
      const { text: list } = await call('/v1/models');
      return DIALECTS.every((dialect) => list.includes(`${dialect}/m-1`)) ? list : null;
    });
    const listed = JSON.parse((await call('/v1/models')).text).data;
    assert.ok(listed.every((model: { leaves_cloud: boolean }) => model.leaves_cloud));
  });

  it('sees no key in what its gateway keeps on the disk', async () => {
    const names = await readdir(home, { recursive: true });
    for (const name of names.filter((file) => /\.(?:json|log|jsonl)$|journal/.test(file))) {
      const content = await readFile(join(home, name), 'utf8').catch(() => '');
      assert.equal(content.includes(API_KEY), false, name);
    }
    const feed = await readFile(join(home, 'gateway', 'feed.json'), 'utf8');
    assert.match(feed, /"dialect":"anthropic"/);
  });
});

describe('any wire in front of any provider', () => {
  for (const wire of DIALECTS) {
    for (const dialect of DIALECTS) {
      for (const isStream of [false, true]) {
        const how = isStream ? 'streamed' : 'whole';
        it(`says what came from a cache: ${wire} before ${dialect}, ${how}`, async () => {
          const answered = await WIRES[wire](`${dialect}/m-1`, isStream);

          assert.equal(answered.status, 200, answered.text);
          assert.match(answered.text, CACHED[wire]);
          assert.match(answered.text, /Hello/);
          assert.equal(answered.text.includes(API_KEY), false);
          const last = upstreamSeen.at(-1);
          const key = last?.headers['x-api-key'] ?? last?.headers.authorization;
          assert.match(String(key), new RegExp(`${API_KEY}$`));
        });
      }
    }
  }
});

describe('a call to a provider', () => {
  it('is recorded with what it cost beside what it was sold for', async () => {
    const { tenant } = JSON.parse((await call('/cloud/v1/me')).text);
    const credit = { tenantId: tenant.id, amount: '10', idempotencyKey: 'one' };
    assert.equal((await call('/cloud/v1/credits', credit)).status, 201);
    const price = { model: 'openai/m-1', inputPerMillion: '2', outputPerMillion: '8' };
    const priced = await call('/cloud/v1/prices', price);
    assert.equal(priced.status, 201, priced.text);
    const { priceId } = { priceId: JSON.parse(priced.text).id };
    await until(async () =>
      (await readFile(join(home, 'gateway', 'feed.json'), 'utf8')).includes(priceId) ? true : null,
    );

    const { response } = await WIRES.openai('openai/m-1', false);

    const id = response.headers.get('x-request-id') ?? '';
    const event = await until(async () => {
      const { status, text: found } = await call(`/cloud/v1/usage/events/${id}`);
      return status === 200 ? JSON.parse(found) : null;
    });
    // 10 in and 2 out sold at 2 and 8; 6 in, 4 cached and 2 out bought at 1, 0.5 and 4: millionths.
    assert.deepEqual(
      [event.amount, event.cost, event.margin, event.cacheReadTokens],
      ['0.000036', '0.000016', '0.00002', 4],
    );
    const shown = await cli(`requests show ${id}`);
    assert.match(shown.out, /cost +0\.000016 CNY/);
    const usage = await cli('usage');
    assert.match(usage.out, /COST +MARGIN/);
  });
});

describe("a project's cache", () => {
  it('answers the second of two equal requests for nothing, in every dialect', async () => {
    const on = await cli('cache set --enable --sampled --json');
    assert.equal(on.code, 0, on.notes);
    await until(async () => {
      const { response } = await WIRES.openai('openai/m-1', false);
      return response.headers.get('x-flywheel-cache');
    });

    for (const wire of DIALECTS) {
      const first = await WIRES[wire]('anthropic/m-1', true);
      const before = upstreamSeen.length;
      const second = await WIRES[wire]('anthropic/m-1', true);

      assert.equal(first.response.headers.get('x-flywheel-cache'), 'miss', wire);
      assert.equal(second.response.headers.get('x-flywheel-cache'), 'hit', wire);
      assert.equal(upstreamSeen.length, before);
      const withoutId = (answered: typeof first): string =>
        answered.text.replaceAll(answered.response.headers.get('x-request-id') ?? '', 'ID');
      assert.equal(withoutId(second), withoutId(first));
    }
    const hits = await until(async () => {
      const { text: list } = await call('/cloud/v1/usage/events?cache=hit');
      const { data } = JSON.parse(list);
      return data.length >= 3 ? data : null;
    });
    assert.ok(hits.every((event: { amount: string; inputTokens: number }) => event.amount === '0'));
  });
});
