/** Lines of which nobody knows whether they were answered: the usage events of their calls say it. */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import type { Metering } from '#metering/metering.ts';
import { type Claimed, lockClaim } from './batch-store.ts';
import { lineRequestId } from './batch.ts';
import { putLinesBack, selectUnsure } from './line-store.ts';
import { type BookedCall, resolveUnsure } from './verdict.ts';

const LOOK_MAX = 500;

/** How many there were. Those of which the books say enough, or too long nothing, go back to the waiting ones. */
export async function resolveLines(
  deps: Readonly<{ database: Database; metering: Pick<Metering, 'charges'>; clock: Clock }>,
  batch: Claimed,
  { reachableMs }: Readonly<{ reachableMs: number }>,
): Promise<number> {
  const { database, metering, clock } = deps;
  const unsure = await selectUnsure(database, batch, LOOK_MAX);
  if (unsure.length === 0) return 0;
  const requestIds = unsure.map(({ line }) => lineRequestId(batch.id, line));
  const booked = new Map<string, BookedCall>();
  for (const charge of await metering.charges(batch.tenantId, requestIds)) {
    booked.set(`${charge.requestId}/${charge.attempt}`, charge);
  }
  const nowMs = clock.nowMs();
  const resolved = unsure.flatMap(({ line, attempt, failures, unsureSince }) => {
    const call = booked.get(`${lineRequestId(batch.id, line)}/${attempt}`) ?? null;
    const unsureMs = Math.min(reachableMs, nowMs - unsureSince.getTime());
    const way = resolveUnsure(call, unsureMs);
    return way === null
      ? []
      : [{ line, failures, notBefore: null, again: way === 'new' ? null : way }];
  });
  if (resolved.length > 0) {
    await transaction(database, async (tx) => {
      if (await lockClaim(tx, batch)) await putLinesBack(tx, batch, resolved);
    });
  }
  return unsure.length;
}
