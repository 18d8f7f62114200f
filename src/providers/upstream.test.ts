import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FlywheelError } from '#platform/error.ts';
import { API_KEY, type UpstreamHandler, answerJson, startUpstream } from './providers-fixture.ts';
import { type UpstreamTarget, createUpstreamClient } from './upstream.ts';

const client = createUpstreamClient(1_000);

async function ask(handler: UpstreamHandler, target: Partial<UpstreamTarget> = {}) {
  const { url, seen } = await startUpstream(handler);
  const listing = client.listModels({
    dialect: 'openai',
    baseUrl: `${url}/v1`,
    allowsPrivate: true,
    apiKey: API_KEY,
    ...target,
    ...(target.baseUrl === undefined ? {} : { baseUrl: `${url}${target.baseUrl}` }),
  });
  const outcome = await listing.then(
    (models) => ({ models, error: null }),
    (error: unknown) => ({ models: null, error }),
  );
  const { error } = outcome;
  return {
    models: outcome.models,
    code: error instanceof FlywheelError ? error.code : null,
    error,
    url,
    first: seen[0],
  };
}

describe('the models of a provider', () => {
  it('are read from each dialect at its address and with its kind of key', async () => {
    const list = answerJson({ data: [{ id: 'm-1', context_length: 4096 }, { id: 'm-2' }] });

    const openai = await ask(list);
    const anthropic = await ask(list, { dialect: 'anthropic', baseUrl: '' });
    const dashscope = await ask(list, { dialect: 'dashscope', baseUrl: '' });

    assert.deepEqual(openai.models, [
      { id: 'm-1', contextLength: 4096 },
      { id: 'm-2', contextLength: null },
    ]);
    assert.equal(openai.first?.url, '/v1/models');
    assert.equal(openai.first?.headers.authorization, `Bearer ${API_KEY}`);
    assert.equal(anthropic.first?.url, '/v1/models?limit=1000');
    assert.equal(anthropic.first?.headers['x-api-key'], API_KEY);
    assert.equal(anthropic.first?.headers['anthropic-version'], '2023-06-01');
    assert.equal(dashscope.first?.url, '/compatible-mode/v1/models');
  });

  it('are null where there is no such list', async () => {
    assert.deepEqual((await ask(answerJson({}, 404))).models, null);
    assert.deepEqual((await ask(answerJson({}, 404))).code, null);
  });

  for (const [status, code] of [
    [401, 'provider.key_refused'],
    [402, 'provider.out_of_credit'],
    [403, 'provider.key_refused'],
    [429, 'provider.busy'],
    [500, 'provider.unreachable'],
    [302, 'provider.answer_invalid'],
  ] as const) {
    it(`turn status ${status} into ${code}, in words of our own`, async () => {
      const asked = await ask((_incoming, outgoing) => {
        outgoing.writeHead(status, { location: 'http://10.0.0.1/', 'retry-after': '7' });
        outgoing.end(`Incorrect API key provided: ${API_KEY}`);
      });

      assert.equal(asked.code, code);
      const said = String(asked.error);
      assert.equal(said.includes(API_KEY) || said.includes(new URL(asked.url).host), false, said);
      if (status === 429 && asked.error instanceof FlywheelError) {
        assert.equal(asked.error.retryAfterMs, 7_000);
      }
    });
  }

  it('are refused from a server that lies, breaks off, never ends or never answers', async () => {
    const html = await ask((_incoming, outgoing) => {
      outgoing.end('<html>welcome</html>');
    });
    const wrong = await ask(answerJson({ data: 'many' }));
    const cut = await ask((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-length': '1000' });
      outgoing.write('{"data":[');
      outgoing.destroy();
    });
    const endless = await ask((_incoming, outgoing) => {
      const piece = Buffer.alloc(1024 * 1024, ' ');
      const go = (): void => {
        while (!outgoing.destroyed && outgoing.write(piece));
        if (!outgoing.destroyed) outgoing.once('drain', go);
      };
      go();
    });
    const silent = await ask(() => {});

    assert.deepEqual(
      [html.code, wrong.code, cut.code, endless.code, silent.code],
      [
        'provider.answer_invalid',
        'provider.answer_invalid',
        'provider.unreachable',
        'provider.answer_invalid',
        'provider.unreachable',
      ],
    );
  });

  it('are not asked of an address inside, by number or by a name that leads there', async () => {
    const { url, seen } = await startUpstream(answerJson({ data: [] }));
    const { port } = new URL(url);
    for (const host of ['127.0.0.1', 'localhost']) {
      const asked = client.listModels({
        dialect: 'openai',
        baseUrl: `http://${host}:${port}/v1`,
        allowsPrivate: false,
        apiKey: API_KEY,
      });
      await assert.rejects(
        asked,
        (error) => error instanceof FlywheelError && error.code === 'provider.address_denied',
      );
    }
    assert.equal(seen.length, 0);
  });
});
