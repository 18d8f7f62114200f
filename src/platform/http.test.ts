import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRoute, z } from '@hono/zod-openapi';
import { defineErrors } from './error.ts';
import { createApi, handleErrors, serveApp } from './http.ts';
import { createId } from './id.ts';
import { silentLog } from './log.ts';

const fail = defineErrors({
  'thing.missing': { status: 404 },
  'thing.busy': { status: 503, retryable: true },
});

function createThings() {
  const app = createApi<{ Variables: { requestId: string } }>();
  handleErrors(app, silentLog);
  const body = {
    content: { 'application/json': { schema: z.object({ size: z.number() }) } },
    required: true,
  };
  app.openapi(
    createRoute({
      method: 'post',
      path: '/things',
      request: { body },
      responses: { 200: { description: 'ok' } },
    }),
    (context) => context.json(context.req.valid('json')),
  );
  app.get('/missing', () => {
    throw fail('thing.missing', 'There is no such thing.', { param: 'id' });
  });
  app.get('/busy', () => {
    throw fail('thing.busy', 'Too much to do.', { retryAfterMs: 1500 });
  });
  app.get('/broken', () => {
    throw new Error('the password is hunter2');
  });
  return app;
}

const post = (body: string) =>
  createThings().request('/things', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });

describe('a request id', () => {
  const idFor = async (given: string): Promise<string | null> => {
    const headers = { 'x-request-id': given };
    const response = await createThings().request('/missing', { headers });
    return response.headers.get('x-request-id');
  };

  it('is the one that a gateway gave, and never one of a stranger', async () => {
    const given = createId('req');
    assert.equal(await idFor(given), given);
    for (const strange of ['mine', `${given}x`, `${given}\u00e9`]) {
      assert.match((await idFor(strange)) ?? '', /^req_[0-9a-z]{26}$/);
      assert.notEqual(await idFor(strange), strange);
    }
  });
});

describe('an error', () => {
  it('has one shape, a code to match on and the request id of the header', async () => {
    const response = await createThings().request('/missing');

    assert.equal(response.status, 404);
    const requestId = response.headers.get('x-request-id');
    assert.match(requestId ?? '', /^req_/);
    assert.deepEqual(await response.json(), {
      error: {
        message: 'There is no such thing.',
        type: 'not_found_error',
        code: 'thing.missing',
        param: 'id',
        requestId,
      },
    });
  });

  it('says when to try again', async () => {
    const response = await createThings().request('/busy');

    assert.equal(response.status, 503);
    assert.equal(response.headers.get('retry-after'), '2');
  });

  it('that nobody expected tells the caller nothing', async () => {
    const response = await createThings().request('/broken');

    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /hunter2/);
  });

  it('names the field that is wrong, and bad JSON as such', async () => {
    const wrongType = await post('{"size":"big"}');
    const notJson = await post('{');

    assert.equal(wrongType.status, 400);
    assert.equal(((await wrongType.json()) as { error: { param: string } }).error.param, 'size');
    assert.equal(notJson.status, 400);
    assert.equal((await createThings().request('/nowhere')).status, 404);
  });
});

describe('a server', () => {
  it('lets the request under way end before it stops', async () => {
    const app = createThings();
    let release = (): void => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    let reached = (): void => {};
    const started = new Promise<void>((resolve) => (reached = resolve));
    app.get('/slow', async (context) => {
      reached();
      await released;
      return context.text('done');
    });
    const server = await serveApp(app, { host: '127.0.0.1', port: 0 });

    const answer = fetch(`${server.url}/slow`);
    await started;
    const stopped = server.stop(10_000);
    release();

    assert.equal(await (await answer).text(), 'done');
    await stopped;
    await assert.rejects(fetch(`${server.url}/slow`));
  });
});
