/** Opens, grows, closes and sweeps leases. What is held only grows under the locks of the balances it is held of. */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { Log } from '#platform/log.ts';
import { type Covering, cashCovering } from './covering.ts';
import { type Account, tenantCredit } from './entry.ts';
import { fail } from './errors.ts';
import {
  LEASE_GRACE_MS,
  LEASE_TTL_MS,
  type Lease,
  type LeaseGrant,
  type LeaseMode,
  type LeaseRequest,
  type LeaseSpend,
  holdWorst,
  leaseSize,
  slackSize,
} from './lease.ts';
import { readCover } from './lease-cover.ts';
import { type LeaseModeChoice, readMode, writeMode } from './lease-mode.ts';
import { type FreeSource, chooseParts, freeOf, releaseParts } from './lease-part.ts';
import { type Payable, readPayable } from './lease-payable.ts';
import {
  type HeldPart,
  endLease,
  expireLeases,
  growLease,
  insertLease,
  insertParts,
  lockLeases,
  selectHeldParts,
  selectLease,
  selectOpenIds,
  selectParts,
  shrinkLease,
  updateParts,
} from './lease-store.ts';
import { settleLeases } from './lease-settle.ts';
import { assertAmountFits, assertCurrency } from './money.ts';
import { lockBalances } from './store.ts';

export type Leases = Readonly<{
  /**
   * Sets a slice aside, or says that there is not enough. Raises `ledger.tenant_unknown`,
   * `ledger.amount_invalid`, `ledger.amount_too_large`, `ledger.currency_unknown` and, where one is to
   * grow, `ledger.lease_unknown`.
   */
  open: (request: LeaseRequest) => Promise<LeaseGrant>;
  /**
   * Gives a lease back. `spentPico` is what the gateway spent of it in all: the part that has not been
   * shipped yet stays set aside until it is. Closing twice changes nothing. Raises `ledger.lease_unknown`.
   */
  close: (request: Readonly<{ id: string; spentPico?: bigint }>) => Promise<Lease>;
  /** Counts posted usage against its leases, in the transaction that posts it. */
  settle: (tx: Database, amounts: readonly LeaseSpend[]) => Promise<void>;
  /**
   * What may be taken of accounts and sources without touching what leases of others hold. Locks the
   * tenants' balances among the accounts, in the order of posting.
   */
  payable: (
    tx: Database,
    request: Readonly<{ accounts: readonly Account[]; leaseIds: readonly string[] }>,
  ) => Promise<Payable>;
  /** What holds for a tenant, or for the cloud where null: each tenant without a mode of its own. */
  mode: (tenantId: string | null) => Promise<LeaseModeChoice>;
  /** Holds from the next lease on. Null takes a tenant's own away. Raises `ledger.tenant_unknown`. */
  setMode: (
    request:
      | Readonly<{ tenantId: string; mode: LeaseMode | null }>
      | Readonly<{ tenantId: null; mode: LeaseMode }>,
  ) => Promise<LeaseModeChoice>;
  /** All that open leases of tenants hold, part by part, for whoever holds the tenants' locks. */
  heldParts: (tx: Database, tenantIds: readonly string[]) => Promise<readonly HeldPart[]>;
  /** Open leases of a gateway, for the process that starts in its place. */
  openOf: (gatewayId: string) => Promise<readonly string[]>;
  /** Ends leases that are past their grace. Returns how many. */
  sweep: () => Promise<number>;
}>;

export function createLeases(
  parts: Readonly<{
    database: Database;
    /** Without it cash alone covers. */
    covering?: Covering;
    clock: Clock;
    log: Log;
  }>,
): Leases {
  const { database, covering = cashCovering, clock, log } = parts;
  return {
    open: (request) =>
      transaction(database, (tx) => open(tx, covering, { ...request, nowMs: clock.nowMs() })),
    close: ({ id, spentPico }) =>
      transaction(database, (tx) => close(tx, { id, spentPico, nowMs: clock.nowMs() })),
    settle: settleLeases,
    payable: readPayable,
    heldParts: selectHeldParts,
    mode: (tenantId) => readMode(database, tenantId),
    setMode: (request) => writeMode(database, request),
    openOf: (gatewayId) => selectOpenIds(database, gatewayId),
    sweep: async () => {
      const nowMs = clock.nowMs();
      const expired = await transaction(database, (tx) =>
        expireLeases(tx, { nowMs, overdueMs: nowMs - LEASE_GRACE_MS }),
      );
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

type Opening = LeaseRequest & Readonly<{ nowMs: number }>;

/** A source that ends sooner is not worth the call: its lease would be over before it is spent. */
const SOURCE_LIFE_MS_MIN = 5_000;

async function open(tx: Database, covering: Covering, request: Opening): Promise<LeaseGrant> {
  const { tenantId, currency, amountPico, minimumPico: asked } = request;
  for (const amount of [amountPico, asked ?? 0n, request.worstPico ?? 0n]) {
    if (amount < 0n) throw fail('ledger.amount_invalid', 'A lease is an amount above zero.');
    assertAmountFits(amount);
  }
  assertCurrency(currency);
  const { projectId = null, modelId = null } = request.scope ?? {};
  const asking = { tenantId, projectId, modelId, currency };
  const { sources, mode, lentPico } = await readCover(tx, covering, asking);
  const grown = request.leaseId === undefined ? null : await readGrowing(tx, request);
  const endsAfterMs = grown?.expiresAtMs ?? request.nowMs + SOURCE_LIFE_MS_MIN;
  const usable = sources.filter(({ source }) => {
    if (source.endsAtMs !== null && source.endsAtMs < endsAfterMs) return false;
    if (grown !== null && grown.openedAtMs < (source.beginsAtMs ?? -Infinity)) return false;
    return !source.isScoped || (request.scope !== undefined && grown?.scope !== null);
  });
  const availablePico = freeOf(usable);
  const size = leaseSize({
    wantedPico: amountPico,
    minimumPico: asked ?? smaller(amountPico, availablePico),
    availablePico,
  });
  const none = async (): Promise<LeaseGrant> => {
    const stop = (await covering.stopOf?.(tx, asking)) ?? null;
    return { lease: null, mode, availablePico: availablePico ?? 0n, stop };
  };
  if (size === null || size <= 0n) return none();
  const lease =
    grown === null
      ? await openNew(tx, request, { usable, size, availablePico, mode, lentPico })
      : await grow(tx, grown, { usable, size });
  if (lease === null) return none();
  const { nowMs } = request;
  const takenPico = lease.amountPico - (grown?.amountPico ?? 0n);
  return {
    lease: { ...lease, ttlMs: lease.expiresAtMs - nowMs },
    mode,
    availablePico: availablePico === null ? 0n : availablePico - takenPico,
    stop: null,
  };
}

type Taken = Readonly<{ usable: readonly FreeSource[]; size: bigint }>;
type TakenNew = Taken &
  Readonly<{ availablePico: bigint | null; mode: LeaseMode; lentPico: bigint }>;

async function openNew(tx: Database, request: Opening, taken: TakenNew) {
  const { tenantId, gatewayId, currency, nowMs, worstPico = 0n } = request;
  const { usable, availablePico, mode, lentPico } = taken;
  const accountId = tenantCredit(tenantId, currency).id;
  const slackOf = (amountPico: bigint): bigint => slackSize({ mode, amountPico, lentPico });
  const sized = holdWorst({ size: taken.size, worstPico, availablePico, slackOf });
  if (sized === null) return null;
  const parts = chooseParts(usable, sized.size);
  const ends = parts.flatMap(({ source }) => source.endsAtMs ?? []);
  const isScoped = parts.some(({ source }) => source.isScoped);
  const lease = {
    id: createId('lse', nowMs),
    amountPico: sized.size,
    slackPico: sized.slackPico,
    expiresAtMs: Math.min(nowMs + LEASE_TTL_MS, ...ends),
    scope: isScoped ? (request.scope ?? null) : null,
  };
  await insertLease(tx, { ...lease, tenantId, gatewayId, accountId, nowMs, parts });
  return lease;
}

async function grow(tx: Database, lease: Lease, { usable, size }: Taken) {
  await growLease(tx, { id: lease.id, amountPico: size });
  const parts = chooseParts(usable, size);
  await insertParts(tx, { id: lease.id, tenantId: lease.tenantId, parts });
  const { id, amountPico, slackPico, expiresAtMs, scope } = lease;
  return { id, amountPico: amountPico + size, slackPico, expiresAtMs, scope };
}

/** Raises `ledger.lease_unknown` where it is no open lease of that gateway and tenant. */
async function readGrowing(tx: Database, request: Opening): Promise<Lease> {
  const { leaseId = '', tenantId, gatewayId, currency, nowMs } = request;
  const lease = (await lockLeases(tx, [leaseId])).get(leaseId);
  const isTheirs =
    lease?.tenantId === tenantId && lease.gatewayId === gatewayId && lease.currency === currency;
  if (!isTheirs || lease.state !== 'open' || lease.expiresAtMs <= nowMs) {
    throw fail('ledger.lease_unknown', `There is no open lease ${leaseId} of this gateway.`);
  }
  return lease;
}

async function close(
  tx: Database,
  request: Readonly<{ id: string; spentPico: bigint | undefined; nowMs: number }>,
): Promise<Lease> {
  const known = await selectLease(tx, request.id);
  if (known === null) throw fail('ledger.lease_unknown', `There is no lease ${request.id}.`);
  await lockBalances(tx, [tenantCredit(known.tenantId, known.currency).id]);
  const lease = (await lockLeases(tx, [request.id])).get(request.id) ?? known;
  if (lease.state !== 'open') return lease;
  const parts = (await selectParts(tx, [lease.id])).get(lease.id) ?? [];
  const spentPico = request.spentPico ?? 0n;
  if (spentPico <= lease.settledPico) {
    await endLease(tx, { id: lease.id, state: 'released', nowMs: request.nowMs });
    await updateParts(tx, releaseParts(parts, { paid: [], heldPico: 0n }));
    return { ...lease, state: 'released' };
  }
  // A gateway that says it spent more than it held would hold other people's money: keep to the lease.
  const keptPico = smaller(spentPico, lease.amountPico);
  const slackPico = smaller(spentPico - keptPico, lease.slackPico);
  const { nowMs } = request;
  await shrinkLease(tx, { id: lease.id, amountPico: keptPico, slackPico, nowMs });
  const heldPico = keptPico > lease.settledPico ? keptPico - lease.settledPico : 0n;
  await updateParts(tx, releaseParts(parts, { paid: [], heldPico }));
  return { ...lease, amountPico: keptPico, slackPico, expiresAtMs: nowMs };
}

function smaller(left: bigint, right: bigint | null): bigint {
  return right === null || left < right ? left : right;
}
