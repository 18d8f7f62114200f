/** Control's modules, built by hand with explicit arguments, lowest floor first. */
import { type Batches, createBatches } from '#batches/batches.ts';
import { createHubModels } from '#fleet/hub-models.ts';
import { type Fleet, createFleet } from '#fleet/fleet.ts';
import { type KeptResponses, createKeptResponses } from '#gateway/responses/kept-responses.ts';
import { FeedPublisher } from '#gateway/feed-publisher.ts';
import { type FeedSourceDeps, createFeedSource } from '#gateway/feed-source.ts';
import type { Hub } from '#hub/hub.ts';
import { type Ledger, createLedger } from '#ledger/ledger.ts';
import { type Limits, createLimits } from '#limits/limits.ts';
import type { Notices } from '#notices/notices.ts';
import type { Clock } from '#platform/clock.ts';
import { type Database, type DatabaseHandle, sql } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import { type Routing, createRouting } from '#routing/routing.ts';
import { type Tasks, createTasks } from '#tasks/tasks.ts';
import { createMasterKeys } from '#vault/master-keys.ts';
import { createVault } from '#vault/vault.ts';
import { type Providers, createProviders } from '#providers/providers.ts';
import { createScopeDirectory } from '#tenancy/scope-names.ts';
import { type Contents, createContents } from '#requests/contents/contents.ts';
import { type Requests, createRequests } from '#requests/requests.ts';
import { type Tenancy, createTenancy } from '#tenancy/tenancy.ts';
import type { Xet } from '#xet/xet.ts';
import type { TenantListener } from '#tenancy/tenants.ts';
import { masterKeysFile } from './home.ts';
import { buildHub } from './hub-parts.ts';
import { hubForFeed, nameDirectory } from './module-views.ts';
import { type MoneyParts, buildMoney, coveringOf } from './money-parts.ts';
import { openObjects } from './objects.ts';
import { type StartedModules, startModules } from './control-start.ts';
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
    xet: Xet;
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
    start: () => StartedModules;
  }>;

export function buildControl(given: {
  options: ProcessOptions;
  handle: DatabaseHandle;
  clock: Clock;
  log: Log;
}): ControlParts {
  const { options, handle, clock, log } = given;
  const { database, pool } = handle;
  const { publicUrl, sessionSecret } = options;
  const signing = { publicUrl, sessionSecret };
  const onTenantCreated: TenantListener = (tx, id) => money.credits.quotas.giveNew(tx, id);
  const tenancy = createTenancy({ database, pool, clock, log, ...signing, onTenantCreated });
  const objects = openObjects(options.settings);
  const later = () => ({ fleet, providers, notices });
  const { xet, hub } = buildHub({ options, database, objects, clock, log, later });
  // Credits, which is above the ledger and tenancy, says what may pay besides cash.
  const covering = coveringOf(() => money);
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
  const providers = createProviders({ database, masterKeys, rewrapOthers, names, clock, log });
  const routable = routableModels({ hub: hubForFeed(hub), fleet, providers });
  const routing = createRouting({ database, models: routable, clock, log });
  const limits = createLimits({ database, clock, names: createScopeDirectory(database) });
  const counted = { hub, fleet, ledger, limits, notices, providers };
  const { FLYWHEEL_USAGE_DAYS: usageDays } = options.settings;
  const money = buildMoney({ database, clock, log, ...counted, publicUrl, vault, usageDays });
  const { metering } = money;
  const responses = createKeptResponses({ database, clock });
  const gatewayUrl = options.settings.FLYWHEEL_GATEWAY_URL ?? publicUrl;
  const batches = createBatches({ database, objects, tenancy, metering, gatewayUrl, clock, log });
  const modules = {
    tenancy,
    xet,
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
  const sources = { ...modules, hub: hubForFeed(hub), tenancy: refusing(tenancy, money) };
  const publisher = createPublisher(database, sources, log);
  return { ...given, ...modules, publisher, start: () => startModules(modules, publisher, log) };
}

/** Whoever was stopped for what it owes is refused as whoever is suspended; it may still sign in and pay. */
function refusing(tenancy: Tenancy, { invoices }: Pick<MoneyParts, 'invoices'>): Tenancy {
  const listSuspendedTenantIds = async (): Promise<string[]> => [
    ...(await tenancy.listSuspendedTenantIds()),
    ...(await invoices.stopped()),
  ];
  return { ...tenancy, listSuspendedTenantIds };
}

function createPublisher(database: Database, sources: FeedSourceDeps, log: Log): FeedPublisher {
  return new FeedPublisher({
    readVersion: () => readFeedVersion(database),
    readFeed: createFeedSource(sources),
    log,
  });
}

/** Triggers move it in the transaction that changes what gateways should know. */
async function readFeedVersion(database: Database): Promise<number> {
  const { rows } = await sql<{ version: number }>`select version from feed_version`.execute(
    database,
  );
  return rows[0]?.version ?? 0;
}
