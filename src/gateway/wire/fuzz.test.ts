/** Whatever a body holds, every wire either reads it or says in its caller's words what is wrong with it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FlywheelError } from '#platform/error.ts';
import { UNMETERED } from '../body-budget.ts';
import { createMapMemory } from '../responses/memory-fixture.ts';
import { ENDPOINTS } from './endpoints.ts';
import type { Endpoint } from './wire.ts';

const RUNS = 150;

/** Names that mean something on some wire, so that values land where they are looked at. */
const NAMES = `
  model messages input prompt system tools tool_choice stream type role content text
  name id source output arguments function n max_tokens stream_options thinking
  reasoning parameters previous_response_id tool_calls tool_use_id input_schema url
  data format store documents
`
  .trim()
  .split(/\s+/);
const VALUES = `
  user assistant tool system text image tool_use tool_result message function_call
  function_call_output item_reference reasoning input_text auto
`
  .trim()
  .split(/\s+/);

const { body } = fc.letrec<{ body: Readonly<Record<string, unknown>>; value: unknown }>((tie) => ({
  body: fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 8 }),
  value: fc.oneof(
    { maxDepth: 6, depthSize: 'medium' },
    fc.constantFrom(...VALUES),
    fc.jsonValue({ maxDepth: 1 }),
    fc.constantFrom(1e308, -1, 0, Number.MAX_SAFE_INTEGER, '\ud800', '\u0000', '', '__proto__'),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('body'),
  ),
}));

async function outcome(endpoint: Endpoint, bytes: Buffer): Promise<void> {
  try {
    const { request, encoder } = await endpoint.read({
      bytes,
      headers: { 'content-type': 'application/json' },
      url: '/',
      requestId: 'req_1',
      caller: { tenantId: 'ten_1', projectId: 'prj_1' },
      responses: createMapMemory(),
      room: UNMETERED,
      nowMs: 0,
    });
    assert.equal(typeof request.model, 'string');
    assert.ok(request.bytes.length > 0);
    // An answer repeats some of the request: that must not fail in the middle of it.
    const stream = encoder?.stream();
    stream?.push({ choices: [{ index: 0, delta: { content: 'x' }, finish_reason: 'stop' }] });
    await stream?.end();
  } catch (error) {
    assert.ok(error instanceof FlywheelError, `${String(error)} for ${bytes.toString()}`);
    assert.ok(error.status >= 400 && error.status < 500, `${error.status} ${error.message}`);
    const { status, body: said } = endpoint.dialect.error(error, 'req_1');
    assert.ok(status >= 400 && JSON.stringify(said).length > 2);
  }
}

for (const [path, endpoint] of ENDPOINTS) {
  describe(`a body at ${path}`, () => {
    it('of any shape is read or refused', async () => {
      const valid = { model: 'qwen/tiny', max_tokens: 5 };
      await fc.assert(
        fc.asyncProperty(body, (given) =>
          outcome(endpoint, Buffer.from(JSON.stringify({ ...valid, ...given }))),
        ),
        { numRuns: RUNS },
      );
    });

    it('of any bytes is read or refused', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), (bytes) =>
          outcome(endpoint, Buffer.from(bytes)),
        ),
        { numRuns: 50 },
      );
    });

    it('nested without end is read or refused', async () => {
      const depth = 20_000;
      const nested = `${'[{"content":'.repeat(depth)}0${'}]'.repeat(depth)}`;
      for (const name of ['messages', 'input', 'system', 'tools', 'metadata', 'unknown']) {
        await outcome(
          endpoint,
          Buffer.from(`{"model":"qwen/tiny","max_tokens":5,"${name}":${nested}}`),
        );
      }
    });
  });
}
