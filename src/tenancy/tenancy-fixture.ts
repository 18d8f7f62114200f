/** For tests: tenancy on a real database behind a real control app, and people and keys that call it. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { createManualClock } from '#platform/clock.ts';
import { createApi, handleErrors } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import type { TestDatabase } from '../../test/database.ts';
import type { FirstRunCredentials } from './first-run.ts';
import { createTenancyInternalRoutes } from './internal-routes.ts';
import { createPrincipalMiddleware } from './principal-middleware.ts';
import type { CloudEnv } from './principal.ts';
import { createTenancyRoutes } from './routes.ts';
import { type Tenancy, createTenancy } from './tenancy.ts';

export const PUBLIC_URL = 'http://localhost:8080';

export type Cloud = Readonly<{
  app: OpenAPIHono<CloudEnv>;
  tenancy: Tenancy;
  database: TestDatabase;
  clock: ReturnType<typeof createManualClock>;
  owner: FirstRunCredentials;
}>;

/** A cloud after its first start. */
export async function createCloud(database: TestDatabase): Promise<Cloud> {
  // Sessions are the library's and know only the wall clock, so ours starts there too.
  const clock = createManualClock(Date.now());
  const tenancy = createTestTenancy(database, clock);
  const { credentials } = await tenancy.ensureFirstRun({
    homeFolder: await createHome(),
    url: PUBLIC_URL,
  });
  if (credentials === null) throw new Error('a first start has credentials');
  return { app: createControl(tenancy), tenancy, database, clock, owner: credentials };
}

export function createTestTenancy(database: TestDatabase, clock: Cloud['clock']): Tenancy {
  return createTenancy({
    database: database.database,
    pool: database.pool,
    clock,
    log: silentLog,
    publicUrl: PUBLIC_URL,
    sessionSecret: randomBytes(32).toString('hex'),
  });
}

export async function createHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'flywheel-tenancy-'));
  after(() => rm(home, { recursive: true, force: true }));
  return home;
}

/** Control with nothing but tenancy in it, wired as the real one is. */
export function createControl(tenancy: Tenancy): OpenAPIHono<CloudEnv> {
  const app = createApi<CloudEnv>();
  handleErrors(app, silentLog);
  app.use('/cloud/v1/*', createPrincipalMiddleware(tenancy));
  app.route('/', createTenancyRoutes(tenancy));
  app.route('/', createTenancyInternalRoutes(tenancy));
  return app;
}

export type Answer = Readonly<{ status: number; body: Json; headers: Headers }>;

/** A JSON answer, read as tests read it. */
export type Json = ReturnType<typeof JSON.parse>;

export type Caller = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** Calls with these headers. */
export function callerWith(app: Cloud['app'], headers: Record<string, string>): Caller {
  return async (method, path, body) => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await app.request(`${PUBLIC_URL}${path}`, {
      method,
      headers: { ...json, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed: Json = text === '' ? null : JSON.parse(text);
    return { status: response.status, body: parsed, headers: response.headers };
  };
}

export function callerWithKey(app: Cloud['app'], secret: string): Caller {
  return callerWith(app, { authorization: `Bearer ${secret}` });
}

/** Signs in as a browser would and calls with its cookie. */
export async function signIn(
  app: Cloud['app'],
  person: Readonly<{ email: string; password: string; headers?: Record<string, string> }>,
): Promise<Caller & { cookie: string }> {
  const page = { origin: PUBLIC_URL, 'sec-fetch-site': 'same-origin', ...person.headers };
  const { email, password } = person;
  const answer = await callerWith(app, page)('POST', '/cloud/auth/sign-in/email', {
    email,
    password,
  });
  if (answer.status !== 200) throw new Error(`sign-in answered ${JSON.stringify(answer.body)}`);
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  return Object.assign(callerWith(app, { ...page, cookie }), { cookie });
}
