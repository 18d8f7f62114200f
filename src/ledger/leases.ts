/** Opens, renews, closes and sweeps leases. Every change of what is held happens under the balance row's lock. */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { Log } from '#platform/log.ts';
import { tenantCredit } from './entry.ts';
import { fail } from './errors.ts';
import {
  LEASE_GRACE_MS,
  LEASE_TTL_MS,
  type Lease,
  type LeaseGrant,
  type LeaseRequest,
  type LeaseSpend,
  leaseSize,
} from './lease.ts';
import {
  addSettled,
  endLease,
  expireLeases,
  insertLease,
  selectLease,
  selectOpenIds,
  shrinkLease,
} from './lease-store.ts';
import { assertAmountFits } from './money.ts';
import { openAccounts } from './posting.ts';
import { lockBalance } from './store.ts';

export type Leases = Readonly<{
  /** Sets a slice aside, or says that there is not enough. Raises `ledger.tenant_unknown`. */
  open: (request: LeaseRequest) => Promise<LeaseGrant>;
  /**
   * Gives a lease back. `spentPico` is what the gateway spent of it in all: the part that has not been
   * shipped yet stays set aside until it is. Closing twice changes nothing. Raises `ledger.lease_unknown`.
   */
  close: (request: Readonly<{ id: string; spentPico?: bigint }>) => Promise<Lease>;
  /** Counts posted usage against its leases, in the transaction that posts it. */
  settle: (tx: Database, amounts: readonly LeaseSpend[]) => Promise<void>;
  /** Open leases of a gateway, for the process that starts in its place. */
  openOf: (gatewayId: string) => Promise<readonly string[]>;
  /** Ends leases that are past their grace. Returns how many. */
  sweep: () => Promise<number>;
}>;

export function createLeases(
  parts: Readonly<{ database: Database; clock: Clock; log: Log }>,
): Leases {
  const { database, clock, log } = parts;
  return {
    open: (request) => transaction(database, (tx) => open(tx, request, clock.nowMs())),
    close: ({ id, spentPico }) =>
      transaction(database, (tx) => close(tx, { id, spentPico, nowMs: clock.nowMs() })),
    settle: addSettled,
    openOf: (gatewayId) => selectOpenIds(database, gatewayId),
    sweep: async () => {
      const nowMs = clock.nowMs();
      const expired = await expireLeases(database, { nowMs, overdueMs: nowMs - LEASE_GRACE_MS });
      for (const lease of expired) {
        log.warn('lease.expired', {
          leaseId: lease.id,
          tenantId: lease.tenantId,
          gatewayId: lease.gatewayId,
          amountPico: lease.amountPico.toString(),
          settledPico: lease.settledPico.toString(),
        });
      }
      return expired.length;
    },
  };
}

async function open(tx: Database, request: LeaseRequest, nowMs: number): Promise<LeaseGrant> {
  const { tenantId, gatewayId, currency, amountPico } = request;
  assertAmountFits(amountPico);
  const account = tenantCredit(tenantId, currency);
  await openAccounts(tx, [account]);
  const state = await lockBalance(tx, account);
  const freePico = state.balancePico - state.heldPico;
  const availablePico = state.floorPico === null ? null : freePico - state.floorPico;
  const size = leaseSize({
    wantedPico: amountPico,
    minimumPico: request.minimumPico ?? smaller(amountPico, availablePico),
    availablePico,
  });
  if (size === null || size <= 0n) return { lease: null, availablePico: availablePico ?? freePico };
  const lease = { id: createId('lse', nowMs), amountPico: size, expiresAtMs: nowMs + LEASE_TTL_MS };
  await insertLease(tx, { ...lease, tenantId, gatewayId, accountId: account.id, nowMs });
  return { lease, availablePico: (availablePico ?? freePico) - size };
}

async function close(
  tx: Database,
  request: Readonly<{ id: string; spentPico: bigint | undefined; nowMs: number }>,
): Promise<Lease> {
  const known = await selectLease(tx, request.id);
  if (known === null) throw fail('ledger.lease_unknown', `There is no lease ${request.id}.`);
  await lockBalance(tx, tenantCredit(known.tenantId, known.currency));
  const lease = (await selectLease(tx, request.id)) ?? known;
  if (lease.state !== 'open') return lease;
  const spentPico = request.spentPico ?? 0n;
  if (spentPico <= lease.settledPico) {
    await endLease(tx, { id: lease.id, state: 'released', nowMs: request.nowMs });
    return { ...lease, state: 'released' };
  }
  // A gateway that says it spent more than it held would hold other people's money: keep to the lease.
  const keptPico = spentPico < lease.amountPico ? spentPico : lease.amountPico;
  await shrinkLease(tx, { id: lease.id, amountPico: keptPico, nowMs: request.nowMs });
  return { ...lease, amountPico: keptPico, expiresAtMs: request.nowMs };
}

function smaller(left: bigint, right: bigint | null): bigint {
  return right === null || left < right ? left : right;
}
