import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { silentLog } from '#platform/log.ts';

import { startTinyEngine } from '../../../test/tiny-engine.ts';
import { testEngineContract } from '../contract.ts';
import { createOpenaiAdapter } from './openai.ts';

/** A real server of the dialect: our own engine, attached to from outside like any other. */
const adapter = createOpenaiAdapter({ probeIntervalMs: 50 });

testEngineContract('openai', async () => {
  const server = await startTinyEngine();
  const engine = await adapter.start(
    {
      model: 'ours',
      upstreamModel: 'tiny',
      baseUrl: `${server.engine.url}/v1/`,
      apiKey: server.engine.key ?? '',
      parallel: 2,
    },
    { log: silentLog },
  );
  return {
    engine,
    kill: server.kill,
    close: async () => {
      await engine.stop(0);
      await server.close();
    },
  };
});

describe('the openai adapter', () => {
  it('says what is wrong with a server it cannot use', async () => {
    const server = await startTinyEngine();
    const { url, key } = server.engine;
    const attach = (spec: { baseUrl?: string; apiKey?: string; model?: string }) =>
      adapter.start({ model: 'tiny', parallel: 1, ...spec }, { log: silentLog });

    await assert.rejects(attach({}), { code: 'engine.spec_invalid' });
    await assert.rejects(attach({ baseUrl: 'file:///etc' }), { code: 'engine.spec_invalid' });
    await assert.rejects(attach({ baseUrl: url, apiKey: 'no' }), { code: 'engine.key_refused' });
    await assert.rejects(attach({ baseUrl: url, apiKey: key ?? '', model: 'other' }), {
      code: 'engine.spec_invalid',
      message: "The server has no model 'other'; it has 'tiny'.",
    });
    await server.close();
    await assert.rejects(attach({ baseUrl: url }), { code: 'engine.unreachable' });
  });

  it('leaves the server alone when it is stopped', async () => {
    const server = await startTinyEngine();
    const { url, key } = server.engine;
    const engine = await adapter.start(
      { model: 'tiny', baseUrl: url, apiKey: key ?? '', parallel: 1 },
      { log: silentLog },
    );
    assert.equal(engine.info.contextLength, 2_048);

    await engine.stop(0);

    assert.equal((await engine.exited).reason, 'stopped');
    assert.equal((await fetch(`${url}/health`)).status, 200);
    await server.close();
  });
});
