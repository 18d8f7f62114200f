/** Brings the costs of batches up to what is on the books. Any control may do it at any time. */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { sum } from '#ledger/money.ts';
import type { Charge, Metering } from '#metering/metering.ts';
import { DEFAULT_CURRENCY } from '#tenancy/currency.ts';
import { lineRequestId } from './batch.ts';
import { addCost, markCosted, selectUncosted, selectUnsettled, settleBatch } from './cost-store.ts';

const BATCHES_PER_PAGE = 50;
const LINES_MAX = 500;
/** What a gateway has not shipped an hour after the end lies on a disk that is gone. */
const GIVE_UP_MS = 60 * 60_000;

export async function foldCosts(
  deps: Readonly<{ database: Database; metering: Pick<Metering, 'charges'>; clock: Clock }>,
): Promise<void> {
  const { database, clock } = deps;
  let after = '';
  for (;;) {
    const page = await selectUnsettled(database, { after, limit: BATCHES_PER_PAGE });
    for (const batch of page) {
      await foldBatch(deps, batch);
      await settleBatch(database, batch, new Date(clock.nowMs() - GIVE_UP_MS));
    }
    const last = page.at(-1);
    if (last === undefined || page.length < BATCHES_PER_PAGE) return;
    after = last.id;
  }
}

async function foldBatch(
  { database, metering }: Parameters<typeof foldCosts>[0],
  batch: Readonly<{ tenantId: string; id: string }>,
): Promise<void> {
  const uncosted = await selectUncosted(database, batch, LINES_MAX);
  if (uncosted.length === 0) return;
  const lineOf = new Map(uncosted.map(({ line }) => [lineRequestId(batch.id, line), line]));
  const charges = await metering.charges(batch.tenantId, [...lineOf.keys()]);
  const byLine = Map.groupBy(charges, ({ requestId }) => lineOf.get(requestId) ?? 0);
  const booked = uncosted.filter(({ line, attempt }) =>
    byLine.get(line)?.some((charge) => charge.attempt === attempt),
  );
  if (booked.length === 0) return;
  await transaction(database, async (tx) => {
    const fresh = await markCosted(
      tx,
      batch,
      booked.map(({ line }) => line),
    );
    const counted = fresh.flatMap((line) => byLine.get(line) ?? []);
    if (counted.length > 0) await addCost(tx, batch, total(counted));
  });
}

function total(charges: readonly Charge[]) {
  const tokens = (pick: (charge: Charge) => number): number =>
    charges.reduce((all, charge) => all + pick(charge), 0);
  return {
    currency: charges[0]?.currency ?? DEFAULT_CURRENCY,
    costPico: sum(charges.map(({ amountPico }) => amountPico)),
    inputTokens: tokens(({ usage }) => usage.input + usage.cacheWrite),
    cacheReadTokens: tokens(({ usage }) => usage.cacheRead),
    outputTokens: tokens(({ usage }) => usage.output),
    reasoningTokens: tokens(({ usage }) => usage.reasoning),
  };
}
