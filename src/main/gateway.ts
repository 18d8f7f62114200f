/** The gateway process: the front door, its journal, and the two streams that join it with control. */
import { createAccessLog } from '#gateway/access-log.ts';
import { createControlClient } from '#gateway/control-client.ts';
import { createFeedFollower } from '#gateway/feed-follower.ts';
import { createFeedState } from '#gateway/feed-state.ts';
import { createGateway } from '#gateway/gateway.ts';
import { createMemoryClient } from '#gateway/responses/memory-client.ts';
import { createTaskControl } from '#gateway/tasks/task-control.ts';
import { startHeartbeat } from '#gateway/heartbeat.ts';
import { openJournal } from '#metering/journal.ts';
import { createShipper } from '#metering/ship.ts';
import { systemClock } from '#platform/clock.ts';
import { createLog } from '#platform/log.ts';
import type { Running } from '#platform/process.ts';
import { feedFile, journalFolder } from './home.ts';
import type { ProcessFacts, ProcessOptions } from './options.ts';

/** What is settled in the last moments goes to control now rather than at the next start. */
const DRAIN_MS = 3_000;

export async function startGateway(options: ProcessOptions): Promise<Running<ProcessFacts>> {
  const { settings, controlUrl, joinToken } = options;
  if (controlUrl === null) throw new TypeError('a gateway needs the address of control');
  const home = settings.FLYWHEEL_HOME;
  const region = settings.FLYWHEEL_REGION;
  const clock = systemClock;
  const log = createLog({ process: 'gateway', level: settings.FLYWHEEL_LOG_LEVEL });
  const journal = await openJournal({ folder: journalFolder(home), clock, log });
  const { gatewayId } = journal;
  const feed = createFeedState(clock);
  const file = feedFile(home);
  const follower = createFeedFollower({
    controlUrl,
    joinToken,
    gatewayId,
    region,
    file,
    feed,
    log,
  });
  const control = createControlClient({ url: controlUrl, joinToken, gatewayId });
  const responses = createMemoryClient({ controlUrl, joinToken, log });
  const tasks = createTaskControl({ url: controlUrl, joinToken, gatewayId });
  const gateway = createGateway({
    region,
    controlUrl,
    control,
    feed,
    journal,
    accessLog: createAccessLog(),
    responses,
    tasks,
    clock,
    log,
    bodyLimitBytes: settings.FLYWHEEL_BODY_LIMIT_BYTES,
    coldStartWaitMs: settings.FLYWHEEL_COLD_START_WAIT_MS,
    trustedProxies: settings.FLYWHEEL_TRUSTED_PROXIES.split(',').filter((name) => name !== ''),
  });
  await follower.start();
  const server = await gateway.start({ host: options.host, port: options.port });
  const shipper = createShipper({ journal, controlUrl, joinToken, log });
  const heartbeat = startHeartbeat({
    control,
    read: () => ({
      id: gatewayId,
      region,
      feedVersion: feed.view().version,
      unshippedBytes: journal.unshippedBytes(),
    }),
    log,
  });
  log.info('gateway.ready', { url: server.url });
  return {
    facts: { url: server.url, port: server.port },
    stop: async (graceMs) => {
      await gateway.stop(graceMs);
      await shipper.drain(DRAIN_MS);
      heartbeat.stop();
      await shipper.stop();
      await follower.stop();
      await responses.stop();
      await tasks.stop();
      await control.stop();
      await journal.stop();
      log.info('gateway.stopped');
    },
  };
}
