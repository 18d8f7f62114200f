/** A gateway's side of kept responses against control's routes, over a real socket. */
import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { handleErrors, createApi, serveApp } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import { BodyBudget, UNMETERED } from '../body-budget.ts';
import { createResponseInternalRoutes } from './internal-routes.ts';
import { KEPT_BYTES_MAX, type KeptResponse } from './kept-response.ts';
import { createMemoryClient } from './memory-client.ts';
import { createMapMemory } from './memory-fixture.ts';

const app = createApi<{ Variables: { requestId: string } }>();
handleErrors(app, silentLog);
app.route('/', createResponseInternalRoutes(createMapMemory()));
const server = await serveApp(app, { host: '127.0.0.1', port: 0 });
const client = createMemoryClient({ controlUrl: server.url, joinToken: 'join', log: silentLog });
after(async () => {
  await client.stop();
  await server.stop(0);
});

const OWNER = { tenantId: 'ten_a', projectId: 'prj/1?x' };
const kept = (id: string, previousId: string | null = null): KeptResponse => ({
  id,
  previousId,
  input: [{ role: 'user', content: '你好 \u0000' }],
  response: { id, output: [] },
});

describe('kept responses over the wire', () => {
  it('are kept, read, followed back and forgotten', async () => {
    assert.equal(await client.keep(OWNER, kept('a')), true);
    assert.equal(await client.keep(OWNER, kept('b', 'a')), true);
    assert.deepEqual(await client.find(OWNER, 'b', UNMETERED), kept('b', 'a'));
    assert.deepEqual(await client.conversation(OWNER, 'b', UNMETERED), [kept('a'), kept('b', 'a')]);
    assert.equal(await client.forget(OWNER, 'a'), true);
    assert.equal(await client.conversation(OWNER, 'b', UNMETERED), null);
    assert.equal(await client.find({ ...OWNER, projectId: 'prj_2' }, 'b', UNMETERED), null);
  });

  it('that are too large are not kept, and nothing is raised', async () => {
    const large = { ...kept('large'), response: { text: 'x'.repeat(2 * KEPT_BYTES_MAX) } };
    assert.equal(await client.keep(OWNER, large), false);
  });

  it('take their room among the bodies, and are refused where there is none', async () => {
    await client.keep(OWNER, kept('room'));
    const room = (bytes: number) => {
      const outgoing = new ServerResponse(new IncomingMessage(new Socket()));
      return new BodyBudget(bytes).open(outgoing);
    };
    assert.notEqual(await client.conversation(OWNER, 'room', room(10_000)), null);
    await assert.rejects(client.conversation(OWNER, 'room', room(10)), {
      code: 'server_is_overloaded',
    });
  });

  it('are refused for now while control is away', async () => {
    const away = createMemoryClient({
      controlUrl: 'http://127.0.0.1:1',
      joinToken: 'join',
      log: silentLog,
    });
    assert.equal(await away.keep(OWNER, kept('c')), false);
    await assert.rejects(away.find(OWNER, 'c', UNMETERED), {
      code: 'control_unavailable',
      status: 503,
    });
    await away.stop();
  });
});
