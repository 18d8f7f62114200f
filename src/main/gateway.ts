/** The gateway process: the front door, its journal, and the two streams that join it with control. */
import { createAccessLog } from '#gateway/access-log.ts';
import { type Heartbeat, createControlClient } from '#gateway/control-client.ts';
import { createFeedFollower } from '#gateway/feed-follower.ts';
import { type FeedState, createFeedState } from '#gateway/feed-state.ts';
import { createGateway } from '#gateway/gateway.ts';
import { createHandOver } from '#gateway/hand-over.ts';
import { createMemoryClient } from '#gateway/responses/memory-client.ts';
import { createTaskControl } from '#gateway/tasks/task-control.ts';
import { startHeartbeat } from '#gateway/heartbeat.ts';
import { type Predecessor, findPredecessor } from '#gateway/predecessor.ts';
import { type Journal, openJournal } from '#metering/journal.ts';
import { type Shipper, createShipper } from '#metering/ship.ts';
import { systemClock } from '#platform/clock.ts';
import type { Settings } from '#platform/config.ts';
import { type Log, createLog } from '#platform/log.ts';
import type { Running } from '#platform/process.ts';
import { feedFile } from './home.ts';
import { claimJournal } from './journal-claim.ts';
import { watchLeftJournals } from './left-journals.ts';
import type { ProcessFacts, ProcessOptions } from './options.ts';
import { type SiblingMetrics, startSiblingMetrics } from './sibling-metrics.ts';

/** What is settled in the last moments goes to control now rather than at the next start. */
const DRAIN_MS = 3_000;
/** As long as control waits for the journal of a gateway that was away. */
const RECOVERY_MS = 15 * 60_000;

export async function startGateway(options: ProcessOptions): Promise<Running<ProcessFacts>> {
  const { settings, controlUrl, joinToken } = options;
  if (controlUrl === null) throw new TypeError('a gateway needs the address of control');
  const home = settings.FLYWHEEL_HOME;
  const region = settings.FLYWHEEL_REGION;
  const clock = systemClock;
  const log = createLog({ process: 'gateway', level: settings.FLYWHEEL_LOG_LEVEL });
  const claim = await claimJournal(home);
  const journal = await openJournal({ folder: claim.folder, clock, log });
  const { gatewayId } = journal;
  const feed = createFeedState(clock);
  const joined = { controlUrl, joinToken, gatewayId, log };
  const follower = createFeedFollower({ ...joined, region, file: feedFile(home), feed });
  const { control, responses, tasks, handOver } = createControlSide(joined);
  let siblings: SiblingMetrics | null = null;
  const gateway = createGateway({
    region,
    controlUrl,
    control,
    feed,
    journal,
    accessLog: createAccessLog(),
    responses,
    tasks,
    sendContents: handOver.sendContents,
    sendRefusals: handOver.sendRefusals,
    clock,
    log,
    ...limitsOf(settings),
    isStrictJournal: settings.FLYWHEEL_JOURNAL === 'strict',
    isOnlyGateway: true,
    toMetricsPage: async (own) => siblings?.join(own) ?? own,
  });
  if (settings.FLYWHEEL_GATEWAYS > 1) {
    const own = claim.number;
    siblings = await startSiblingMetrics({ home, own, read: gateway.metricsText, log });
  }
  const predecessor = await findPredecessor(control, log);
  await follower.start();
  const server = await gateway.start({ host: options.host, port: options.port });
  const shipper = createShipper({ journal, controlUrl, joinToken, log });
  void releaseShipped(predecessor, { journal, shipper, log });
  const heartbeat = startHeartbeat({ control, read: () => readSelf(region, feed, journal), log });
  const left = watchLeftJournals({ home, own: claim.number, controlUrl, joinToken, clock, log });
  log.info('gateway.ready', { url: server.url, number: claim.number });
  const close = async (): Promise<void> => {
    await left.stop();
    await shipper.drain(DRAIN_MS);
    heartbeat.stop();
    for (const part of [shipper, follower, responses, handOver, tasks, control, journal])
      await part.stop();
    await siblings?.stop();
    await claim.release();
    log.info('gateway.stopped');
  };
  return {
    facts: { url: server.url, port: server.port },
    stop: async (graceMs) => {
      await gateway.stop(graceMs);
      await close();
    },
    retire: async (graceMs) => {
      await gateway.retire(graceMs);
      await close();
    },
  };
}

function limitsOf(settings: Settings) {
  return {
    bodyLimitBytes: settings.FLYWHEEL_BODY_LIMIT_BYTES,
    coldStartWaitMs: settings.FLYWHEEL_COLD_START_WAIT_MS,
    trustedProxies: settings.FLYWHEEL_TRUSTED_PROXIES.split(',').filter((name) => name !== ''),
  };
}

/** What the process before us held is free once all it wrote is control's, the ends of what it broke off too. */
async function releaseShipped(
  predecessor: Predecessor,
  from: Readonly<{ journal: Journal; shipper: Shipper; log: Log }>,
): Promise<void> {
  try {
    await from.journal.flush();
    // A control that is away this long ends them by itself.
    if (await from.shipper.drain(RECOVERY_MS)) await predecessor.release();
  } catch (error) {
    from.log.warn('predecessor.release_failed', { error });
  }
}

/** The small calls of a gateway to control, each a client of its own. */
function createControlSide(
  parts: Readonly<{ controlUrl: string; joinToken: string; gatewayId: string; log: Log }>,
) {
  const { controlUrl, joinToken, gatewayId, log } = parts;
  return {
    control: createControlClient({ url: controlUrl, joinToken, gatewayId }),
    responses: createMemoryClient({ controlUrl, joinToken, log }),
    tasks: createTaskControl({ url: controlUrl, joinToken, gatewayId }),
    handOver: createHandOver({ controlUrl, joinToken }),
  };
}

/** What control is told while this gateway lives. */
function readSelf(region: string, feed: FeedState, journal: Journal): Heartbeat {
  return {
    id: journal.gatewayId,
    region,
    feedVersion: feed.view().version,
    unshippedBytes: journal.unshippedBytes(),
  };
}
