/** Control's modules, built by hand with explicit arguments, lowest floor first. */
import { type Batches, createBatches } from '#batches/batches.ts';
import { createHubModels } from '#fleet/hub-models.ts';
import { type Fleet, createFleet } from '#fleet/fleet.ts';
import { type KeptResponses, createKeptResponses } from '#gateway/responses/kept-responses.ts';
import { FeedPublisher } from '#gateway/feed-publisher.ts';
import { type FeedSourceDeps, createFeedSource } from '#gateway/feed-source.ts';
import { type Hub, createHub } from '#hub/hub.ts';
import { type Ledger, createLedger } from '#ledger/ledger.ts';
import { type Limits, createLimits } from '#limits/limits.ts';
import type { Notices } from '#notices/notices.ts';
import type { Clock } from '#platform/clock.ts';
import { type Database, type DatabaseHandle, sql } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import { createFolderObjects } from '#platform/objects/folder.ts';
import { type Routing, createRouting } from '#routing/routing.ts';
import { type Tasks, createTasks } from '#tasks/tasks.ts';
import { createMasterKeys } from '#vault/master-keys.ts';
import { createVault } from '#vault/vault.ts';
import { type Providers, createProviders } from '#providers/providers.ts';
import { createScopeDirectory } from '#tenancy/scope-names.ts';
import { type Contents, createContents } from '#requests/contents/contents.ts';
import { type Requests, createRequests } from '#requests/requests.ts';
import { type Tenancy, createTenancy } from '#tenancy/tenancy.ts';
import { masterKeysFile, objectsFolder } from './home.ts';
import { hubForFeed, nameDirectory } from './module-views.ts';
import { type MoneyParts, buildMoney, coveringOf } from './money-parts.ts';
import type { ProcessOptions } from './options.ts';
import { buildNotices } from './notice-parts.ts';
import { routableModels } from './routable-models.ts';

export type ControlParts = MoneyParts &
  Readonly<{
    options: ProcessOptions;
    handle: DatabaseHandle;
    clock: Clock;
    log: Log;
    tenancy: Tenancy;
    hub: Hub;
    ledger: Ledger;
    limits: Limits;
    fleet: Fleet;
    routing: Routing;
    tasks: Tasks;
    providers: Providers;
    requests: Requests;
    contents: Contents;
    responses: KeptResponses;
    publisher: FeedPublisher;
    batches: Batches;
    notices: Notices;
    /** Starts what runs by itself. */
    start: () => Readonly<{ stopStreams: () => Promise<void>; stop: () => Promise<void> }>;
  }>;

/** Leases of gateways that never came back are closed within this after their grace. */
const LEASE_SWEEP_EVERY_MS = 30_000;

/** A day ends once a day; an hour late is soon enough to seal it. */
const TIDY_EVERY_MS = 60 * 60_000;

export function buildControl(given: {
  options: ProcessOptions;
  handle: DatabaseHandle;
  clock: Clock;
  log: Log;
}): ControlParts {
  const { options, handle, clock, log } = given;
  const { database, pool } = handle;
  const { publicUrl, sessionSecret } = options;
  const tenancy = createTenancy({
    database,
    pool,
    clock,
    log,
    publicUrl,
    sessionSecret,
    onTenantCreated: (tx, tenantId) => money.credits.quotas.giveNew(tx, tenantId),
  });
  const objects = createFolderObjects({ folder: objectsFolder(options.settings.FLYWHEEL_HOME) });
  // The hub asks the fleet, which is above it, whether a model is deployed.
  const hub = createHub({
    database,
    objects,
    clock,
    log,
    isDeployed: async (modelId, tx) =>
      (await fleet.isDeployed(modelId, tx)) || providers.isServed(modelId, tx),
  });
  // Credits, which is above the ledger and tenancy, says what may pay besides cash.
  const covering = coveringOf(() => money.credits);
  const ledger = createLedger({ database, covering, clock, log });
  const tasks = createTasks({ database, clock, log });
  const fleet = createFleet({ database, models: createHubModels(hub), clock, log });
  const { FLYWHEEL_HOME: home, FLYWHEEL_MASTER_KEYS: configured } = options.settings;
  const masterKeys = createMasterKeys({ file: masterKeysFile(home), configured });
  const requests = createRequests({ database, clock });
  const contents = createContents({ database, masterKeys, clock });
  const names = nameDirectory(hub, fleet);
  const vault = createVault({ database, masterKeys });
  const notices = buildNotices({ options, database, clock, log, vault });
  const rewrapOthers = async () => (await vault.rewrap()) + (await contents.rewrap());
  const sealing = { masterKeys, rewrapOthers };
  const providers = createProviders({ database, ...sealing, names, clock, log });
  const routable = routableModels({ hub: hubForFeed(hub), fleet, providers });
  const routing = createRouting({ database, models: routable, clock, log });
  const limits = createLimits({ database, clock, names: createScopeDirectory(database) });
  const counted = { hub, fleet, ledger, limits, notices, providers };
  const money = buildMoney({
    ...{ database, clock, log, ...counted, publicUrl, vault },
    usageDays: options.settings.FLYWHEEL_USAGE_DAYS,
  });
  const { metering } = money;
  const responses = createKeptResponses({ database, clock });
  const gatewayUrl = options.settings.FLYWHEEL_GATEWAY_URL ?? publicUrl;
  const batches = createBatches({ database, objects, tenancy, metering, gatewayUrl, clock, log });
  const modules = {
    tenancy,
    hub,
    ledger,
    ...money,
    limits,
    fleet,
    routing,
    tasks,
    providers,
    requests,
    contents,
    responses,
    batches,
    notices,
  };
  const publisher = createPublisher(database, { ...modules, hub: hubForFeed(hub) }, log);
  return { ...given, ...modules, publisher, start: () => startModules(modules, publisher, log) };
}

function createPublisher(database: Database, sources: FeedSourceDeps, log: Log): FeedPublisher {
  return new FeedPublisher({
    readVersion: () => readFeedVersion(database),
    readFeed: createFeedSource(sources),
    log,
  });
}

/** What runs by itself, and how it ends. */
function startModules(
  {
    batches,
    budgets,
    contents,
    credits,
    fleet,
    hub,
    ledger,
    limits,
    metering,
    notices,
    payments,
    providers,
    responses,
    tasks,
  }: Pick<
    ControlParts,
    | 'batches'
    | 'budgets'
    | 'contents'
    | 'credits'
    | 'fleet'
    | 'hub'
    | 'ledger'
    | 'limits'
    | 'metering'
    | 'notices'
    | 'payments'
    | 'providers'
    | 'responses'
    | 'tasks'
  >,
  publisher: FeedPublisher,
  log: Log,
): ReturnType<ControlParts['start']> {
  const reconciling = fleet.start();
  const sweepingTasks = tasks.start();
  const sweeping = setInterval(() => {
    ledger.leases.sweep().catch((error: unknown) => log.error('leases.sweep_failed', { error }));
    limits.shares.sweep().catch((error: unknown) => log.error('shares.sweep_failed', { error }));
    contents.sweep().catch((error: unknown) => log.error('contents.sweep_failed', { error }));
    responses.sweep().catch((error: unknown) => log.error('responses.sweep_failed', { error }));
  }, LEASE_SWEEP_EVERY_MS);
  const tidyingDays = startEachHour(
    [
      ['usage.tidy_failed', metering.tidy],
      ['ledger.checkpoint_failed', ledger.checkpoints.makeDue],
    ],
    log,
  );
  hub.start();
  publisher.start();
  const runningBatches = batches.start();
  const delivering = notices.start();
  const renewing = credits.start();
  const charging = payments.start();
  const watching = budgets.start();
  return {
    // Feeds never end by themselves, and a server waits for its answers to end.
    stopStreams: () => publisher.stop(),
    stop: async () => {
      clearInterval(sweeping);
      await tidyingDays.stop();
      await runningBatches.stop();
      await renewing.stop();
      await watching.stop();
      await charging.stop();
      await delivering.stop();
      sweepingTasks.stop();
      await reconciling.stop();
      await hub.stop();
      await providers.stop();
    },
  };
}

/** What belongs to days: soon after the start, for days that ended while nobody ran, and once an hour. */
function startEachHour(
  jobs: readonly (readonly [failed: string, run: () => Promise<unknown>])[],
  log: Log,
): Readonly<{ stop: () => Promise<void> }> {
  let running = Promise.resolve();
  const runAll = (): void => {
    running = running.then(async () => {
      for (const [failed, run] of jobs) {
        await run().catch((error: unknown) => log.error(failed, { error }));
      }
    });
  };
  runAll();
  const timer = setInterval(runAll, TIDY_EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

/** Triggers move it in the transaction that changes what gateways should know. */
async function readFeedVersion(database: Database): Promise<number> {
  const { rows } = await sql<{ version: number }>`select version from feed_version`.execute(
    database,
  );
  return rows[0]?.version ?? 0;
}
