import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { after, describe, it } from 'node:test';
import { listen } from '#platform/http.ts';
import { ApiError } from './api-error.ts';
import type { ChatEvent } from './chat.ts';
import { createClient } from './client.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(handler: Handler): Promise<string> {
  const listening = await listen(createServer(handler), { host: '127.0.0.1', port: 0 });
  after(() => listening.stop(0));
  return listening.url;
}

async function failureOf(work: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await work.then(
    () => assert.fail('should have failed'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ApiError, String(error));
  return error;
}

async function collect(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const all: ChatEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const stream = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' });

const chat = { model: 'a/b', messages: [{ role: 'user', content: 'hi' }] } as const;

describe('a client', () => {
  it('sends the key, the tenant and the query, and reads a list', async () => {
    const seen: string[] = [];
    const url = await serve((request, response) => {
      seen.push(
        `${request.method} ${request.url}`,
        String(request.headers.authorization),
        String(request.headers['x-flywheel-tenant']),
      );
      response.end(JSON.stringify({ data: [], nextCursor: null }));
    });

    const client = createClient({ url: `${url}/`, apiKey: 'sk-fw-x', tenantId: 'ten_1' });
    const list = await client.models.list({ limit: 5 });

    assert.deepEqual(list, { data: [], nextCursor: null });
    assert.deepEqual(seen, ['GET /cloud/v1/models?limit=5', 'Bearer sk-fw-x', 'ten_1']);
  });

  it('keeps the slash of a model name and escapes the rest', async () => {
    let path = '';
    const url = await serve((request, response) => {
      path = request.url ?? '';
      response.writeHead(204).end();
    });

    await createClient({ url }).models.remove('acme/a b?');

    assert.equal(path, '/cloud/v1/models/acme/a%20b%3F');
  });

  it('turns a refusal into an error with code, field, request id and delay', async () => {
    const url = await serve((_, response) => {
      const error = {
        message: 'Too many.',
        code: 'rate.limited',
        param: 'model',
        requestId: 'req_9',
      };
      response.writeHead(429, { 'retry-after': '2' }).end(JSON.stringify({ error }));
    });

    const error = await failureOf(createClient({ url }).me.get());

    const { status, code, message, param, requestId, retryAfterMs } = error;
    assert.deepEqual(
      { status, code, message, param, requestId, retryAfterMs },
      {
        status: 429,
        code: 'rate.limited',
        message: 'Too many.',
        param: 'model',
        requestId: 'req_9',
        retryAfterMs: 2000,
      },
    );
  });

  it('keeps the status of a refusal that is not JSON', async () => {
    const url = await serve((_, response) => response.writeHead(502).end('<html>'));

    const error = await failureOf(createClient({ url }).me.get());

    assert.deepEqual([error.status, error.code], [502, 'http.502']);
  });

  it('says so when the answer is a web page', async () => {
    const url = await serve((_, response) => response.end('<html>'));

    const error = await failureOf(createClient({ url }).me.get());

    assert.equal(error.code, 'response.invalid');
  });

  it('says so when nobody listens', async () => {
    const error = await failureOf(createClient({ url: 'http://127.0.0.1:1' }).me.get());

    assert.deepEqual([error.status, error.code], [0, 'connection.failed']);
  });

  it('gives up on a server that never answers', async () => {
    const url = await serve(() => {});

    const error = await failureOf(createClient({ url }).me.get({ timeoutMs: 20 }));

    assert.equal(error.code, 'connection.timeout');
  });

  it('passes the abort of its caller on as it is', async () => {
    const url = await serve(() => {});
    const reason = new Error('enough');

    const call = createClient({ url }).me.get({ signal: AbortSignal.abort(reason) });

    await assert.rejects(call, reason);
  });
});

describe('a chat stream', () => {
  it('becomes the same few events, whatever the sizes of its pieces', async () => {
    const lines = [
      { choices: [{ delta: { role: 'assistant', content: '' } }] },
      { choices: [{ delta: { reasoning_content: '想' } }] },
      { choices: [{ delta: { content: '你好' }, finish_reason: null }] },
      { choices: [{ delta: {}, finish_reason: 'stop' }] },
      {
        choices: [],
        usage: {
          prompt_tokens: 10,
          completion_tokens: 7,
          prompt_tokens_details: { cached_tokens: 4 },
          completion_tokens_details: { reasoning_tokens: 2 },
        },
      },
    ];
    const bytes = Buffer.from(
      `: hello\n\n${lines.map((line) => `data: ${JSON.stringify(line)}\r\n\r\n`).join('')}data: [DONE]\n\n`,
    );
    const url = await serve((_, response) => {
      stream(response);
      for (const byte of bytes) response.write(Uint8Array.of(byte));
      response.end();
    });

    const events = await collect(createClient({ url }).chat.stream(chat));

    assert.deepEqual(events, [
      { kind: 'started', requestId: 'req_1' },
      { kind: 'reasoning', text: '想' },
      { kind: 'content', text: '你好' },
      { kind: 'finished', reason: 'stop' },
      {
        kind: 'usage',
        usage: { inputTokens: 6, cacheReadTokens: 4, outputTokens: 5, reasoningTokens: 2 },
      },
    ]);
  });

  it('raises an error that comes in the middle', async () => {
    const url = await serve((_, response) =>
      stream(response).end('data: {"error":{"message":"It died.","code":"engine_failed"}}\n\n'),
    );

    const error = await failureOf(collect(createClient({ url }).chat.stream(chat)));

    assert.deepEqual([error.code, error.message], ['engine_failed', 'It died.']);
  });

  it('refuses to take half an answer for a whole one', async () => {
    const url = await serve((_, response) =>
      stream(response).end('data: {"choices":[{"delta":{"content":"ha"}}]}\n\n'),
    );

    const error = await failureOf(collect(createClient({ url }).chat.stream(chat)));

    assert.equal(error.code, 'stream.cut');
  });

  it('raises when the connection breaks', async () => {
    const url = await serve((_, response) => {
      stream(response).write('data: {"choices":[{"delta":{"content":"ha"}}]}\n\n', () =>
        response.destroy(),
      );
    });

    const error = await failureOf(collect(createClient({ url }).chat.stream(chat)));

    assert.equal(error.code, 'stream.cut');
  });

  it('closes the connection when its reader leaves the loop', async () => {
    const left = Promise.withResolvers<void>();
    const url = await serve((_, response) => {
      response.on('close', () => left.resolve());
      stream(response).write('data: {"choices":[{"delta":{"content":"ha"}}]}\n\n');
    });

    for await (const event of createClient({ url }).chat.stream(chat)) {
      if (event.kind === 'content') break;
    }

    await left.promise;
  });

  it('ends with the reason of the signal when its caller aborts', async () => {
    const url = await serve((_, response) => {
      stream(response).write('data: {"choices":[{"delta":{"content":"ha"}}]}\n\n');
    });
    const stop = new AbortController();
    const reason = new Error('stop pressed');

    const reading = (async () => {
      for await (const event of createClient({ url }).chat.stream(chat, { signal: stop.signal })) {
        if (event.kind === 'content') stop.abort(reason);
      }
    })();

    await assert.rejects(reading, reason);
  });
});

describe('deployment logs', () => {
  it('come as lines', async () => {
    const url = await serve((_, response) => response.end('one\ntwo\nthree'));

    const lines: string[] = [];
    for await (const line of createClient({ url }).deployments.logs('dep_1')) lines.push(line);

    assert.deepEqual(lines, ['one', 'two', 'three']);
  });
});
