/**
 * Journals that gateways of this home left behind: one crashed and was not started again, or there are
 * fewer now, or one had to go while control was away. Whoever lives looks for them, settles what they left
 * open, ships them under their own gateway's id and removes them, so that no usage waits for a process that
 * never comes back.
 */
import { readdir, rm } from 'node:fs/promises';
import { type Journal, openJournal } from '#metering/journal.ts';
import { listSegments } from '#metering/segment.ts';
import { createShipper } from '#metering/ship.ts';
import type { Clock } from '#platform/clock.ts';
import type { Log } from '#platform/log.ts';
import { type JournalClaim, claimNumber, listJournals } from './journal-claim.ts';

/** One that crashed is back within this, and finds its journal still free. */
const FIRST_LOOK_MS = 5_000;
const LOOK_EVERY_MS = 15_000;
/** How long one look insists on a control that does not answer. */
const SHIP_MS = 60_000;
/** A folder without records: made anew when somebody needs it. */
const NAMELESS = 'gateway-id';

export type LeftJournalsDeps = Readonly<{
  home: string;
  /** Of the process's own journal. */
  own: number;
  controlUrl: string;
  joinToken: string;
  clock: Clock;
  log: Log;
}>;

export function watchLeftJournals(deps: LeftJournalsDeps): Readonly<{ stop: () => Promise<void> }> {
  const stopping = new AbortController();
  let looking: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const look = (): void => {
    looking = shipLeftJournals(deps, stopping.signal)
      .catch((error: unknown) => deps.log.warn('journal.left_unreadable', { error }))
      .finally(() => {
        if (!stopping.signal.aborted) timer = setTimeout(look, LOOK_EVERY_MS);
      });
  };
  timer = setTimeout(look, FIRST_LOOK_MS);
  return {
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await looking;
    },
  };
}

/** One look: every journal that nobody has is shipped, and gone when control has all of it. */
export async function shipLeftJournals(deps: LeftJournalsDeps, signal: AbortSignal): Promise<void> {
  for (const number of await listJournals(deps.home)) {
    if (signal.aborted) return;
    if (number === deps.own) continue;
    const claim = await claimNumber(deps.home, number);
    if (claim === null) continue;
    try {
      await shipOne(deps, claim, signal);
    } finally {
      await claim.release();
    }
  }
}

async function shipOne(
  { controlUrl, joinToken, clock, log }: LeftJournalsDeps,
  { folder, number }: JournalClaim,
  signal: AbortSignal,
): Promise<void> {
  if ((await listSegments(folder)).length > 0) {
    const journal = await openJournal({ folder, clock, log });
    log.info('journal.left_found', { number, unshippedBytes: journal.unshippedBytes() });
    const shipper = createShipper({ journal, controlUrl, joinToken, log });
    const isShipped = await drained(journal, shipper, signal);
    await shipper.stop();
    await journal.stop();
    if (!isShipped) return;
    log.info('journal.left_shipped', { number });
  }
  // What is damaged stays for people to look at.
  const names = await readdir(folder);
  if (names.every((name) => name === NAMELESS)) await rm(folder, { recursive: true });
}

async function drained(
  journal: Journal,
  shipper: ReturnType<typeof createShipper>,
  signal: AbortSignal,
): Promise<boolean> {
  const { promise: stopped, resolve } = Promise.withResolvers<false>();
  const onAbort = (): void => resolve(false);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  await journal.flush();
  const isShipped = await Promise.race([shipper.drain(SHIP_MS), stopped]);
  signal.removeEventListener('abort', onAbort);
  return isShipped;
}
