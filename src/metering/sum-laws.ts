/** The laws on roll-ups: hours and bills are the sums of their calls, days those of their hours. */
import type { Database } from '#platform/database.ts';
import type { Finding, Law, LawPage } from '#ledger/law.ts';
import { selectCallsOf, selectNextSpanStart } from './day-store.ts';
import { type FoldScope, wrongDays, wrongHours, wrongQuarters } from './fold-verify.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** A quiet day is one step; of a busy one each step takes an hour. */
const CALLS_PER_STEP = 50_000;

/** Sums of an hour change while it lasts, and a little after. */
const RECENT_MS = 2 * HOUR_MS;

type Check = (database: Database, scope: FoldScope) => Promise<readonly Finding[]>;

export const sumLaw: Law = {
  name: 'sums',
  says: 'The sums of every hour, and the lines of every bill, are those of their calls.',
  limit: CALLS_PER_STEP,
  recent: async (_, nowMs) => timeOf(floor(nowMs - RECENT_MS, HOUR_MS)),
  page: (database, { after }) =>
    pageOfHours(database, after, async (_, scope) => [
      ...(await wrongHours(database, scope)),
      ...(await wrongQuarters(database, scope)),
    ]),
};

export const dayLaw: Law = {
  name: 'days',
  says: 'The sums of every day are those of its hours.',
  limit: 1,
  recent: async (_, nowMs) => timeOf(floor(nowMs - RECENT_MS, DAY_MS)),
  page: async (database, { after }) => {
    const startMs = await selectNextSpanStart(database, Date.parse(after ?? timeOf(0)));
    if (startMs === null) return { examined: 0, after: null, findings: [] };
    const fromMs = floor(startMs, DAY_MS);
    const scope = { fromMs, toMs: fromMs + DAY_MS };
    return { examined: 1, after: timeOf(scope.toMs), findings: await wrongDays(database, scope) };
  },
};

/** The cursor is a time: all before it was looked at. */
async function pageOfHours(
  database: Database,
  after: string | null,
  check: Check,
): Promise<LawPage> {
  const startMs = await selectNextSpanStart(database, Date.parse(after ?? timeOf(0)));
  if (startMs === null) return { examined: 0, after: null, findings: [] };
  const fromMs = floor(startMs, HOUR_MS);
  const day = { fromMs, toMs: floor(fromMs, DAY_MS) + DAY_MS };
  const calls = await selectCallsOf(database, day);
  const scope = calls <= CALLS_PER_STEP ? day : { fromMs, toMs: fromMs + HOUR_MS };
  const examined = (scope.toMs - scope.fromMs) / HOUR_MS;
  return { examined, after: timeOf(scope.toMs), findings: await check(database, scope) };
}

function floor(timeMs: number, stepMs: number): number {
  return Math.floor(timeMs / stepMs) * stepMs;
}

function timeOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
