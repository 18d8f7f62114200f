/** A gateway's sign of life, for `flywheel status` and the console. */
import type { Log } from '#platform/log.ts';
import type { ControlClient, Heartbeat } from './control-client.ts';

/** Control calls a gateway offline after three of these. */
export const HEARTBEAT_MS = 3_000;

export function startHeartbeat(
  deps: Readonly<{
    control: Pick<ControlClient, 'heartbeat'>;
    read: () => Heartbeat;
    log: Log;
  }>,
): Readonly<{ stop: () => void }> {
  const beat = (): void => {
    deps.control.heartbeat(deps.read()).catch((error: unknown) => {
      deps.log.debug('heartbeat.failed', { error });
    });
  };
  beat();
  const timer = setInterval(beat, HEARTBEAT_MS);
  return { stop: () => clearInterval(timer) };
}
