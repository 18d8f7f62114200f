/**
 * Takes a shipment over: in one transaction the events that are new are rated with their pinned price
 * version, posted in one entry per tenant, currency and day, and recorded. Replaying a shipment, or
 * cutting the same records into other shipments, changes nothing, so a gateway may always send again.
 */
import assert from 'node:assert/strict';
import type { Clock } from '#platform/clock.ts';
import { type Database, isUniqueViolation, transaction } from '#platform/database.ts';
import { codeOf } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import type { LeaseSpend } from '#ledger/lease.ts';
import type { Ledger } from '#ledger/ledger.ts';
import { sum } from '#ledger/money.ts';
import type { PricedModel } from '#pricing/price.ts';
import type { Pricing } from '#pricing/pricing.ts';
import type { Quantities } from '#pricing/quantities.ts';
import type { Funding, Shares } from './funding.ts';
import { rateNew } from './monthly-rating.ts';
import { type EventCost, type RatedEvent, currencyOf, isServed } from './rating.ts';
import type { Days } from './days.ts';
import {
  type Alike,
  foldCalls,
  foldDays,
  foldLines,
  foldSources,
  groupAlike,
  quarterOf,
} from './fold.ts';
import { addToDays, addToHours, addToLines, addToSources } from './fold-store.ts';
import { NOTHING_CLOSED, type Periods, billedAt } from './periods.ts';
import { parseSettled } from './record.ts';
import { dayOf, requestDay } from './request-day.ts';
import { selectDroppedDays } from './retention-store.ts';
import { addJournalRanges, addTaken, rangesOf } from './shipped-store.ts';
import {
  type PostedEvent,
  type Quarantined,
  type Shipped,
  eventKey,
  insertEvents,
  insertQuarantine,
  insertSources,
  lockGateway,
  selectKnownTenants,
  selectRecorded,
  updateShipment,
} from './store.ts';
import { type SettledRecord, quantitiesOf } from './usage-event.ts';
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
  /** Without it no period is ever closed. */
  periods?: Periods;
  /** Without it nobody has a budget. */
  spending?: SpendingFold;
  days: Days;
  clock: Clock;
  log: Log;
}>;

/** What calls cost us at external providers, in the order of the calls; null where nobody was paid. */
export type CostSource = Readonly<{
  costsOf: (
    calls: readonly Readonly<{
      deploymentId: string | null;
      atMs: number;
      /** In which the call was paid. */
      currency: string;
      /** It gave something, if not all. */
      isServed: boolean;
      usage: Quantities;
    }>[],
  ) => Promise<readonly (EventCost | null)[]>;
}>;

/** What calls of one key cost that were settled within one quarter hour. */
type Spent = Readonly<{
  tenantId: string;
  projectId: string;
  keyId: string;
  amountPico: bigint;
  settledAtMs: number;
}>;

/** Told once of what every event cost, in the transaction that records it. */
export type SpendingFold = Readonly<{
  record: (
    tx: Database,
    request: Readonly<{ gatewayId: string; events: readonly Spent[] }>,
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
  const costs = await readCosts(parts, records, prices);
  await parts.days.makeFor(records);
  for (let collisions = 0; ; collisions += 1) {
    try {
      const { ingested, remember } = await transaction(parts.database, (tx) =>
        ingestIn(tx, parts, { shipment, records, unreadable, prices, costs, collisions }),
      );
      remember();
      return ingested;
    } catch (error) {
      if (collisions >= COLLISIONS_MAX || !isCollision(error)) throw error;
    }
  }
}

/**
 * An event is recorded already: it was not looked for, or somebody else recorded it between our look and
 * our insert. The next look sees it.
 */
function isCollision(error: unknown): boolean {
  const code = codeOf(error);
  return (
    isUniqueViolation(error) || code === 'ledger.key_reused' || code === 'usage.recorded_meanwhile'
  );
}

type Batch = Readonly<{
  shipment: RawShipment;
  records: readonly SettledRecord[];
  unreadable: readonly Quarantined[];
  prices: ReadonlyMap<string, PricedModel>;
  costs: ReadonlyMap<SettledRecord, EventCost>;
  collisions: number;
}>;

type Done = Readonly<{
  ingested: Ingested;
  /** For after the commit. */
  remember: () => void;
}>;

async function ingestIn(tx: Database, parts: IngestParts, batch: Batch): Promise<Done> {
  const { shipment, records } = batch;
  const { gatewayId } = shipment;
  const shipped = await lockGateway(tx, gatewayId);
  const tenants = await selectKnownTenants(tx, [...new Set(records.map((each) => each.tenantId))]);
  const dropped = await droppedDays(tx, records, parts.clock.nowMs());
  const isDropped = (record: SettledRecord): boolean =>
    dropped.size > 0 && dropped.has(requestDay(record));
  const gone = records.filter(isDropped);
  const known = records.filter((record) => tenants.has(record.tenantId) && !isDropped(record));
  const fresh = await dropRecorded(tx, { shipped, known, batch });
  const outcomes = await rateNew(tx, fresh, { prices: batch.prices, currencies: tenants });
  const rated = outcomes.map((outcome, index) => {
    const record = fresh[index];
    assert(record !== undefined, 'every event has its outcome');
    const { currency, amountPico, ratedBy, lines } = outcome;
    const cost = batch.costs.get(record) ?? null;
    return { record, currency, amountPico, ratedBy, lines, cost };
  });
  const remember =
    rated.length === 0 ? () => {} : await recordEvents(tx, parts, { gatewayId, rated });
  const homeless = records
    .filter(({ tenantId }) => !tenants.has(tenantId))
    .map((record) => ({ gatewayId, reason: 'tenant unknown', record }));
  const late = gone
    .filter(({ tenantId }) => tenants.has(tenantId))
    .map((record) => ({ gatewayId, reason: 'the calls of its day were dropped', record }));
  const quarantined = [...batch.unreadable, ...homeless, ...late];
  if (quarantined.length > 0) await insertQuarantine(tx, quarantined);
  const nowMs = parts.clock.nowMs();
  await updateShipment(tx, { ...shipment, nowMs });
  await addJournalRanges(tx, { gatewayId, ranges: rangesOf(shipment.settled), nowMs });
  report(parts.log, { gatewayId, rated, quarantined });
  const ingested = {
    recorded: rated.length,
    duplicates: known.length - fresh.length,
    quarantined: quarantined.length,
  };
  return { ingested, remember };
}

/** No day is dropped sooner, so that an ordinary shipment need not ask. */
const DROPPED_AFTER_MS = 7 * 24 * 60 * 60_000;

/** Of a day whose calls were dropped nobody can tell any more whether a call was recorded. */
async function droppedDays(
  tx: Database,
  records: readonly SettledRecord[],
  nowMs: number,
): Promise<ReadonlySet<string>> {
  const recent = dayOf(nowMs - DROPPED_AFTER_MS);
  const old = [...new Set(records.map(requestDay))].filter((day) => day < recent);
  return old.length === 0 ? new Set() : selectDroppedDays(tx, old);
}

/**
 * A shipment that goes on where its gateway's last one ended is taken for new, which saves a look-up per
 * event; if it is not, the primary key refuses it and it is looked through after all.
 */
async function dropRecorded(
  tx: Database,
  request: Readonly<{ shipped: Shipped; known: readonly SettledRecord[]; batch: Batch }>,
): Promise<readonly SettledRecord[]> {
  const { shipped, known, batch } = request;
  const { segment, fromOffset } = batch.shipment;
  const goesOn =
    segment > shipped.segment || (segment === shipped.segment && fromOffset >= shipped.offset);
  if (known.length === 0 || (goesOn && batch.collisions === 0)) return known;
  const recorded = await selectRecorded(tx, known);
  return known.filter((record) => !recorded.has(eventKey(record)));
}

/** Posts, records and folds; rows that others wait for are locked as late as possible. */
async function recordEvents(
  tx: Database,
  parts: IngestParts,
  request: Readonly<{ gatewayId: string; rated: readonly RatedEvent[] }>,
): Promise<() => void> {
  const { gatewayId, rated } = request;
  const tenantIds = [...new Set(rated.map(({ record }) => record.tenantId))].toSorted();
  const closed = await (parts.periods ?? NOTHING_CLOSED).closedUntil(tx, tenantIds);
  const billed = rated.map(({ record, currency, amountPico, ratedBy, lines, cost }) => {
    const billedAtMs = billedAt(record.settledAtMs, closed.get(record.tenantId));
    return { record, currency, amountPico, ratedBy, lines, cost, billedAtMs };
  });
  const events = await postEvents(tx, parts, { gatewayId, billed });
  await insertEvents(tx, events);
  await insertSources(tx, events);
  await parts.ledger.leases.settle(tx, leaseSpending(events));
  const groups = groupAlike(events);
  await parts.spending?.record(tx, { gatewayId, events: groups.flatMap(spentOf) });
  const hours = foldCalls(groups);
  await addToHours(tx, hours);
  await addTaken(tx, { gatewayId, hours });
  await addToDays(tx, foldDays(hours));
  await addToLines(tx, foldLines(groups));
  await addToSources(tx, foldSources(groups));
  return parts.days.note(tx, events);
}

/** One for each quarter hour in which such calls were settled: that is how finely spending is kept. */
function spentOf(group: Alike): readonly Spent[] {
  const [{ record }] = group;
  const { tenantId, projectId, keyId } = record;
  const sums = new Map<number, bigint>();
  for (const event of group) {
    const quarterMs = quarterOf(event.record.settledAtMs);
    sums.set(quarterMs, (sums.get(quarterMs) ?? 0n) + event.amountPico);
  }
  return [...sums].map(([settledAtMs, amountPico]) => {
    return { tenantId, projectId, keyId, amountPico, settledAtMs };
  });
}

async function readCosts(
  { costs }: IngestParts,
  records: readonly SettledRecord[],
  prices: ReadonlyMap<string, PricedModel>,
): Promise<ReadonlyMap<SettledRecord, EventCost>> {
  const found = new Map<SettledRecord, EventCost>();
  if (costs === undefined) return found;
  const calls = records.map((record) => ({
    deploymentId: record.deploymentId,
    atMs: record.admittedAtMs,
    currency: currencyOf(record, prices),
    isServed: isServed(record),
    usage: quantitiesOf(record),
  }));
  const each = await costs.costsOf(calls);
  records.forEach((record, index) => {
    const cost = each[index] ?? null;
    if (cost !== null) found.set(record, cost);
  });
  return found;
}

/** One sum for each lease, with what each source paid of it. */
function leaseSpending(events: readonly PostedEvent[]): readonly LeaseSpend[] {
  const costly = events.filter(
    ({ record, amountPico }) => record.leaseId !== null && amountPico > 0n,
  );
  const byLease = Map.groupBy(costly, ({ record }) => `${record.tenantId} ${record.leaseId}`);
  return [...byLease.values()].flatMap((group) => {
    const record = group[0]?.record;
    if (record === undefined || record.leaseId === null) return [];
    const paid = new Map<string, bigint>();
    for (const { source, sourceId, amountPico } of group.flatMap((event) => event.parts)) {
      const id = sourceId ?? source;
      paid.set(id, (paid.get(id) ?? 0n) + amountPico);
    }
    return [
      {
        id: record.leaseId,
        tenantId: record.tenantId,
        amountPico: sum(group.map(({ amountPico }) => amountPico)),
        parts: [...paid].map(([sourceId, amountPico]) => ({ sourceId, amountPico })),
      },
    ];
  });
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
