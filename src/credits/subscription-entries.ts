/**
 * The entries of a subscription. What is paid is deferred, and earned when the period ends or the plan is
 * changed for another; so at every time what is deferred is what is paid and not yet served in whole.
 */
import type { Database } from '#platform/database.ts';
import { type Posting, platformAccount, tenantCredit } from '#ledger/entry.ts';
import type { Ledger } from '#ledger/ledger.ts';
import type { StoredSubscription } from './subscriptions-store.ts';

export type Movement = Readonly<{
  /** From cash; below zero where more comes back than is charged. */
  duePico: bigint;
  /** Of what was deferred before, what is earned now. */
  earnedPico: bigint;
  atMs: number;
  why: 'begin' | 'change' | 'renew' | 'end';
}>;

export type Moved = Readonly<{ subscription: StoredSubscription; entryId: number | null }>;

/** Posts it, and says what the subscription has become. The caller checks the floor, and writes. */
export async function post(
  tx: Database,
  ledger: Pick<Ledger, 'postAll'>,
  request: Readonly<{ subscription: StoredSubscription; currency: string; movement: Movement }>,
): Promise<Moved> {
  const { subscription, currency, movement } = request;
  const { tenantId, id, postings: before, deferredPico } = subscription;
  const { duePico, earnedPico, atMs, why } = movement;
  const deferredChangePico = duePico - earnedPico;
  const postings: readonly Posting[] = [
    { account: tenantCredit(tenantId, currency), amountPico: -duePico },
    { account: platformAccount('deferred', currency), amountPico: deferredChangePico },
    { account: platformAccount('subscription', currency), amountPico: earnedPico },
  ].filter(({ amountPico }) => amountPico !== 0n);
  if (postings.length === 0) return { subscription, entryId: null };
  const [posted] = await ledger.postAll(tx, [
    {
      key: `subscription/${tenantId}/${id}/${before + 1}`,
      kind: 'subscription',
      reference: { subscriptionId: id, why },
      effectiveAtMs: atMs,
      postings,
    },
  ]);
  const moved = {
    ...subscription,
    postings: before + 1,
    deferredPico: deferredPico + deferredChangePico,
  };
  return { subscription: moved, entryId: posted?.entryId ?? null };
}
