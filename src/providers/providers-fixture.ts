/** For tests: providers on a real database with two tenants, and a server that behaves as a provider's API. */
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { listen } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import type { TestDatabase } from '../../test/database.ts';
import { createMasterKeys } from '#vault/master-keys.ts';
import { type Owner, type Providers, createProviders } from './providers.ts';
import { createUpstreamClient } from './upstream.ts';

export const OPERATOR: Owner = { tenantId: 'ten_operator', isOperator: true };
export const CUSTOMER: Owner = { tenantId: 'ten_customer', isOperator: false };
export const API_KEY = 'sk-the-key-of-the-provider-7890';

/** A name of the hub that everybody sees, and one of the customer's. */
export const HUB_MODEL = 'op/tiny';
export const CUSTOMER_MODEL = 'cust/own';

export type UpstreamHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/** A provider's API on a port of its own; stopped after the file's tests. */
export async function startUpstream(
  handler: UpstreamHandler,
): Promise<Readonly<{ url: string; seen: IncomingMessage[] }>> {
  const seen: IncomingMessage[] = [];
  const server = createServer((incoming, outgoing) => {
    seen.push(incoming);
    handler(incoming, outgoing);
  });
  const { url, stop } = await listen(server, { host: '127.0.0.1', port: 0 });
  after(() => stop(0));
  return { url, seen };
}

export function answerJson(value: unknown, status = 200): UpstreamHandler {
  return (_incoming, outgoing) => {
    outgoing.writeHead(status, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify(value));
  };
}

export type ProvidersFixture = Readonly<{
  providers: Providers;
  clock: ReturnType<typeof createManualClock>;
  /** Where the master keys lie. */
  file: string;
}>;

/** Starts without providers; one database serves all tests of a file. */
export async function createProvidersFixture(
  handle: TestDatabase,
  options: Readonly<{ timeoutMs?: number }> = {},
): Promise<ProvidersFixture> {
  const { database } = handle;
  await sql`truncate provider_costs, provider_models, providers`.execute(database);
  await sql`insert into tenants (id, kind, name)
    values (${OPERATOR.tenantId}, 'operator', 'Operator'), (${CUSTOMER.tenantId}, 'customer', 'Customer')
    on conflict do nothing`.execute(database);
  const home = await mkdtemp(join(tmpdir(), 'flywheel-providers-'));
  after(() => rm(home, { recursive: true, force: true }));
  const file = join(home, 'master-keys.json');
  const clock = createManualClock();
  const upstream = createUpstreamClient(options.timeoutMs);
  const providers = createProviders({
    database,
    masterKeys: createMasterKeys({ file, configured: null }),
    names: {
      findHubModel: async (name, tenantId) => {
        if (name === HUB_MODEL) return { id: 'mdl_tiny', visibility: 'public' };
        const isOwn = name === CUSTOMER_MODEL && tenantId === CUSTOMER.tenantId;
        return isOwn ? { id: 'mdl_own', visibility: 'private' } : null;
      },
      isDeployedName: async ({ name }) => name === 'alias/taken',
    },
    upstream,
    clock,
    log: silentLog,
  });
  after(() => providers.stop());
  return { providers, clock, file };
}
