/**
 * How one gateway's `/metrics` speaks for all of its home: each process keeps a page of its own on a port
 * of the loopback and writes beside its journal where that is; whoever is scraped asks the others.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { z } from 'zod';
import type { Log } from '#platform/log.ts';
import { journalFolder } from './home.ts';
import { listJournals } from './journal-claim.ts';
import { type WorkerMetrics, joinMetrics } from './metrics-page.ts';

/** A sibling that is busy for longer would make the whole scrape fail. */
const ASK_TIMEOUT_MS = 2_000;
/** Of one process; a gateway with a thousand models has some 3 MB. */
const PAGE_BYTES_MAX = 16 * 1024 * 1024;

const placeSchema = z.object({ url: z.url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ }) });

export type SiblingMetrics = Readonly<{
  /** The page of all, from our own. */
  join: (own: string) => Promise<string>;
  stop: () => Promise<void>;
}>;

export async function startSiblingMetrics(
  options: Readonly<{ home: string; own: number; read: () => Promise<string>; log: Log }>,
): Promise<SiblingMetrics> {
  const { home, own: number, read, log } = options;
  const server = createServer((_incoming, outgoing) => {
    read().then(
      (text) => outgoing.end(text),
      () => outgoing.destroy(),
    );
  });
  const url = await listenAlone(server);
  const place = placeOf(home, number);
  await writeFile(place, JSON.stringify({ url }), { mode: 0o600 });
  return {
    join: async (own) => {
      const others = (await listJournals(home)).filter((other) => other !== number);
      const pages = await Promise.all(others.map((other) => ask(home, other, log)));
      const all = [{ worker: number, text: own }, ...pages.filter((page) => page !== null)];
      return joinMetrics(all.toSorted((a, b) => a.worker - b.worker));
    },
    stop: async () => {
      await rm(place, { force: true });
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function placeOf(home: string, number: number): string {
  return `${journalFolder(home, number)}.metrics.json`;
}

/** Null where no process answers; its last series end, as after any crash. */
async function ask(home: string, worker: number, log: Log): Promise<WorkerMetrics | null> {
  try {
    const { url } = placeSchema.parse(JSON.parse(await readFile(placeOf(home, worker), 'utf8')));
    const response = await fetch(url, { signal: AbortSignal.timeout(ASK_TIMEOUT_MS) });
    const text = await response.text();
    return text.length > PAGE_BYTES_MAX ? null : { worker, text };
  } catch (error) {
    log.debug('metrics.sibling_silent', { worker, error });
    return null;
  }
}

/** `exclusive`: the port of this page is not shared, unlike that of the front door. */
async function listenAlone(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, exclusive: true }, resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound !== 'object') throw new TypeError('the page has no port');
  return `http://127.0.0.1:${bound.port}`;
}
