/** The law on calls: each is rated again from its own row and its pinned price, so that a changed amount is found even where all sums agree. */
import type { Database } from '#platform/database.ts';
import { firstIdAt } from '#platform/id.ts';
import type { Finding, Law, LawPage } from '#ledger/law.ts';
import type { Pricing } from '#pricing/pricing.ts';
import {
  type AuditRow,
  type EventPlace as Place,
  type PartsSum,
  selectAuditDays,
  selectForAudit,
  selectLeasesThatAre,
  selectPartsForAudit,
} from './audit-store.ts';
import { rateRecorded } from './monthly-rating.ts';
import { dayOf } from './request-day.ts';

/** A call is on its bill well within this, but for those of a gateway that was cut off. */
const RECENT_MS = 10 * 60_000;

const FIRST_DAY = '0001-01-01';

type Prices = Pick<Pricing, 'byId'>;

export function callLaw(pricing: Prices): Law {
  return {
    name: 'calls',
    says: 'Every call costs what its usage and its pinned price say, and what paid for it sums to that.',
    limit: 2_000,
    recent: async (_, nowMs) => {
      const sinceMs = nowMs - RECENT_MS;
      const before = { requestId: firstIdAt('req', sinceMs), attempt: 0, tenantId: '' };
      return cursorOf(dayOf(sinceMs), before);
    },
    page: async (database, { after, limit }) => {
      const { day: from, place } = parseCursor(after);
      const [day, next] = await selectAuditDays(database, from);
      if (day === undefined) return { examined: 0, after: null, findings: [] };
      const page = await auditDay(database, pricing, {
        day,
        after: day === from ? place : null,
        limit,
      });
      if (page.after !== null) return page;
      return { ...page, after: next === undefined ? null : cursorOf(next, null) };
    },
  };
}

/** A day, and the place in it where the last page stopped. */
function cursorOf(day: string, place: Place | null): string {
  if (place === null) return day;
  return `${day} ${place.requestId} ${place.attempt} ${place.tenantId}`;
}

function parseCursor(cursor: string | null): Readonly<{ day: string; place: Place | null }> {
  const [day = FIRST_DAY, requestId, attempt, tenantId = ''] = (cursor ?? FIRST_DAY).split(' ');
  if (requestId === undefined) return { day, place: null };
  return { day, place: { requestId, attempt: Number(attempt), tenantId } };
}

async function auditDay(
  database: Database,
  pricing: Prices,
  page: Readonly<{ day: string; after: Place | null; limit: number }>,
): Promise<LawPage> {
  const rows = await selectForAudit(database, page);
  const last = rows.length < page.limit ? null : (rows.at(-1) ?? null);
  const priceIds = rows.flatMap(({ priceId }) => (priceId === null ? [] : [priceId]));
  const prices = await pricing.byId(priceIds);
  const again = await rateRecorded(database, rows, prices);
  const parts = await selectPartsForAudit(database, { ...page, last });
  const leaseIds = rows.flatMap(({ leaseId }) => (leaseId === null ? [] : [leaseId]));
  const leases = await selectLeasesThatAre(database, [...new Set(leaseIds)]);
  const findings = [
    ...rows.flatMap((row, index) => ratedWrongly(row, again[index])),
    ...partsWrong(rows, parts),
    ...rows.flatMap((row) => leaseMissing(row, leases)),
  ];
  const after = last === null ? null : cursorOf(page.day, last);
  return { examined: rows.length, after, findings };
}

function subjectOf({ tenantId, requestId, attempt }: Place): string {
  return `event ${tenantId}/${requestId}/${attempt}`;
}

function ratedWrongly(
  row: AuditRow,
  again: Awaited<ReturnType<typeof rateRecorded>>[number] | undefined,
): readonly Finding[] {
  if (again === undefined) return [];
  if (again.amountPico === BigInt(row.amountPico) && again.ratedBy === row.ratedBy) return [];
  return [
    {
      law: 'an event costs what its usage and its price say',
      subject: subjectOf(row),
      detail: `recorded ${row.amountPico} pico by ${row.ratedBy}, rated again ${again.amountPico} by ${again.ratedBy}`,
    },
  ];
}

/** Only calls that somebody else than cash paid a part of have parts. */
function partsWrong(rows: readonly AuditRow[], parts: readonly PartsSum[]): readonly Finding[] {
  if (parts.length === 0) return [];
  const amounts = new Map(rows.map((row) => [subjectOf(row), row.amountPico]));
  return parts.flatMap((part) => {
    const subject = subjectOf(part);
    const cost = amounts.get(subject);
    if (cost === part.amountPico) return [];
    const says = cost === undefined ? 'there is no such event' : `the event says ${cost}`;
    return [
      {
        law: 'what paid for a call is what it cost',
        subject,
        detail: `parts say ${part.amountPico} pico, ${says}`,
      },
    ];
  });
}

function leaseMissing(row: AuditRow, leases: ReadonlySet<string>): readonly Finding[] {
  if (row.leaseId === null || leases.has(row.leaseId)) return [];
  return [
    {
      law: 'the lease of a call exists',
      subject: subjectOf(row),
      detail: `it was admitted under ${row.leaseId}, which is not there`,
    },
  ];
}
