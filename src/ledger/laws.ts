/** What the ledger promises, proved from its rows alone: entries, balances and leases. */
import type { Database } from '#platform/database.ts';
import { firstIdAt } from '#platform/id.ts';
import { type AccountAudit, auditAccounts, auditRestOfAccount } from './law-accounts.ts';
import { type Finding, type Law, type LawPage, pageOf } from './law.ts';
import { LEASE_GRACE_MS } from './lease.ts';
import {
  type EntryAudit,
  type LeaseAudit,
  auditEntries,
  auditLeases,
  selectEntryBefore,
} from './law-store.ts';

/** A sweep that ends overdue leases runs every half minute; this late it does not run. */
const SWEEP_LATE_MS = 10 * 60_000;

/** The latest, for a look every half minute: more than a busy cloud posts in that time. */
export const RECENT_ENTRIES = 20_000;

/** Leases live ten minutes, and may be settled as long again after. */
const RECENT_LEASES_MS = 60 * 60_000;

/** Postings of an account in one step. */
const POSTINGS_PER_STEP = 20_000;

const entries: Law = {
  name: 'entries',
  says: 'Every entry sums to zero, in the currency of its accounts.',
  limit: 2_000,
  recent: (database) => recentEntries(database),
  page: async (database, { after, limit }) => {
    const { rows, examined, last } = await auditEntries(database, {
      after: Number(after ?? 0),
      limit,
    });
    const findings = rows.flatMap(findingsOfEntry);
    return pageOf({ examined, limit, last: last === null ? null : String(last), findings });
  },
};

/** An account with more postings than a step takes goes on from where it stands. */
export function balanceLaw(postingsPerStep: number): Law {
  return {
    name: 'balances',
    says: 'Every balance is the sum of its postings, and none is under its floor.',
    limit: 100,
    page: async (database, { after, limit }) => {
      const [id = '', through, posted] = (after ?? '').split(' ');
      if (through !== undefined && posted !== undefined) {
        const so = { id, through: Number(through), postedPico: BigInt(posted) };
        return restOfAccount(database, so, postingsPerStep);
      }
      const rows = await auditAccounts(database, { after: id, limit, postings: postingsPerStep });
      const long = rows.findIndex(({ postings }) => postings >= postingsPerStep);
      const whole = long === -1 ? rows : rows.slice(0, long);
      const findings = whole.flatMap(findingsOfAccount);
      const begun = rows[long];
      if (begun === undefined) {
        return pageOf({ examined: rows.length, limit, last: rows.at(-1)?.id ?? null, findings });
      }
      return { examined: whole.length, after: cursorOf(begun, BigInt(begun.posted)), findings };
    },
  };
}

function cursorOf({ id, last }: AccountAudit, postedPico: bigint): string {
  return `${id} ${last ?? 0} ${postedPico}`;
}

async function restOfAccount(
  database: Database,
  so: Readonly<{ id: string; through: number; postedPico: bigint }>,
  postings: number,
): Promise<LawPage> {
  const { id, through, postedPico } = so;
  const row = await auditRestOfAccount(database, { id, through, postings });
  if (row === null) return { examined: 0, after: id, findings: [] };
  const posted = postedPico + BigInt(row.posted);
  if (row.postings >= postings) {
    return { examined: 0, after: cursorOf(row, posted), findings: [] };
  }
  const findings = findingsOfAccount({ ...row, posted: posted.toString() });
  if (findings.length === 0) return { examined: 1, after: id, findings };
  // An entry that was committed under an id passed already looks like a fault: all is summed at once.
  const sure = await auditRestOfAccount(database, { id, through: 0, postings: null });
  return { examined: 1, after: id, findings: sure === null ? [] : findingsOfAccount(sure) };
}

const leases: Law = {
  name: 'leases',
  says: 'Every lease ends, sets aside what is left of it, and is not overspent.',
  recent: async (_, nowMs) => firstIdAt('lse', nowMs - RECENT_LEASES_MS),
  limit: 1_000,
  page: async (database, { after, limit, nowMs }) => {
    const rows = await auditLeases(database, { after: after ?? '', limit });
    const findings = rows.flatMap((row) => findingsOfLease(row, nowMs));
    return pageOf({ examined: rows.length, limit, last: rows.at(-1)?.id ?? null, findings });
  },
};

export const LEDGER_LAWS: readonly Law[] = [entries, balanceLaw(POSTINGS_PER_STEP), leases];

/** An id that so many entries come after. */
export async function recentEntries(database: Database): Promise<string> {
  return String(await selectEntryBefore(database, RECENT_ENTRIES));
}

function findingsOfEntry(row: EntryAudit): readonly Finding[] {
  const subject = `entry ${row.id}`;
  const findings: Finding[] = [];
  if (row.total !== '0') {
    const detail = `off by ${row.total} pico in ${row.currency}`;
    findings.push({ law: 'an entry sums to zero', subject, detail });
  }
  if (row.foreign !== null) {
    const detail = `posts another currency to ${row.foreign}`;
    findings.push({ law: 'a posting has the currency of its account', subject, detail });
  }
  return findings;
}

function findingsOfAccount(row: AccountAudit): readonly Finding[] {
  const subject = `account ${row.id}`;
  const findings: Finding[] = [];
  if (row.posted !== row.kept) {
    const detail = `postings say ${row.posted} pico, the balance says ${row.kept}`;
    findings.push({ law: 'a balance is the sum of its postings', subject, detail });
  }
  // Relaxed leases may go beyond what there is, by one lease; what is posted below that nobody allowed.
  if (row.floor !== null && BigInt(row.kept) < BigInt(row.floor) - BigInt(row.slack)) {
    const detail = `${row.kept} pico is under ${row.floor}`;
    findings.push({ law: 'no balance is under its floor', subject, detail });
  }
  return findings;
}

function findingsOfLease(row: LeaseAudit, nowMs: number): readonly Finding[] {
  const subject = `lease ${row.id}`;
  const findings: Finding[] = [];
  const [settled, amount, slack, held] = [row.settled, row.amount, row.slack, row.held].map(BigInt);
  if (settled === undefined || amount === undefined || slack === undefined) return findings;
  if (row.isForeign || settled > amount + slack) {
    const detail = `settled ${row.settled} of ${row.amount} pico`;
    findings.push({ law: 'a lease belongs to its account and is not overspent', subject, detail });
  }
  const rest = row.state === 'open' && amount > settled ? amount - settled : 0n;
  if (held !== rest) {
    const detail = `${row.state}, holds ${row.held} pico in its parts instead of ${rest}`;
    findings.push({
      law: 'a lease sets aside what is left of it, and nothing once it ended',
      subject,
      detail,
    });
  }
  const overdueMs = nowMs - row.expiresAt.getTime() - LEASE_GRACE_MS - SWEEP_LATE_MS;
  if (row.state === 'open' && overdueMs > 0) {
    const detail = `open ${Math.round(overdueMs / 1_000)} s after its last moment`;
    findings.push({ law: 'every lease ends', subject, detail });
  }
  return findings;
}
