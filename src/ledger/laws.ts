/** What the ledger promises, proved from its rows alone: entries, balances and leases. */
import type { Finding, Law, LawPage } from './law.ts';
import { LEASE_GRACE_MS } from './lease.ts';
import {
  type AccountAudit,
  type EntryAudit,
  type LeaseAudit,
  auditAccounts,
  auditEntries,
  auditLeases,
} from './law-store.ts';

/** A sweep that ends overdue leases runs every half minute; this late it does not run. */
const SWEEP_LATE_MS = 10 * 60_000;

const entries: Law = {
  name: 'entries',
  limit: 2_000,
  page: async (database, { after, limit }) => {
    const { rows, examined, last } = await auditEntries(database, {
      after: Number(after ?? 0),
      limit,
    });
    const findings = rows.flatMap(findingsOfEntry);
    return pageOf({ examined, limit, last: last === null ? null : String(last), findings });
  },
};

const accounts: Law = {
  name: 'balances',
  limit: 100,
  page: async (database, { after, limit }) => {
    const rows = await auditAccounts(database, { after: after ?? '', limit });
    const findings = rows.flatMap(findingsOfAccount);
    return pageOf({ examined: rows.length, limit, last: rows.at(-1)?.id ?? null, findings });
  },
};

const leases: Law = {
  name: 'leases',
  limit: 1_000,
  page: async (database, { after, limit, nowMs }) => {
    const rows = await auditLeases(database, { after: after ?? '', limit });
    const findings = rows.flatMap((row) => findingsOfLease(row, nowMs));
    return pageOf({ examined: rows.length, limit, last: rows.at(-1)?.id ?? null, findings });
  },
};

export const LEDGER_LAWS: readonly Law[] = [entries, accounts, leases];

/** A page that is not full is the last one. */
function pageOf(
  read: Readonly<{
    examined: number;
    limit: number;
    last: string | null;
    findings: readonly Finding[];
  }>,
): LawPage {
  const { examined, limit, last, findings } = read;
  return { examined, after: examined < limit ? null : last, findings };
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
