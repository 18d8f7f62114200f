/**
 * Pays rated calls out of what their tenants have, in the transaction that posts them, and says before calls
 * are made what could pay for them. Both take the tenant's lock first, then the ledger its balances: so no
 * two gateways are promised the same money, and windows are exact however many ship at once.
 */
import type { Database } from '#platform/database.ts';
import type { CoverSource } from '#ledger/covering.ts';
import { type Account, tenantCredit } from '#ledger/entry.ts';
import { grantAccount, unitsAccount } from './accounts.ts';
import type { Charge, ChargeLine } from './charge.ts';
import { type Cover, type LeastPrice, type Stop, coversOf } from './cover.ts';
import { type Drawn, type Part, type Purse, deduct } from './deduction.ts';
import type { HeldPart } from './holds.ts';
import type { Source } from './order.ts';
import { selectOrders } from './orders-store.ts';
import type { Outbox } from './ports.ts';
import {
  lockTenants,
  saveDrawn,
  selectAllowances,
  selectGrantsToSpend,
  selectQuotasToUse,
} from './purse-store.ts';
import type { Quota } from './quota.ts';

/** A rated call as metering hands it over; the shape is metering's `CostlyEvent`. */
export type FundedEvent = Readonly<{
  eventKey: string;
  tenantId: string;
  projectId: string;
  modelId: string;
  serviceTier: string;
  currency: string;
  amountPico: bigint;
  lines: readonly ChargeLine[];
  admittedAtMs: number;
  leaseId: string | null;
}>;

export type FundingPart = Readonly<{
  source: Source;
  sourceId: string | null;
  amountPico: bigint;
  units?: number;
  /** Null is the tenant's own credit. */
  account: Account | null;
}>;

/** What open leases of tenants hold, source by source. */
export type HeldParts = (
  tx: Database,
  tenantIds: readonly string[],
) => Promise<readonly (HeldPart & Readonly<{ tenantId: string }>)[]>;

/** Null where calls of the model cost several kinds of units, or nothing. */
export type LeastPrices = (
  tx: Database,
  request: Readonly<{ modelId: string; currency: string; atMs: number }>,
) => Promise<LeastPrice | null>;

export async function fund(
  tx: Database,
  { heldParts, outbox }: Readonly<{ heldParts: HeldParts; outbox?: Outbox | undefined }>,
  events: readonly FundedEvent[],
): Promise<readonly (readonly FundingPart[])[]> {
  const tenants = await lockTenants(tx, [...new Set(events.map(({ tenantId }) => tenantId))]);
  if (tenants.size === 0) return events.map(allCash);
  const tenantIds = [...tenants.keys()];
  const own = events.filter(({ tenantId }) => tenants.has(tenantId));
  const held = await heldParts(tx, tenantIds);
  const times = timesOf(own, held);
  const purses = await readPurses(tx, {
    tenantIds,
    fromMs: Math.min(...times),
    toMs: Math.max(...times),
  });
  const orders = await selectOrders(tx);
  const paid = new Map<FundedEvent, readonly FundingPart[]>();
  const drawn: Drawn[] = [];
  for (const [tenantId, calls] of Map.groupBy(own, (event) => event.tenantId)) {
    const purse = purseOf(purses, tenantId, held);
    const deduction = deduct(purse, orders, calls.map(toCharge));
    drawn.push(deduction.drawn);
    await tellOfQuotas(tx, outbox, purse.quotas, deduction.drawn);
    for (const [index, call] of calls.entries()) {
      const parts = deduction.parts[index] ?? [];
      paid.set(
        call,
        parts.map((part) => toFundingPart(purse, call, part)),
      );
    }
  }
  await saveDrawn(tx, tenantIds, together(drawn));
  return events.map((event) => paid.get(event) ?? allCash(event));
}

/** Of the calls, and of their leases: what those hold pays too where a gateway's clock differs from ours. */
function timesOf(events: readonly FundedEvent[], held: readonly HeldPart[]): readonly number[] {
  const leaseIds = new Set(events.map(({ leaseId }) => leaseId));
  const own = held.filter(({ leaseId }) => leaseIds.has(leaseId));
  return [
    ...events.map(({ admittedAtMs }) => admittedAtMs),
    ...own.map(({ openedAtMs }) => openedAtMs),
  ];
}

async function tellOfQuotas(
  tx: Database,
  outbox: Outbox | undefined,
  quotas: readonly Quota[],
  drawn: Drawn,
): Promise<void> {
  for (const { tenantId, id, modelName, units, usedUnits } of quotas) {
    const taken = drawn.quotas.get(id);
    if (taken === undefined || usedUnits + taken < units) continue;
    const data = { quotaId: id, model: modelName };
    await outbox?.send(tx, { tenantId, kind: 'quota.used_up', data, key: id });
  }
}

export type CoverRequest = Readonly<{
  tenantId: string;
  projectId: string | null;
  modelId: string | null;
  serviceTier: string | null;
  currency: string;
}>;

export type CoverAnswer = Readonly<{ sources: readonly CoverSource[]; stop: Stop | null }>;

export async function cover(
  tx: Database,
  ports: Readonly<{ leastPrice: LeastPrices; heldParts: HeldParts; nowMs: number }>,
  request: CoverRequest,
): Promise<CoverAnswer> {
  const { tenantId, modelId, currency } = request;
  const atMs = ports.nowMs;
  const tenant = (await lockTenants(tx, [tenantId])).get(tenantId);
  if (tenant === undefined) {
    return { sources: [toCoverSource(request, CASH, null)], stop: null };
  }
  const purses = await readPurses(tx, { tenantIds: [tenantId], fromMs: atMs, toMs: atMs });
  const held = purses.allowances.length > 0 ? await ports.heldParts(tx, [tenantId]) : [];
  const purse = purseOf(purses, tenantId, held);
  const orders = await selectOrders(tx);
  const least = modelId === null ? null : await ports.leastPrice(tx, { modelId, currency, atMs });
  const { covers, stop } = coversOf(purse, orders, {
    ...request,
    atMs,
    least,
    isFreeOnly: tenant.isFreeOnly,
  });
  return { sources: covers.map((each) => toCoverSource(request, each, purse)), stop };
}

const CASH: Cover = {
  source: 'cash',
  sourceId: null,
  units: null,
  picoPerUnit: 1n,
  isScoped: false,
  endsAtMs: null,
};

type Purses = Omit<Purse, 'held'>;

async function readPurses(
  tx: Database,
  query: Readonly<{ tenantIds: readonly string[]; fromMs: number; toMs: number }>,
): Promise<Purses> {
  return {
    quotas: await selectQuotasToUse(tx, query),
    allowances: await selectAllowances(tx, query),
    grants: await selectGrantsToSpend(tx, query),
  };
}

function purseOf(
  purses: Purses,
  tenantId: string,
  held: readonly (HeldPart & Readonly<{ tenantId: string }>)[],
): Purse {
  const isOwn = (each: Readonly<{ tenantId: string }>): boolean => each.tenantId === tenantId;
  return {
    quotas: purses.quotas.filter(isOwn),
    allowances: purses.allowances.filter(isOwn),
    grants: purses.grants.filter(isOwn),
    held: held.filter(isOwn),
  };
}

function toCharge({ admittedAtMs, ...event }: FundedEvent): Charge {
  return { ...event, atMs: admittedAtMs };
}

function toFundingPart(
  { grants }: Purse,
  { currency }: FundedEvent,
  { source, sourceId, amountPico, units }: Part,
): FundingPart {
  const counted = units === null ? {} : { units: Number(units) };
  if (source === 'cash') return { source, sourceId, amountPico, account: null };
  if (source === 'free_quota' || source === 'plan') {
    return { source, sourceId, amountPico, ...counted, account: unitsAccount(source, currency) };
  }
  const grant = grants.find(({ id }) => id === sourceId);
  return {
    source,
    sourceId,
    amountPico,
    account: grant === undefined ? null : grantAccount(grant),
  };
}

function toCoverSource(
  { tenantId, currency }: CoverRequest,
  { source, sourceId, units, ...cover }: Cover,
  purse: Purse | null,
): CoverSource {
  const grant = purse?.grants.find(({ id }) => id === sourceId);
  const account =
    grant !== undefined
      ? grantAccount(grant)
      : source === 'free_quota' || source === 'plan'
        ? unitsAccount(source, currency)
        : tenantCredit(tenantId, currency);
  return {
    sourceId: sourceId ?? 'cash',
    account,
    availablePico: units === null ? null : units * cover.picoPerUnit,
    ...cover,
  };
}

function allCash({ amountPico }: FundedEvent): readonly FundingPart[] {
  return [{ source: 'cash', sourceId: null, amountPico, account: null }];
}

function together(drawn: readonly Drawn[]): Drawn {
  return {
    quotas: new Map(drawn.flatMap(({ quotas }) => [...quotas])),
    grants: new Map(drawn.flatMap(({ grants }) => [...grants])),
    windows: drawn.flatMap(({ windows }) => windows),
  };
}
