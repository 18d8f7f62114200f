/**
 * A gateway and a control in this process, whose deaths are made rather than waited for: cheap enough for
 * hundreds of schedules in a minute. What a death leaves is what kill -9 leaves: of a gateway, the bytes its
 * journal had written by that instant, copied aside, while the dying one can reach neither them nor control
 * any more; of control, the transactions it had committed. What only real processes show (the death of a
 * database connection, of a parent, of the runtime) is for schedule.ts and cloud-schedule.ts.
 */
import { cpSync, mkdirSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { silentAccessLog } from '#gateway/access-log.ts';
import { type KeyIdentity, createControlClient } from '#gateway/control-client.ts';
import type { Feed } from '#gateway/feed.ts';
import { createFeedState } from '#gateway/feed-state.ts';
import { type Gateway, createGateway } from '#gateway/gateway.ts';
import { LimitStandIn, parseShareRequests, shareAnswer } from '#gateway/limits/limits-stand-in.ts';
import { createMapMemory } from '#gateway/responses/memory-fixture.ts';
import { createIdleTaskControl } from '#gateway/tasks/task-fixture.ts';
import { createLedgerInternalRoutes } from '#ledger/internal-routes.ts';
import { type Ledger, createLedger } from '#ledger/ledger.ts';
import { createMeteringInternalRoutes } from '#metering/internal-routes.ts';
import { openJournal } from '#metering/journal.ts';
import { createMetering } from '#metering/metering.ts';
import { createShipper } from '#metering/ship.ts';
import { type Clock, systemClock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { createApi, handleErrors } from '#platform/http.ts';
import { silentLog as log } from '#platform/log.ts';
import { createPricing } from '#pricing/pricing.ts';
import type { ControlPoint } from './control-process.ts';

const HOST = '127.0.0.1';

export type ControlLife = Readonly<{
  url: string;
  /** Ends at once, with whatever it was doing. Also what `dieAt` does. */
  kill: () => void;
  isAlive: () => boolean;
}>;

export type ControlLifeOptions = Readonly<{
  database: Database;
  key: KeyIdentity;
  clock: Clock;
  /** 0 for any; the next life listens where the last did. */
  port: number;
  dieAt: Readonly<{ point: ControlPoint; shipment: number }> | null;
}>;

export async function startControlLife(options: ControlLifeOptions): Promise<ControlLife> {
  const { database, clock, dieAt } = options;
  const parts = { database, clock, log };
  let shipment = 0;
  let isAlive = true;
  const kill = (): void => {
    isAlive = false;
    server.close();
    server.closeAllConnections();
  };
  // Raised inside a transaction, it ends as one whose client is gone: rolled back.
  const dieIf = (point: ControlPoint): void => {
    if (dieAt?.point === point && dieAt.shipment <= shipment) kill();
    if (!isAlive) throw new Error('control is dead');
  };
  const honest = createLedger(parts);
  const ledger: Ledger = {
    ...honest,
    postAll: async (tx, entries) => {
      dieIf('before-post');
      const posted = await honest.postAll(tx, entries);
      dieIf('before-commit');
      return posted;
    },
  };
  const models = { find: async () => null, list: async () => [] };
  const pricing = createPricing({ ...parts, models });
  const counts = async () => ({ models: 0, machines: 0, replicasReady: 0 });
  const metering = createMetering({ ...parts, ledger, pricing, counts });
  const app = createApi<{ Variables: { requestId: string } }>();
  handleErrors(app, log);
  app.route('/', createLedgerInternalRoutes(ledger));
  const ingest = {
    ingest: async (batch: Parameters<typeof metering.ingest>[0]) => {
      shipment += 1;
      const ingested = await metering.ingest(batch);
      dieIf('before-answer');
      return ingested;
    },
  };
  app.route('/', createMeteringInternalRoutes(ingest));
  const limits = new LimitStandIn();
  app.post('/internal/v1/keys/lookup', (context) => context.json({ key: options.key }));
  app.post('/internal/v1/limits/policy', (context) => context.json(limits.policy()));
  app.get('/internal/v1/limits/policy', (context) => context.json(limits.policy()));
  app.post('/internal/v1/limits/shares', async (context) => {
    const { gatewayId, requests } = parseShareRequests(await context.req.text());
    return context.body(shareAnswer(limits.grant(gatewayId, requests)), 200, {
      'content-type': 'application/json',
    });
  });
  const handle = getRequestListener(app.fetch);
  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  const port = await listening(server, options.port);
  return { url: `http://${HOST}:${port}`, kill, isAlive: () => isAlive };
}

export type GatewayLife = Readonly<{
  url: string;
  gatewayId: string;
  counts: Gateway['counts'];
  /** Ends at once; the next life starts from what it left in `folder`. */
  kill: (folder: string) => Promise<void>;
  /** Ends well: callers answered, journal shipped. False when control did not take all of it. */
  stop: (drainMs: number) => Promise<boolean>;
}>;

export async function startGatewayLife(
  options: Readonly<{ folder: string; controlUrl: string; feed: Feed }>,
): Promise<GatewayLife> {
  const { controlUrl } = options;
  const folder = join(options.folder, 'journal');
  mkdirSync(folder, { recursive: true });
  const journal = await openJournal({ folder, clock: systemClock, log });
  const { gatewayId } = journal;
  let isDead = false;
  const client = createControlClient({ url: controlUrl, joinToken: 'join', gatewayId });
  const gateway = createGateway({
    region: 'local',
    controlUrl,
    control: {
      ...client,
      // A dead process gives nothing back.
      releaseLease: async (lease) => {
        if (!isDead) await client.releaseLease(lease);
      },
    },
    feed: createFeedState(systemClock, options.feed),
    journal,
    accessLog: silentAccessLog,
    responses: createMapMemory(),
    tasks: createIdleTaskControl(),
    clock: systemClock,
    log,
    bodyLimitBytes: 64 * 1024,
    coldStartWaitMs: 5_000,
  });
  const { url } = await gateway.start({ host: HOST, port: 0 });
  const shipper = createShipper({ journal, controlUrl, joinToken: 'join', log });
  return {
    url,
    gatewayId,
    counts: gateway.counts,
    kill: async (next) => {
      isDead = true;
      const unshipped = shipper.stop();
      cpSync(folder, join(next, 'journal'), { recursive: true });
      gateway.server.closeAllConnections();
      await gateway.stop(0);
      await Promise.all([unshipped, journal.stop(), client.stop()]);
    },
    stop: async (drainMs) => {
      await gateway.stop(drainMs);
      const isDrained = await shipper.drain(drainMs);
      await shipper.stop();
      await client.stop();
      await journal.stop();
      return isDrained;
    },
  };
}

async function listening(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound !== 'object') throw new TypeError('control has no port');
  return bound.port;
}
