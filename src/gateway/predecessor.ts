/**
 * What the process before us left open at control: leases of money and shares of limits, set aside for
 * up to 25 minutes when it was killed. A journal has one process at a time, so whoever holds it now
 * knows that the other is gone: limits count it no further than they look back, and money is free as
 * soon as its journal is shipped, because what it spent is then in the books.
 */
import type { Log } from '#platform/log.ts';
import type { ControlClient } from './control-client.ts';

export type Predecessor = Readonly<{
  /** Once everything it wrote is shipped. Never rejects. */
  release: () => Promise<void>;
}>;

type Control = Pick<ControlClient, 'openLeases' | 'releaseLease' | 'endShares' | 'closeShares'>;

const NOTHING: Predecessor = { release: async () => {} };

/** Before anything of our own is open. While control is away what was left ends by its own time. */
export async function findPredecessor(control: Control, log: Log): Promise<Predecessor> {
  try {
    const leaseIds = await control.openLeases();
    const shareIds = await control.endShares();
    if (leaseIds.length === 0 && shareIds.length === 0) return NOTHING;
    return { release: () => release({ control, log, leaseIds, shareIds }) };
  } catch (error) {
    log.warn('predecessor.unknown', { error });
    return NOTHING;
  }
}

async function release(
  left: Readonly<{
    control: Control;
    log: Log;
    leaseIds: readonly string[];
    shareIds: readonly string[];
  }>,
): Promise<void> {
  const { control, log, leaseIds, shareIds } = left;
  try {
    // What was spent of them is settled by now, and nothing more will come.
    for (const id of leaseIds) await control.releaseLease({ id, spentPico: 0n });
    if (shareIds.length > 0) await control.closeShares(shareIds);
    log.info('predecessor.released', { leases: leaseIds.length, shares: shareIds.length });
  } catch (error) {
    log.warn('predecessor.release_failed', { error });
  }
}
