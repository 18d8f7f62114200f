/** Posted usage against the leases it was admitted under, in the transaction that posts it. */
import type { Database } from '#platform/database.ts';
import { CASH_SOURCE } from './covering.ts';
import type { LeaseSpend } from './lease.ts';
import { type Paid, releaseParts } from './lease-part.ts';
import { addSettled, lockLeases, selectParts, updateParts } from './lease-store.ts';

export async function settleLeases(tx: Database, spends: readonly LeaseSpend[]): Promise<void> {
  if (spends.length === 0) return;
  const leases = await lockLeases(tx, [...new Set(spends.map(({ id }) => id))]);
  const own = spends.filter(({ id, tenantId }) => leases.get(id)?.tenantId === tenantId);
  if (own.length === 0) return;
  const byLease = Map.groupBy(own, ({ id }) => id);
  const amounts = new Map<string, bigint>();
  for (const { id, amountPico } of own) amounts.set(id, (amounts.get(id) ?? 0n) + amountPico);
  await addSettled(tx, amounts);
  const parts = await selectParts(tx, [...byLease.keys()]);
  const changed = [...byLease].flatMap(([id, each]) => {
    const lease = leases.get(id);
    // What has ended holds nothing any more.
    if (lease === undefined || lease.state !== 'open') return [];
    const leftPico = lease.amountPico - lease.settledPico - (amounts.get(id) ?? 0n);
    const heldPico = leftPico > 0n ? leftPico : 0n;
    return releaseParts(parts.get(id) ?? [], { paid: each.flatMap(paidOf), heldPico });
  });
  await updateParts(tx, changed);
}

function paidOf({ amountPico, parts }: LeaseSpend): readonly Paid[] {
  return parts ?? [{ sourceId: CASH_SOURCE, amountPico }];
}
