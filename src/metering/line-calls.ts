/**
 * From a line of a bill to the very calls behind it, page by page. A line is a sum over the price of one unit,
 * and calls do not keep their lines; so each call that may be behind it is rated again, as the checker does,
 * and is shown with its own part. The parts of all pages sum to the line, to the last pico.
 */
import type { Database } from '#platform/database.ts';
import type { RatedLine } from '#pricing/price.ts';
import type { Pricing } from '#pricing/pricing.ts';
import type { EventCursor } from './event-store.ts';
import {
  type CandidateRow,
  type SourceFilter,
  bucketOf,
  selectCandidates,
} from './line-call-store.ts';
import type { Period } from './line-store.ts';
import { rateRecorded } from './monthly-rating.ts';

/** The price of one unit that a line sums over. */
export type BilledLine = Readonly<{
  modelId: string;
  modelName: string;
  serviceTier: string;
  unit: string;
  direction: string;
  rate: string;
  upTo: number | null;
  eachPico: bigint;
  correctionOf: string | null;
}>;

export type LineCall = Readonly<{
  requestId: string;
  attempt: number;
  projectId: string;
  keyId: string;
  modelId: string;
  modelName: string;
  serviceTier: string;
  currency: string;
  /** The whole call. */
  amountPico: bigint;
  /** What of it is on the line, or was paid by the source. */
  partPico: bigint;
  /** Counts of the line; null where a source was asked for alone. */
  units: number | null;
  entryId: number | null;
  settledAtMs: number;
  billedAtMs: number;
}>;

export type LineCallQuery = Readonly<{
  period: Period;
  /** One of the two, or both. */
  line: BilledLine | null;
  source: SourceFilter | null;
  after: EventCursor | null;
  limit: number;
}>;

/** A page may be short, or empty, and still have a next: so far was looked. */
export type LineCallPage = Readonly<{ calls: readonly LineCall[]; next: EventCursor | null }>;

export type LineCalls = (query: LineCallQuery) => Promise<LineCallPage>;

/** Calls that are rated again for one page: a rate of one in thousands is found by asking on. */
const CANDIDATES_MAX = 4_000;
const PAGE = 500;

export function createLineCalls(
  parts: Readonly<{ database: Database; pricing: Pick<Pricing, 'byId'> }>,
): LineCalls {
  return async (query) => {
    const calls: LineCall[] = [];
    let { after } = query;
    for (let looked = 0; looked < CANDIDATES_MAX; looked += PAGE) {
      const candidates = await selectCandidates(parts.database, {
        ...query,
        line: query.line === null ? null : filterOf(query.line),
        after,
        limit: PAGE,
      });
      for (const call of await rateCandidates(parts, query, candidates)) {
        after = cursorOf(call.row);
        if (call.found === null) continue;
        calls.push(call.found);
        if (calls.length === query.limit) return { calls, next: after };
      }
      if (candidates.length < PAGE) return { calls, next: null };
    }
    return { calls, next: after };
  };
}

function filterOf({ unit, direction, ...line }: BilledLine) {
  return { ...line, bucket: bucketOf(unit, direction) };
}

function cursorOf({ settledAt, requestId, attempt }: CandidateRow): EventCursor {
  return { settledAtMs: settledAt.getTime(), requestId, attempt };
}

async function rateCandidates(
  { database, pricing }: Readonly<{ database: Database; pricing: Pick<Pricing, 'byId'> }>,
  { line }: LineCallQuery,
  rows: readonly CandidateRow[],
): Promise<readonly Readonly<{ row: CandidateRow; found: LineCall | null }>[]> {
  if (line === null) return rows.map((row) => ({ row, found: toCall(row, null) }));
  const priceIds = rows.flatMap(({ priceId }) => (priceId === null ? [] : [priceId]));
  const prices = await pricing.byId([...new Set(priceIds)]);
  const rated = await rateRecorded(database, rows, prices);
  return rows.map((row, index) => {
    const lines = linesOf(row, rated[index]?.lines ?? []).filter((each) => isSame(each, line));
    return { row, found: lines.length === 0 ? null : toCall(row, lines) };
  });
}

type Part = Pick<
  RatedLine,
  'unit' | 'direction' | 'rate' | 'upTo' | 'eachPico' | 'units' | 'amountPico'
>;

/** What was charged at its hold is one call at that price, as it is on the bill. */
function linesOf(row: CandidateRow, lines: readonly RatedLine[]): readonly Part[] {
  if (row.ratedBy !== 'hold') return lines;
  const amountPico = BigInt(row.amountPico);
  const one = { unit: 'request', direction: 'input', rate: 'hold', upTo: null } as const;
  return [{ ...one, units: 1, eachPico: amountPico, amountPico }];
}

function isSame(part: Part, line: BilledLine): boolean {
  return (
    part.unit === line.unit &&
    part.direction === line.direction &&
    part.rate === line.rate &&
    part.upTo === line.upTo &&
    part.eachPico === line.eachPico
  );
}

function toCall(row: CandidateRow, lines: readonly Part[] | null): LineCall {
  const { requestId, attempt, projectId, keyId, modelId, modelName, serviceTier } = row;
  const amountPico = BigInt(row.amountPico);
  const ofLine = (lines ?? []).reduce((total, each) => total + each.amountPico, 0n);
  return {
    requestId,
    attempt,
    projectId,
    keyId,
    modelId,
    modelName,
    serviceTier,
    currency: row.currency,
    amountPico,
    partPico: lines === null ? BigInt(row.paidPico ?? amountPico) : ofLine,
    units: lines === null ? null : lines.reduce((total, each) => total + each.units, 0),
    entryId: row.entryId,
    settledAtMs: row.settledAt.getTime(),
    billedAtMs: row.billedAt.getTime(),
  };
}
