/** A deployment's log as a stream of lines, once or as they come. */
import type { Fleet, LogEntry } from './fleet.ts';

export type LogStreamOptions = Readonly<{
  tenantId: string;
  deploymentId: string;
  limit: number;
  follow: boolean;
  signal: AbortSignal;
}>;

/** Nodes send lines every two seconds; looking more often shows nothing sooner. */
const LOOK_EVERY_MS = 1_000;
const LINES_PER_LOOK = 1_000;

/** Raises `deployment.unknown` before the stream begins. */
export async function streamLogs(
  fleet: Pick<Fleet, 'listLogs'>,
  options: LogStreamOptions,
): Promise<ReadableStream<Uint8Array>> {
  const { tenantId, deploymentId } = options;
  const first = await fleet.listLogs({ tenantId, deploymentId, afterId: 0, limit: options.limit });
  return ReadableStream.from(linesOf(fleet, options, first)).pipeThrough(new TextEncoderStream());
}

async function* linesOf(
  fleet: Pick<Fleet, 'listLogs'>,
  { tenantId, deploymentId, follow, signal }: LogStreamOptions,
  first: readonly LogEntry[],
): AsyncGenerator<string, void, undefined> {
  let afterId = 0;
  for (let entries = first; ;) {
    if (entries.length > 0) yield entries.map(toLine).join('');
    afterId = entries.at(-1)?.id ?? afterId;
    if (!follow || signal.aborted) return;
    await pause(signal);
    if (signal.aborted) return;
    entries = await fleet.listLogs({ tenantId, deploymentId, afterId, limit: LINES_PER_LOOK });
  }
}

function toLine({ at, replicaId, line }: LogEntry): string {
  return `${at.toISOString()} ${replicaId.slice(-6)} ${line}\n`;
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, LOOK_EVERY_MS);
    signal.addEventListener('abort', done);
  });
}
