/**
 * `flywheel serve gateway` with more than one process: this one supervises and serves nobody itself. What
 * the gateways say goes to its standard error, line by line as they say it.
 */
import { join } from 'node:path';
import { createLog } from '#platform/log.ts';
import { SupervisedProcess } from '#platform/process.ts';
import { probePort } from './front-port.ts';
import { GatewayGroup } from './gateway-group.ts';
import { codeCacheFolder, writeProcesses } from './home.ts';
import type { ProcessFacts, ProcessOptions } from './options.ts';
import { type ReplaceGateways, openDoor } from './supervisor-door.ts';

const STREAM_GRACE_MS = 30_000;

/** Raises what kept the first of them from starting, with all of them stopped. */
export async function startGateways(
  options: ProcessOptions,
  onRestart: (restart: () => void) => void,
): Promise<Pick<GatewayGroup, 'stop'>> {
  const { settings, host } = options;
  const home = settings.FLYWHEEL_HOME;
  const log = createLog({ process: 'gateways', level: settings.FLYWHEEL_LOG_LEVEL });
  const port = await probePort({ host, port: options.port });
  const noteSoon = (): void => {
    writeProcesses(home, group.pids).catch((error: unknown) =>
      log.warn('processes.unwritable', { error }),
    );
  };
  const fork = (name: string): SupervisedProcess<ProcessOptions, ProcessFacts> =>
    new SupervisedProcess<ProcessOptions, ProcessFacts>({
      name,
      sharesPort: true,
      entry: join(import.meta.dirname, 'child.ts'),
      arguments: ['gateway', codeCacheFolder(home)],
      onOutput: (chunk) => process.stderr.write(chunk),
      onCrash: ({ how, retryInMs }) => log.error('gateway.crashed', { name, how, retryInMs }),
      onBack: () => {
        log.info('gateway.back', { name });
        noteSoon();
      },
    });
  const group = new GatewayGroup({
    count: settings.FLYWHEEL_GATEWAYS,
    fork,
    graceMs: STREAM_GRACE_MS,
  });
  try {
    await group.start({ ...options, port });
  } catch (error) {
    group.kill();
    throw error;
  }
  await writeProcesses(home, group.pids);
  const replace: ReplaceGateways = async (onReplaced) => {
    log.info('gateways.replacing');
    try {
      await group.restart(onReplaced);
      log.info('gateways.replaced');
    } catch (error) {
      log.error('gateways.not_replaced', { error });
      throw error;
    } finally {
      noteSoon();
    }
  };
  // Whoever sends a signal reads the log.
  onRestart(() => void replace(() => {}).catch(() => {}));
  const door = await openDoor(home, replace);
  return {
    stop: async (graceMs) => {
      await door.close();
      await group.stop(graceMs);
    },
  };
}
