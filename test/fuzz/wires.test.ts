/**
 * Every wire under bodies that nobody should send, through real sockets. `FUZZ_RUNS=5000 node --test
 * test/fuzz` runs longer; the seed is printed by fast-check where something breaks.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { answering, startCloud, startScripted, until } from '#gateway/gateway-fixture.ts';
import { CLASSICS, changed, damaged } from './bodies.ts';
import { WIRES, type WireShape } from './wire-shapes.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 25);

const engine = await startScripted(answering(['hello']));
const cloud = await startCloud({ engines: [engine.url], replica: { parallel: 64 } });
after(async () => {
  await cloud.stop();
  await engine.stop();
});

async function send({ path, assertError }: WireShape, body: string | Uint8Array): Promise<number> {
  const response = await fetch(`${cloud.url}${path}`, {
    method: 'POST',
    headers: { ...cloud.headers, 'anthropic-version': '2023-06-01' },
    body: Buffer.from(body),
  });
  const text = await response.text();
  // 500 is a mistake of ours whatever was sent; 501 and 502 speak of the engine, which is asked here too.
  assert.ok(response.status !== 500 && response.status < 504, `${response.status}: ${text}`);
  if (response.status !== 200) assertError(JSON.parse(text));
  return response.status;
}

async function assertNothingLeaks(): Promise<void> {
  await until(() => cloud.gateway.counts().live === 0);
  assert.deepEqual(cloud.gateway.counts(), { live: 0, slots: 0, waiting: 0, holds: 0 });
}

describe('every wire', () => {
  for (const wire of WIRES) {
    describe(wire.path, () => {
      it('refuses the classics with a status and a body of its own', async () => {
        for (const [name, make] of Object.entries(CLASSICS)) {
          const body = make(wire.good);
          const status = await send(wire, body).catch((error: unknown) => {
            throw new Error(`${name}: ${String(error)}`, { cause: error });
          });
          assert.ok(status >= 200 && status < 504, `${name}: ${status}`);
        }
        await assertNothingLeaks();
      });

      it('answers or refuses whatever stands in its fields', async () => {
        await fc.assert(
          fc.asyncProperty(changed(wire.good), async (body) => {
            await send(wire, body);
          }),
          { numRuns: RUNS },
        );
        await assertNothingLeaks();
      });

      it('answers or refuses bytes that were damaged on their way', async () => {
        await fc.assert(
          fc.asyncProperty(damaged(wire.good), async (body) => {
            await send(wire, body);
          }),
          { numRuns: RUNS },
        );
        await assertNothingLeaks();
      });
    });
  }

  it('still serves a good request after all of that', async () => {
    assert.equal((await cloud.chat()).status, 200);
  });
});
