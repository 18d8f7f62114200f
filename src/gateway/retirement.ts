/**
 * Leaving while a successor answers on the same port: nobody new is accepted, callers on connections they
 * kept are still served and told to connect anew, and a connection is closed only when it has been quiet
 * for a while. Closing idle connections at once would cut requests that are already on their way to us.
 */
import type { Server } from 'node:http';
import type { ListeningServer } from '#platform/http.ts';

/** Callers in a loop come again within this, hear `connection: close`, and go to the successor. */
const LINGER_MS = 5_000;

/** Resolves when the last connection is gone, or after `graceMs`. */
export async function takeLeave(
  server: Server,
  listening: Pick<ListeningServer, 'leaveDoor'>,
  options: Readonly<{ graceMs: number; cutPages: () => void }>,
): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  server.once('close', () => resolve());
  listening.leaveDoor();
  // Read anew after each answer: a connection that falls quiet from now on goes by itself.
  server.keepAliveTimeout = LINGER_MS;
  const lingering = setTimeout(
    () => {
      options.cutPages();
      server.closeIdleConnections();
    },
    Math.min(LINGER_MS, options.graceMs),
  );
  const ending = setTimeout(resolve, options.graceMs);
  await over;
  clearTimeout(lingering);
  clearTimeout(ending);
}
