/** Batches from upload to results, on a real database and folder, before a scripted front door. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Charge } from '#metering/metering.ts';
import { sql } from '#platform/database.ts';
import { createTestDatabase } from '../../test/database.ts';
import {
  CHAT,
  answered,
  callAs,
  createTestBatches,
  inputOf,
  insertCaller,
  until,
} from './batches-fixture.ts';

const { database } = await createTestDatabase();
const OVER = ['failed', 'completed', 'expired', 'cancelled'];

type Line = Readonly<{
  custom_id: string;
  response: Readonly<{ status_code: number; body: unknown }> | null;
  error: Readonly<{ code: string }> | null;
}>;

async function prepare() {
  const test = await createTestBatches(database);
  const principal = await insertCaller(database);
  const call = callAs(test.batches, principal);
  const create = async (input: string, more: object = {}) => {
    const file = await call.upload(input);
    assert.equal(file.status, 200, JSON.stringify(file.body));
    const wish = { input_file_id: file.body.id, endpoint: CHAT, completion_window: '24h', ...more };
    const made = await call.json('POST', '/v1/batches', wish);
    assert.equal(made.status, 200, JSON.stringify(made.body));
    return made.body.id as string;
  };
  const read = async (id: string) => (await call.json('GET', `/v1/batches/${id}`)).body;
  const ended = (id: string) =>
    until(
      () => read(id),
      ({ status }) => OVER.includes(status),
    );
  const lines = async (fileId: string | null): Promise<readonly Line[]> => {
    if (fileId === null) return [];
    const text = await (await call.content(fileId)).text();
    return text
      .trim()
      .split('\n')
      .map((line): Line => JSON.parse(line));
  };
  return { ...test, principal, call, create, read, ended, lines };
}

function chargeOf(requestId: string, attempt: number, more: Partial<Charge> = {}): Charge {
  return {
    requestId,
    attempt,
    outcome: 'finished',
    currency: 'CNY',
    amountPico: 500n,
    usage: { input: 10, cacheRead: 2, cacheWrite: 0, output: 3, reasoning: 1 },
    isCharged: true,
    ...more,
  };
}

describe('a batch', () => {
  it('answers every line once and says what it cost', async () => {
    const { create, ended, lines, read, door, charges, start } = await prepare();
    door.answer = ({ requestId, attempt, body }) => {
      charges.push(chargeOf(requestId, attempt));
      return answered(200, JSON.stringify({ echo: JSON.parse(body).messages[0].content }));
    };
    const id = await create(inputOf(30), { metadata: { night: 'yes' } });
    const runner = start();

    const batch = await ended(id);
    assert.equal(batch.status, 'completed', JSON.stringify(batch));
    assert.deepEqual(batch.request_counts, { total: 30, completed: 30, failed: 0 });
    assert.deepEqual([batch.model, batch.metadata.night], ['acme/tiny', 'yes']);
    assert.equal(batch.error_file_id, null);
    const output = await lines(batch.output_file_id);
    assert.deepEqual(
      output.map(({ custom_id }) => custom_id),
      Array.from({ length: 30 }, (_, index) => `line-${index + 1}`),
    );
    assert.deepEqual(output[4]?.response?.body, { echo: 'question 5' });
    const settled = await until(
      () => read(id),
      ({ cost }) => cost.is_final,
    );
    assert.deepEqual(settled.cost, { amount: '0.000000015', currency: 'CNY', is_final: true });
    assert.equal(settled.usage.total_tokens, 30 * 16);
    assert.equal(settled.usage.input_tokens_details.cached_tokens, 60);
    await runner.stop();
  });

  it('keeps what fails line by line, and tries again what may yet succeed', async () => {
    const { create, ended, lines, door, start } = await prepare();
    const seen = new Map<string, number>();
    door.answer = ({ body, requestId, attempt }) => {
      const question = JSON.parse(body).messages[0].content;
      const tries = (seen.get(question) ?? 0) + 1;
      seen.set(question, tries);
      assert.deepEqual([attempt, requestId.split('-')[1]], [tries, question.split(' ')[1]]);
      if (question === 'question 1' && tries < 3) return answered(429, '{}', 1);
      if (question === 'question 2') return answered(404, '{"error":{"code":"model_not_found"}}');
      if (question === 'question 3' && tries < 2) return answered(502, '{}');
      return answered(200, '{}');
    };
    const id = await create(inputOf(4));
    const runner = start();

    const batch = await ended(id);
    assert.deepEqual(batch.request_counts, { total: 4, completed: 3, failed: 1 });
    const [failed, ...none] = await lines(batch.error_file_id);
    assert.equal(none.length, 0);
    assert.deepEqual([failed?.custom_id, failed?.response?.status_code], ['line-2', 404]);
    assert.equal((await lines(batch.output_file_id)).length, 3);
    await runner.stop();
  });

  it('is refused as a whole when a line is wrong, with the line’s number', async () => {
    const { create, ended, door, start } = await prepare();
    const id = await create(`${inputOf(2)}{"custom_id":"line-1"}\n`);
    const runner = start();

    const batch = await ended(id);
    assert.equal(batch.status, 'failed');
    assert.equal(batch.errors.object, 'list');
    assert.deepEqual(
      batch.errors.data.map(({ line, param }: { line: number; param: string }) => [line, param]),
      [[3, 'method']],
    );
    assert.equal(door.calls.length, 0);
    await runner.stop();
  });

  it('is cancelled within seconds, and keeps what was answered', async () => {
    const { create, ended, lines, call, door, start, charges } = await prepare();
    door.answer = ({ body, signal, requestId, attempt }) => {
      if (JSON.parse(body).messages[0].content === 'question 1') return answered(200, '{}');
      return new Promise((resolve) =>
        signal.addEventListener('abort', () => {
          const nothing = { outcome: 'cancelled', amountPico: 0n, isCharged: false } as const;
          charges.push(chargeOf(requestId, attempt, nothing));
          resolve({ kind: 'broke' });
        }),
      );
    };
    const id = await create(inputOf(5));
    const runner = start();
    await until(
      () => Promise.resolve(door.calls.length),
      (count) => count === 5,
    );

    const cancelled = await call.json('POST', `/v1/batches/${id}/cancel`);
    assert.equal(cancelled.body.status, 'cancelling');
    const batch = await ended(id);
    assert.equal(batch.status, 'cancelled');
    assert.ok(batch.cancelled_at !== null);
    assert.equal((await lines(batch.output_file_id)).length, 1);
    const left = await lines(batch.error_file_id);
    assert.deepEqual([...new Set(left.map(({ error }) => error?.code))], ['batch_cancelled']);
    assert.equal((await call.json('POST', `/v1/batches/${id}/cancel`)).status, 200);
    await runner.stop();
  });

  it('expires at the end of its window with what it has', async () => {
    const { create, ended, lines, door, start } = await prepare();
    door.answer = ({ body }) =>
      JSON.parse(body).messages[0].content === 'question 1'
        ? answered(200, '{}')
        : answered(503, '{}', 60_000);
    const id = await create(inputOf(3));
    const runner = start();
    await until(
      () => Promise.resolve(door.calls.length),
      (count) => count === 3,
    );
    await sql`update batches set expires_at = now() - interval '1 second' where id = ${id}`.execute(
      database,
    );

    const batch = await ended(id);
    assert.equal(batch.status, 'expired');
    assert.equal((await lines(batch.output_file_id)).length, 1);
    assert.deepEqual(
      (await lines(batch.error_file_id)).map(({ error }) => error?.code),
      ['batch_expired', 'batch_expired'],
    );
    await runner.stop();
  });

  it('goes on under another control where the first one stopped, asking the books about what was under way', async () => {
    const { create, ended, lines, door, start, charges } = await prepare();
    const billed = new Map<string, Set<number>>();
    door.answer = ({ requestId, attempt, signal }) => {
      const isSecond = door.calls.filter((call) => call.requestId === requestId).length > 1;
      if (!isSecond) {
        return new Promise((resolve) =>
          signal.addEventListener('abort', () => {
            // Odd lines were answered and billed although nobody heard it; even ones were dropped.
            const isCharged = Number(requestId.split('-')[1]) % 2 === 1;
            const outcome = isCharged ? 'finished' : 'abandoned';
            const amountPico = isCharged ? 500n : 0n;
            charges.push(chargeOf(requestId, attempt, { outcome, amountPico, isCharged }));
            if (isCharged) billed.set(requestId, new Set([attempt]));
            resolve({ kind: 'broke' });
          }),
        );
      }
      billed.set(requestId, (billed.get(requestId) ?? new Set()).add(attempt));
      return answered(200, '{}');
    };
    const id = await create(inputOf(6));
    const first = start();
    await until(
      () => Promise.resolve(door.calls.length),
      (count) => count === 6,
    );
    await first.stop();
    const second = start();

    const batch = await ended(id);
    assert.deepEqual(batch.request_counts, { total: 6, completed: 6, failed: 0 });
    assert.equal((await lines(batch.output_file_id)).length, 6);
    for (const [requestId, attempts] of billed) {
      // The books take an attempt once: one attempt, one charge.
      assert.equal(attempts.size, 1, `${requestId}: ${[...attempts].join()}`);
    }
    assert.equal(billed.size, 6);
    await second.stop();
  });
});
