/**
 * Usage on control's side: events taken over from gateways, rated, posted and read. Owns usage events,
 * which are facts and are never edited, requests that were refused for some days, the quarantine of
 * records that fit nobody, and how far each gateway has shipped. Promises that an event is recorded and posted once, in one transaction, and that
 * `verify` can prove it from the rows. The gateway's side is journal.ts and ship.ts, without SQL.
 */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type { Ledger } from '#ledger/ledger.ts';
import type { Pricing } from '#pricing/pricing.ts';
import type { UsageReplay } from '#pricing/simulate.ts';
import type { Overview, UsageEvent, UsageReport } from './api.ts';
import { type Charge, selectCharges } from './charge-store.ts';
import type { Funding, Shares } from './funding.ts';
import {
  type CostSource,
  type Ingested,
  type RawShipment,
  type SpendingFold,
  ingest,
} from './ingest.ts';
import {
  type CloudCounts,
  type EventsRequest,
  type ReportRequest,
  readEvent,
  readEvents,
  readOverview,
  readReport,
  readRollup,
  readSources,
  readUnits,
} from './report.ts';
import { type Lines, createLines } from './lines.ts';
import { createDays } from './days.ts';
import type { Periods } from './periods.ts';
import { dropOldDays } from './retention.ts';
import { type RefusalRow, deleteOldRefusals, insertRefusals } from './refusal-store.ts';
import { replayUsage } from './replay-store.ts';
import {
  type RollupQuery,
  type RollupRow,
  type Scope,
  type UnitRow,
  selectCallers,
} from './rollup-store.ts';
import type { SourceQuery, SourceRow } from './source-store.ts';
import { type MeteringVerification, verifyMetering } from './verify.ts';

export type MeteringParts = Readonly<{
  database: Database;
  ledger: Ledger;
  pricing: Pick<Pricing, 'byId'>;
  costs?: CostSource;
  funding?: Funding;
  shares?: Shares;
  periods?: Periods;
  /** Days that single calls are kept, at least a week; null, and absent, keeps them all. */
  keepDays?: number | null;
  spending?: SpendingFold;
  /** Numbers of the overview that other modules know; null asks for the whole cloud. */
  counts: CloudCounts;
  clock: Clock;
  log: Log;
}>;

export type { Charge };

export type Metering = Readonly<{
  /** Durable when it resolves; sending the same records again changes nothing. */
  ingest: (shipment: RawShipment) => Promise<Ingested>;
  /** Requests that were refused before a model was called; sending them again changes nothing. */
  keepRefusals: (refusals: readonly RefusalRow[]) => Promise<void>;
  /** Raises `usage.range_invalid`. */
  report: (request: ReportRequest) => Promise<UsageReport>;
  /** Newest first. Raises `usage.range_invalid`. */
  events: (request: EventsRequest) => Promise<readonly UsageEvent[]>;
  /** Raises `usage.unknown`. */
  event: (
    request: Readonly<{ scope: Scope; requestId: string; showsCost: boolean }>,
  ) => Promise<UsageEvent>;
  overview: (scope: Scope) => Promise<Overview>;
  /** Sums over whole hours or days, by whatever is asked. Raises `usage.range_invalid`. */
  rollup: (query: RollupQuery) => Promise<readonly RollupRow[]>;
  /** Units beside tokens of the same calls, in rows of their own. Raises `usage.range_invalid`. */
  units: (query: RollupQuery) => Promise<readonly UnitRow[]>;
  /** The same by who paid. Raises `usage.range_invalid`. */
  sources: (query: SourceQuery) => Promise<readonly SourceRow[]>;
  /** Who called a model lately, page by page. */
  callersOf: typeof selectCallers;
  /** What bills are made of. */
  lines: Lines;
  /** Past calls of the whole cloud, summed for other prices to be tried on. */
  replay: UsageReplay;
  /** Every event of these calls of a tenant. */
  charges: (tenantId: string, requestIds: readonly string[]) => Promise<readonly Charge[]>;
  verify: () => Promise<MeteringVerification>;
  /** Makes the partitions of the days ahead and drops what need not be kept. */
  tidy: () => Promise<readonly string[]>;
}>;

/** Whoever asks why it was refused asks within days; and a flood of a week is a few megabytes for each tenant. */
const REFUSALS_KEPT_MS = 7 * 24 * 60 * 60_000;
const REFUSALS_PER_TENANT_MAX = 20_000;

export function createMetering(parts: MeteringParts): Metering {
  const { database, pricing } = parts;
  const days = createDays(parts);
  return {
    ingest: (shipment) => ingest({ ...parts, days }, shipment),
    keepRefusals: (refusals) => insertRefusals(database, refusals),
    report: (request) => readReport(database, request),
    events: (request) => readEvents(database, request),
    event: (request) => readEvent(database, request),
    overview: (scope) => readOverview(parts, scope),
    rollup: (query) => readRollup(database, query),
    units: (query) => readUnits(database, query),
    sources: (query) => readSources(database, query),
    callersOf: selectCallers,
    lines: createLines(),
    charges: (tenantId, requestIds) => selectCharges(database, tenantId, requestIds),
    replay: (query) => replayUsage(database, query),
    tidy: async () => {
      await days.makeAhead();
      const since = new Date(parts.clock.nowMs() - REFUSALS_KEPT_MS);
      await deleteOldRefusals(database, { since, perTenant: REFUSALS_PER_TENANT_MAX });
      return dropOldDays({ ...parts, keepDays: parts.keepDays ?? null });
    },
    verify: () => verifyMetering(database, pricing, parts.clock.nowMs()),
  };
}
