import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from '#platform/database.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { UNMETERED } from '../body-budget.ts';
import { KEPT_BYTES_MAX, type KeptResponse } from './kept-response.ts';
import { createKeptResponses } from './kept-responses.ts';

const { database } = await createTestDatabase();

const time = { nowMs: 1_800_000_000_000 };
const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs };
const memory = createKeptResponses({ database, clock, keptMax: 5, projectBytesMax: 10_000 });

await sql`insert into tenants (id, name, kind, created_at)
  values ('ten_a', 'a', 'customer', now()), ('ten_b', 'b', 'customer', now())`.execute(database);

const A = { tenantId: 'ten_a', projectId: 'prj_1' };
const response = (id: string, previousId: string | null = null, text = id): KeptResponse => ({
  id,
  previousId,
  input: [{ type: 'message', role: 'user', content: `ask ${text}` }],
  response: { id, output: [{ type: 'message', content: text }] },
});

describe('kept responses', () => {
  it('come back with everything before them, oldest first, to the letter', async () => {
    const turns = [response('r1', null, '\u0000 你好'), response('r2', 'r1'), response('r3', 'r2')];
    for (const turn of turns) assert.equal(await memory.keep(A, turn), true);

    assert.deepEqual(await memory.conversation(A, 'r3', UNMETERED), turns);
    assert.deepEqual(await memory.conversation(A, 'r2', UNMETERED), turns.slice(0, 2));
    assert.deepEqual(await memory.find(A, 'r2', UNMETERED), turns[1]);
  });

  it('are nothing to another tenant, nor to another project of the same', async () => {
    for (const owner of [
      { tenantId: 'ten_b', projectId: 'prj_1' },
      { tenantId: 'ten_a', projectId: 'prj_2' },
    ]) {
      assert.equal(await memory.conversation(owner, 'r3', UNMETERED), null);
      assert.equal(await memory.find(owner, 'r3', UNMETERED), null);
      assert.equal(await memory.forget(owner, 'r3'), false);
      // Going on from another's response needs its text, which is not there.
      await memory.keep(owner, response('mine', 'r3'));
      assert.equal(await memory.conversation(owner, 'mine', UNMETERED), null);
    }
    assert.notEqual(await memory.find(A, 'r3', UNMETERED), null);
  });

  it('are never half a conversation', async () => {
    assert.equal(await memory.forget(A, 'r1'), true);
    assert.equal(await memory.conversation(A, 'r3', UNMETERED), null);
    assert.equal(await memory.forget(A, 'r1'), false);
  });

  it('keep the first where the same comes twice', async () => {
    await memory.keep(A, response('twice', null, 'first'));
    await memory.keep(A, response('twice', null, 'second'));
    assert.deepEqual(await memory.find(A, 'twice', UNMETERED), response('twice', null, 'first'));
  });

  it('have a size above which nothing is kept', async () => {
    const large = response('large', null, 'x'.repeat(KEPT_BYTES_MAX));
    assert.equal(await memory.keep(A, large), false);
    assert.equal(await memory.find(A, 'large', UNMETERED), null);
  });

  it('leave when a project has too many or too much, the oldest first', async () => {
    const owner = { tenantId: 'ten_b', projectId: 'prj_crowd' };
    for (let index = 0; index < 8; index += 1) {
      time.nowMs += 1;
      await memory.keep(owner, response(`c${index}`));
    }
    await memory.sweep();
    assert.equal(await memory.find(owner, 'c2', UNMETERED), null);
    assert.notEqual(await memory.find(owner, 'c3', UNMETERED), null);

    time.nowMs += 1;
    await memory.keep(owner, response('heavy', null, 'x'.repeat(4_900)));
    await memory.sweep();
    assert.notEqual(await memory.find(owner, 'heavy', UNMETERED), null);
    assert.equal(await memory.find(owner, 'c7', UNMETERED), null);
  });

  it('leave after a month', async () => {
    const owner = { tenantId: 'ten_b', projectId: 'prj_month' };
    await memory.keep(owner, response('old'));
    time.nowMs += 31 * 24 * 60 * 60_000;
    assert.equal(await memory.find(owner, 'old', UNMETERED), null);
    assert.ok((await memory.sweep()) >= 1);
  });
});
