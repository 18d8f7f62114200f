/** For tests: batches on a real database and folder, with a front door and books that do what the test says. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '#platform/clock.ts';
import { type Database, sql } from '#platform/database.ts';
import { createApi, handleErrors } from '#platform/http.ts';
import { createId } from '#platform/id.ts';
import { silentLog } from '#platform/log.ts';
import { createFolderObjects } from '#platform/objects/folder.ts';
import type { Charge } from '#metering/metering.ts';
import { createDelegations } from '#tenancy/delegation.ts';
import { createKey } from '#tenancy/key.ts';
import type { CloudEnv, Principal } from '#tenancy/principal.ts';
import { insertTenant } from '../../test/money.ts';
import { type Batches, createBatches } from './batches.ts';
import type { LineCall, LineCaller } from './line-call.ts';
import { createBatchRoutes } from './routes.ts';
import { startRunner } from './runner.ts';
import type { CallEnd } from './verdict.ts';

export type Door = {
  /** What the front door does with a call. */
  answer: (call: LineCall) => Promise<CallEnd> | CallEnd;
  readonly calls: LineCall[];
};

export async function createTestBatches(database: Database) {
  const folder = await mkdtemp(join(tmpdir(), 'flywheel-batches-'));
  after(() => rm(folder, { recursive: true, force: true }));
  const objects = createFolderObjects({ folder });
  const charges: Charge[] = [];
  const metering = {
    charges: (_tenantId: string, requestIds: readonly string[]) =>
      Promise.resolve(charges.filter(({ requestId }) => requestIds.includes(requestId))),
  };
  const tenancy = createDelegations({ database, clock: systemClock });
  const parts = { database, objects, tenancy, metering, clock: systemClock, log: silentLog };
  const batches = createBatches({ ...parts, gatewayUrl: 'http://127.0.0.1:1' });
  const door: Door = { answer: () => answered(200, '{"ok":true}'), calls: [] };
  const caller: LineCaller = {
    call: async (line) => {
      door.calls.push(line);
      return door.answer(line);
    },
    isReachable: () => Promise.resolve(true),
    stop: () => Promise.resolve(),
  };
  /** As a control that starts; `stop` ends it well. */
  const start = () => startRunner({ ...parts, files: batches.files, caller, random: () => 0 });
  return { batches, charges, door, objects, start };
}

export function answered(
  status: number,
  body: string,
  retryAfterMs: number | null = null,
): CallEnd {
  return { kind: 'answered', status, body, retryAfterMs };
}

/** A key of a new project, in a new tenant unless one is given. */
export async function insertCaller(database: Database, tenant?: string): Promise<Principal> {
  const tenantId = tenant ?? (await insertTenant(database));
  const projectId = createId('prj');
  await sql`insert into projects (tenant_id, id, name)
    values (${tenantId}, ${projectId}, ${projectId})`.execute(database);
  const keyId = createId('key');
  const { sha256, hint } = createKey('api');
  await sql`insert into keys (tenant_id, project_id, id, kind, name, hint, secret_sha256, role)
    values (${tenantId}, ${projectId}, ${keyId}, 'api', 'test', ${hint}, ${sha256}, 'developer')`.execute(
    database,
  );
  return { tenantId, tenantKind: 'customer', role: 'developer', userId: null, keyId, projectId };
}

/** The routes as this principal calls them. */
export function callAs(batches: Batches, principal: Principal) {
  const app = createApi<CloudEnv>();
  handleErrors(app, silentLog);
  app.use(async (context, next) => {
    context.set('principal', principal);
    await next();
  });
  app.route('/', createBatchRoutes(batches));
  const json = async (method: string, path: string, body?: unknown) => {
    const response = await app.request(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/json' },
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const upload = async (text: string, fields: Readonly<Record<string, string>> = {}) => {
    const form = new FormData();
    form.set('file', new File([text], 'input.jsonl'));
    for (const [name, value] of Object.entries({ purpose: 'batch', ...fields })) {
      form.set(name, value);
    }
    const response = await app.request('/v1/files', { method: 'POST', body: form });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const content = (id: string, headers: Readonly<Record<string, string>> = {}) =>
    app.request(`/v1/files/${id}/content`, { headers });
  return { json, upload, content };
}

export const CHAT = '/v1/chat/completions';

export function inputOf(count: number): string {
  const lines = Array.from({ length: count }, (_, index) => {
    const messages = [{ role: 'user', content: `question ${index + 1}` }];
    const body = { model: 'acme/tiny', messages };
    return JSON.stringify({ custom_id: `line-${index + 1}`, method: 'POST', url: CHAT, body });
  });
  return `${lines.join('\n')}\n`;
}

const GIVE_UP_MS = 60_000;

/** Waits for a condition; fails when it never comes true. */
export async function until<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const untilMs = performance.now() + GIVE_UP_MS;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (performance.now() > untilMs) throw new Error(`waited in vain: ${JSON.stringify(value)}`);
    await delay(20);
  }
}
