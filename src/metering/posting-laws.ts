/** The laws that join calls with the ledger: what entries posted, and what leases settled. */
import { firstIdAt } from '#platform/id.ts';
import { type Finding, type Law, pageOf } from '#ledger/law.ts';
import { recentEntries } from '#ledger/laws.ts';
import {
  type LeaseSum,
  type UsageEntry,
  auditUsageEntries,
  auditUsageLeases,
  sumOfLease,
} from './posting-audit-store.ts';

const RECENT_LEASES_MS = 60 * 60_000;

export const postingLaw: Law = {
  name: 'postings',
  says: 'Every entry of usage gives what its calls cost, and every call that cost something has one.',
  limit: 1_000,
  recent: (database) => recentEntries(database),
  page: async (database, { after, limit }) => {
    const { wrong, examined, last } = await auditUsageEntries(database, {
      after: Number(after ?? 0),
      limit,
    });
    const findings = wrong.map(findingOfEntry);
    return pageOf({ examined, limit, last: last === null ? null : String(last), findings });
  },
};

function findingOfEntry({ id, tenantId, rated, posted }: UsageEntry): Finding {
  if (rated === null || tenantId === null) {
    return {
      law: 'a usage entry has events',
      subject: `entry ${id}`,
      detail: 'no event leads to it',
    };
  }
  return {
    law: 'what was rated is what was posted',
    subject: `entry ${id} of ${tenantId}`,
    detail: `events say ${rated} pico, postings say ${posted ?? 'nothing'}`,
  };
}

export const holdLaw: Law = {
  name: 'holds',
  says: 'Every lease settled what the calls that were admitted under it cost.',
  limit: 500,
  recent: async (_, nowMs) => firstIdAt('lse', nowMs - RECENT_LEASES_MS),
  page: async (database, { after, limit }) => {
    const rows = await auditUsageLeases(database, { after: after ?? '', limit });
    const findings: Finding[] = [];
    for (const row of rows) {
      if (row.settled === row.rated) continue;
      // Calls that were settled long after their lease ended are found one lease at a time.
      const rated = await sumOfLease(database, row);
      if (rated.rated !== rated.settled) findings.push(findingOfLease({ ...row, ...rated }));
    }
    return pageOf({ examined: rows.length, limit, last: rows.at(-1)?.id ?? null, findings });
  },
};

function findingOfLease({ id, settled, rated }: LeaseSum): Finding {
  return {
    law: 'a lease settled what its events cost',
    subject: `lease ${id}`,
    detail: `settled ${settled} pico, events say ${rated}`,
  };
}
