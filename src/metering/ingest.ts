/**
 * Takes a shipment over: in one transaction the events that are new are rated with their pinned price
 * version, posted in one entry per tenant, currency and day, and recorded. Replaying a shipment, or
 * cutting the same records into other shipments, changes nothing, so a gateway may always send again.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, isUniqueViolation, transaction } from '#platform/database.ts';
import { codeOf } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import type { Ledger } from '#ledger/ledger.ts';
import type { PricedModel } from '#pricing/price.ts';
import type { Pricing } from '#pricing/pricing.ts';
import type { Funding, Shares } from './funding.ts';
import { type EventCost, type RatedEvent, rateEvent } from './rating.ts';
import { parseSettled } from './record.ts';
import {
  type Quarantined,
  eventKey,
  insertEvents,
  insertQuarantine,
  insertSources,
  lockGateway,
  selectKnownTenants,
  selectRecorded,
  updateShipment,
} from './store.ts';
import type { SettledRecord } from './usage-event.ts';
import { postEvents } from './usage-posting.ts';

export type IngestParts = Readonly<{
  database: Database;
  ledger: Ledger;
  pricing: Pick<Pricing, 'byId'>;
  /** Without it nothing has a cost. */
  costs?: CostSource;
  /** Without it cash pays everything. */
  funding?: Funding;
  /** Without it nobody but the platform earns. */
  shares?: Shares;
  /** Without it nobody has a budget. */
  spending?: SpendingFold;
  clock: Clock;
  log: Log;
}>;

/** What calls cost us at external providers, in the order of the calls; null where nobody was paid. */
export type CostSource = Readonly<{
  costsOf: (
    calls: readonly Readonly<{
      deploymentId: string | null;
      atMs: number;
      usage: SettledRecord['usage'];
    }>[],
  ) => Promise<readonly (EventCost | null)[]>;
}>;

/** Told of every event that cost something, once, in the transaction that records it. */
export type SpendingFold = Readonly<{
  record: (
    tx: Database,
    request: Readonly<{
      gatewayId: string;
      events: readonly Readonly<{
        tenantId: string;
        projectId: string;
        keyId: string;
        amountPico: bigint;
        settledAtMs: number;
      }>[];
    }>,
  ) => Promise<void>;
}>;

/** A shipment as it arrives: its records are not checked yet, so that a bad one stops no other. */
export type RawShipment = Readonly<{
  gatewayId: string;
  segment: number;
  fromOffset: number;
  toOffset: number;
  settled: readonly unknown[];
}>;

export type Ingested = Readonly<{ recorded: number; duplicates: number; quarantined: number }>;

/** Gateways with the same records (a copied journal) collide at most once per copy. */
const COLLISIONS_MAX = 5;

export async function ingest(parts: IngestParts, shipment: RawShipment): Promise<Ingested> {
  const { records, unreadable } = parseRecords(shipment);
  const priceIds = records.flatMap(({ priceId }) => (priceId === null ? [] : [priceId]));
  // Read before the transaction: prices never change, and an embedded database has one connection at a time.
  const prices = await parts.pricing.byId(priceIds);
  const costs = await readCosts(parts, records);
  for (let collisions = 0; ; collisions += 1) {
    try {
      return await transaction(parts.database, (tx) =>
        ingestIn(tx, parts, { shipment, records, unreadable, prices, costs }),
      );
    } catch (error) {
      if (collisions >= COLLISIONS_MAX || !isCollision(error)) throw error;
    }
  }
}

/**
 * Someone else recorded one of the events between our look and our insert, and we found its entry or its
 * row in our way; the next look sees it.
 */
function isCollision(error: unknown): boolean {
  return isUniqueViolation(error, 'usage_events_pkey') || codeOf(error) === 'ledger.key_reused';
}

type Batch = Readonly<{
  shipment: RawShipment;
  records: readonly SettledRecord[];
  unreadable: readonly Quarantined[];
  prices: ReadonlyMap<string, PricedModel>;
  costs: ReadonlyMap<SettledRecord, EventCost>;
}>;

async function ingestIn(tx: Database, parts: IngestParts, batch: Batch): Promise<Ingested> {
  const { shipment, records, prices } = batch;
  const { gatewayId } = shipment;
  await lockGateway(tx, gatewayId);
  const tenants = await selectKnownTenants(tx, [...new Set(records.map((each) => each.tenantId))]);
  const known = records.filter(({ tenantId }) => tenants.has(tenantId));
  const recorded = known.length === 0 ? new Set() : await selectRecorded(tx, known);
  const fresh = known.filter((record) => !recorded.has(eventKey(record)));
  const rated = fresh.map((record) => ({
    record,
    ...rateEvent(record, prices),
    cost: batch.costs.get(record) ?? null,
  }));
  if (rated.length > 0) {
    const events = await postEvents(tx, parts, { gatewayId, rated });
    await insertEvents(tx, events);
    await insertSources(tx, events);
    await parts.ledger.leases.settle(tx, leaseSpending(rated));
    const spent = rated.map(({ record, amountPico }) => ({ ...record, amountPico }));
    await parts.spending?.record(tx, { gatewayId, events: spent });
  }
  const homeless = records
    .filter(({ tenantId }) => !tenants.has(tenantId))
    .map((record) => ({ gatewayId, reason: 'tenant unknown', record }));
  const quarantined = [...batch.unreadable, ...homeless];
  if (quarantined.length > 0) await insertQuarantine(tx, quarantined);
  await updateShipment(tx, { ...shipment, nowMs: parts.clock.nowMs() });
  report(parts.log, { gatewayId, rated, quarantined });
  return {
    recorded: rated.length,
    duplicates: known.length - fresh.length,
    quarantined: quarantined.length,
  };
}

async function readCosts(
  { costs }: IngestParts,
  records: readonly SettledRecord[],
): Promise<ReadonlyMap<SettledRecord, EventCost>> {
  const found = new Map<SettledRecord, EventCost>();
  if (costs === undefined) return found;
  const calls = records.map(({ deploymentId, admittedAtMs, usage }) => ({
    deploymentId,
    atMs: admittedAtMs,
    usage,
  }));
  const each = await costs.costsOf(calls);
  for (const [index, record] of records.entries()) {
    const cost = each[index] ?? null;
    if (cost !== null) found.set(record, cost);
  }
  return found;
}

function leaseSpending(rated: readonly RatedEvent[]) {
  return rated.flatMap(({ record, amountPico }) =>
    record.leaseId === null || amountPico === 0n
      ? []
      : [{ id: record.leaseId, tenantId: record.tenantId, amountPico }],
  );
}

function parseRecords(shipment: RawShipment): Readonly<{
  records: readonly SettledRecord[];
  unreadable: readonly Quarantined[];
}> {
  const records = new Map<string, SettledRecord>();
  const unreadable: Quarantined[] = [];
  for (const value of shipment.settled) {
    const { record, reason } = parseSettled(value);
    if (record === null) {
      unreadable.push({ gatewayId: shipment.gatewayId, reason, record: value });
      continue;
    }
    const key = eventKey(record);
    if (!records.has(key)) records.set(key, record);
  }
  return { records: [...records.values()], unreadable };
}

function report(
  log: Log,
  request: Readonly<{
    gatewayId: string;
    rated: readonly RatedEvent[];
    quarantined: readonly Quarantined[];
  }>,
): void {
  const { gatewayId, rated, quarantined } = request;
  for (const { record, ratedBy } of rated) {
    if (ratedBy !== 'hold') continue;
    const { requestId, tenantId, priceId } = record;
    log.error('usage.price_unknown', { gatewayId, requestId, tenantId, priceId });
  }
  if (quarantined.length === 0) return;
  const reasons = [...new Set(quarantined.map(({ reason }) => reason))];
  log.error('usage.quarantined', { gatewayId, records: quarantined.length, reasons });
}
