/** The node process: keeps this machine's replicas running as control wants them. */
import { engineAdapters } from '#engine/adapters.ts';
import { Agent } from '#fleet/agent/agent.ts';
import { createControlClient } from '#fleet/agent/control-client.ts';
import { blobKey } from '#hub/blobs.ts';
import { systemClock } from '#platform/clock.ts';
import { serveApp } from '#platform/http.ts';
import { createLog } from '#platform/log.ts';
import { createFolderObjects } from '#platform/objects/folder.ts';
import type { Running } from '#platform/process.ts';
import { createTelemetry } from '#platform/telemetry.ts';
import { cacheFolder, objectsFolder } from './home.ts';
import { type ProcessFacts, type ProcessOptions, VERSION } from './options.ts';

export async function startNode(options: ProcessOptions): Promise<Running<ProcessFacts>> {
  const { settings, controlUrl, joinToken } = options;
  if (controlUrl === null) throw new TypeError('a node needs the address of control');
  const home = settings.FLYWHEEL_HOME;
  const log = createLog({ process: 'node', level: settings.FLYWHEEL_LOG_LEVEL });
  const shared = createFolderObjects({ folder: objectsFolder(home) });
  const agent = new Agent({
    control: createControlClient({ controlUrl, joinToken }),
    adapters: engineAdapters,
    cache: createFolderObjects({ folder: cacheFolder(home) }),
    sharedPath: (sha256) => shared.localPath(blobKey(sha256)),
    clock: systemClock,
    log,
    name: settings.FLYWHEEL_NODE_NAME,
    region: settings.FLYWHEEL_REGION,
    version: VERSION,
    threads: settings.FLYWHEEL_ENGINE_THREADS,
  });
  const telemetry = createTelemetry('node');
  telemetry.gauge('node_replicas', 'Replicas on this machine.', () => agent.countReplicas());
  const pages = await serveApp(
    telemetry.pages(() => agent.isJoined()),
    options,
  );
  log.info('node.ready', { url: pages.url });
  return {
    facts: { url: pages.url, port: pages.port },
    stop: async (graceMs) => {
      await agent.stop(graceMs);
      await pages.stop(0);
      log.info('node.stopped');
    },
  };
}
