/** For tests: a hub on a real database and a real folder, two tenants that call it, and its routes. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { createApi, handleErrors } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import { createFolderObjects } from '#platform/objects/folder.ts';
import type { CloudEnv, Principal } from '#tenancy/principal.ts';
import type { TestDatabase } from '../../test/database.ts';
import type { Import, ImportCreate } from './api.ts';
import { type Hub, type HubOptions, createHub } from './hub.ts';
import { createHubInternalRoutes } from './internal-routes.ts';
import { createRepositoryRoutes } from './repository-routes.ts';
import { createCatalogueRoutes } from './catalogue/routes.ts';
import { createHubRoutes } from './routes.ts';

export const OPERATOR = 'ten_operator';
export const ACME = 'ten_acme';
export const BOLT = 'ten_bolt';

export type HubWorld = Readonly<{
  hub: Hub;
  database: TestDatabase;
  clock: ReturnType<typeof createManualClock>;
  /** Scratch space, gone after the tests. */
  folder: string;
  /** Where the object store keeps its files. */
  objectsFolder: string;
  deployed: Set<string>;
  /** Another process on the same database and store. */
  createHub: (options?: Partial<HubOptions>) => Hub;
}>;

/** The test makes the database, so that the test runner sees which files to run on both kinds. */
export async function createHubWorld(database: TestDatabase): Promise<HubWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'flywheel-hub-'));
  const objectsFolder = join(folder, 'objects');
  const clock = createManualClock(Date.now());
  const deployed = new Set<string>();
  for (const [id, kind] of [
    [OPERATOR, 'operator'],
    [ACME, 'customer'],
    [BOLT, 'customer'],
  ]) {
    await sql`insert into tenants (id, kind, name) values (${id}, ${kind}, ${id})`.execute(
      database.database,
    );
  }
  const create = (more: Partial<HubOptions> = {}): Hub =>
    createHub({
      database: database.database,
      objects: createFolderObjects({ folder: objectsFolder, reserveBytes: 0 }),
      gitFolder: join(folder, 'git'),
      clock,
      log: silentLog,
      // As the fleet answers: with a statement of its own, in the transaction it is given.
      isDeployed: async (modelId, tx) => {
        await sql`select 1 from deployments where model_id = ${modelId}`.execute(tx);
        return deployed.has(modelId);
      },
      retryDelayMs: () => 1,
      ...more,
    });
  after(() => rm(folder, { recursive: true, force: true }));
  const hub = create();
  return { hub, database, clock, folder, objectsFolder, deployed, createHub: create };
}

/** Writes files into a new folder and returns its path. */
export async function writeFolder(
  world: HubWorld,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  const folder = await mkdtemp(join(world.folder, 'source-'));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

/** Starts an import and waits for its end. */
export async function importModel(
  hub: Hub,
  asked: ImportCreate,
  tenantId = OPERATOR,
): Promise<Import> {
  const caller = { tenantId, isOperator: tenantId === OPERATOR };
  const { id } = await hub.startImport(caller, asked);
  return importEnd(hub, tenantId, id);
}

export async function importEnd(hub: Hub, tenantId: string, id: string): Promise<Import> {
  return until(
    () => hub.getImport(tenantId, id),
    (found) => found.state !== 'running',
  );
}

/** Reads until it is so; the test runner's own limit ends what never is. */
export async function until<T>(
  read: () => Promise<T>,
  isSo: (value: T) => boolean | Promise<boolean>,
): Promise<T> {
  for (;;) {
    const value = await read();
    if (await isSo(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Every file in the object store: blobs and staged bytes. */
export async function storedFiles(world: HubWorld): Promise<string[]> {
  await mkdir(world.objectsFolder, { recursive: true });
  const entries = await readdir(world.objectsFolder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
}

/** Nothing of a failed import is left, anywhere. */
export async function assertNothingLeft(world: HubWorld): Promise<void> {
  assert.deepEqual(await storedFiles(world), []);
  for (const table of ['revisions', 'files', 'blobs', 'lineage']) {
    const { rows } = await sql`select * from ${sql.table(table)}`.execute(world.database.database);
    assert.deepEqual(rows, [], table);
  }
  const models = sql`select owner, name from models where removed_at is null`;
  assert.deepEqual((await models.execute(world.database.database)).rows, []);
}

/** Waits until so many bytes are staged, in all stages together. */
export async function staged(world: HubWorld, bytes: number): Promise<void> {
  const store = createFolderObjects({ folder: world.objectsFolder, reserveBytes: 0 });
  await until(
    () => store.listStages(),
    (stages) => stages.reduce((sum, stage) => sum + stage.sizeBytes, 0) === bytes,
  );
}

export type Answer = Readonly<{
  status: number;
  body: Record<string, unknown>;
  response: Response;
}>;

/** Calls the hub's routes as a member of a tenant. */
export function callAs(
  hub: Hub,
  tenantId: string,
  role: Principal['role'] = 'owner',
  ...more: readonly ((hub: Hub) => OpenAPIHono<CloudEnv>)[]
): (method: string, path: string, body?: unknown) => Promise<Answer> {
  const app = createApi<CloudEnv>();
  handleErrors(app, silentLog);
  app.use(async (context, next) => {
    context.set('principal', {
      tenantId,
      tenantKind: tenantId === OPERATOR ? 'operator' : 'customer',
      role,
      userId: 'usr_test',
      keyId: null,
      projectId: null,
    });
    await next();
  });
  app.route('/', createCatalogueRoutes(hub));
  app.route('/', createHubRoutes(hub));
  app.route('/', createRepositoryRoutes(hub));
  for (const createRoutes of more) app.route('/', createRoutes(hub));
  app.route('/', createHubInternalRoutes(hub));
  return async (method, path, body) => {
    const response = await app.request(path, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.clone().text();
    return {
      status: response.status,
      body: text.startsWith('{') ? JSON.parse(text) : {},
      response,
    };
  };
}
