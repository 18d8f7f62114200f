/** A real cloud for the chaos schedules: control, node and gateway as processes of their own, an upstream model, a customer with a key. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#platform/clock.ts';
import { type Database, sql } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { silentLog } from '#platform/log.ts';
import { createLedger } from '#ledger/ledger.ts';
import { parseAmount } from '#ledger/money.ts';
import { journalFolder } from '#main/home.ts';
import type { Role } from '#main/options.ts';
import { createPricing } from '#pricing/pricing.ts';
import { createKey } from '#tenancy/key.ts';
import { waitFor } from '../cloud.ts';
import { insertPublishedModel, insertTenant } from '../money.ts';
import { type Child, startChild } from './process.ts';
import type { ServeOptions } from './serve-process.ts';
import { startUpstream } from './upstream.ts';

export type ChaosCloud = Readonly<{
  gatewayUrl: string;
  controlUrl: string;
  joinToken: string;
  journalFolder: string;
  tenantId: string;
  secret: string;
  model: string;
  /** The processes as they are now; `start` puts a new one in its place. */
  children: Map<Role, Child>;
  start: (role: 'control' | 'gateway' | 'node') => Promise<void>;
  stop: () => Promise<void>;
}>;

export const OPENING_CREDIT = '1000';
const JOIN_TOKEN = 'chaos-join-token';
const READY_TIMEOUT_MS = 60_000;

export async function startChaosCloud(
  database: Database,
  databaseUrl: string,
): Promise<ChaosCloud> {
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-chaos-'));
  const ports = { control: await freePort(), gateway: await freePort(), node: 0 };
  const upstream = await startUpstream();
  const children = new Map<Role, Child>();
  const controlUrl = `http://127.0.0.1:${ports.control}`;
  const gatewayUrl = `http://127.0.0.1:${ports.gateway}`;
  const start = async (role: 'control' | 'gateway' | 'node'): Promise<void> => {
    mkdirSync(join(folder, role), { recursive: true });
    const options: ServeOptions = {
      role,
      environment: { FLYWHEEL_HOME: join(folder, role), FLYWHEEL_LOG_LEVEL: 'silent' },
      options: {
        databaseUrl: role === 'control' ? databaseUrl : null,
        controlUrl,
        joinToken: JOIN_TOKEN,
        sessionSecret: 'x'.repeat(43),
        publicUrl: gatewayUrl,
        host: '127.0.0.1',
        port: ports[role],
        modelsFolder: null,
      },
    };
    children.set(role, await startChild('serve-process.ts', options));
  };
  const stop = async (): Promise<void> => {
    for (const child of children.values()) {
      child.kill('SIGKILL');
      await child.exited;
    }
    await upstream.stop(0);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await start('control');
    await Promise.all([start('node'), start('gateway')]);
    const operatorKey: string = JSON.parse(
      readFileSync(join(folder, 'control', 'first-run.json'), 'utf8'),
    ).apiKey;
    const world = await prepare(database);
    await deploy({ controlUrl, operatorKey, model: world.model, baseUrl: `${upstream.url}/v1` });
    await waitFor('the model to be served', READY_TIMEOUT_MS, () => isServed(gatewayUrl, world));
    return {
      ...world,
      gatewayUrl,
      controlUrl,
      joinToken: JOIN_TOKEN,
      journalFolder: journalFolder(join(folder, 'gateway')),
      children,
      start,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type World = Readonly<{ tenantId: string; secret: string; model: string }>;

async function prepare(database: Database): Promise<World> {
  const parts = { database, clock: systemClock, log: silentLog };
  const { rows } = await sql<{ id: string }>`
    select id from tenants where kind = 'operator'`.execute(database);
  const operatorId = rows[0]?.id ?? '';
  const model = await insertPublishedModel(database, operatorId);
  const pricing = createPricing({
    ...parts,
    models: { find: async () => model, list: async () => [model] },
  });
  await pricing.publish(
    { tenantId: operatorId, isOperator: true },
    {
      model: model.name,
      currency: 'CNY',
      effectiveFromMs: null,
      inputPerMillion: '0.3',
      cacheReadPerMillion: '0.03',
      outputPerMillion: '1.2',
      reasoningPerMillion: null,
      createdBy: null,
    },
  );
  const tenantId = await insertTenant(database);
  await createLedger(parts).credit({
    tenantId,
    currency: 'CNY',
    amountPico: parseAmount(OPENING_CREDIT),
    idempotencyKey: 'opening',
    note: '',
  });
  return { tenantId, secret: await insertKey(database, tenantId), model: model.name };
}

async function insertKey(database: Database, tenantId: string): Promise<string> {
  const projectId = createId('prj');
  await sql`insert into projects (tenant_id, id, name)
    values (${tenantId}, ${projectId}, 'chaos')`.execute(database);
  const { secret, sha256, hint } = createKey('api');
  await sql`insert into keys (tenant_id, project_id, id, kind, name, hint, secret_sha256, role)
    values (${tenantId}, ${projectId}, ${createId('key')}, 'api', 'chaos', ${hint}, ${sha256}, 'developer')`.execute(
    database,
  );
  return secret;
}

async function deploy(
  request: Readonly<{ controlUrl: string; operatorKey: string; model: string; baseUrl: string }>,
): Promise<void> {
  const { controlUrl, operatorKey, model, baseUrl } = request;
  const response = await fetch(`${controlUrl}/cloud/v1/deployments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      engine: 'openai',
      baseUrl,
      upstreamModel: 'upstream',
      parallel: 64,
    }),
  });
  assert.equal(response.status, 201, await response.text());
}

async function isServed(gatewayUrl: string, { secret, model }: World): Promise<boolean> {
  const response = await fetch(`${gatewayUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      stream: true,
      max_tokens: 8,
      messages: [{ role: 'user', content: '{"words":1}' }],
    }),
  });
  await response.text();
  return response.status === 200;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}
