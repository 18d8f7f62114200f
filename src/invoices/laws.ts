/**
 * The laws on papers, a few tenants at a time. What a period's calls cost is read from the sums that bills are
 * made of: the laws of metering prove those against the calls, so that a month of a million calls is one step.
 */
import { type Database, sql } from '#platform/database.ts';
import { type Finding, type Law, pageOf } from '#ledger/law.ts';
import { sum } from '#ledger/money.ts';
import { type FrozenPeriod, selectPeriods } from './period-store.ts';
import type { UsageLines } from './usage-lines.ts';
import { breaks, gaps, provePeriod } from './verify.ts';

/** Of one tenant: two hundred years of months. */
const PERIODS_MAX = 2_400;

export function invoiceLaws(lines: Pick<UsageLines, 'sum'>): readonly Law[] {
  const summed: Pick<UsageLines, 'posted'> = {
    posted: async (database, span) => {
      const totals = (await lines.sum(database, span)).lines;
      const ratedPico = sum(totals.map(({ amountPico }) => amountPico));
      return { ratedPico, wrongEntries: [], otherCurrencies: [] };
    },
  };
  return [
    {
      name: 'invoices',
      says: 'What was invoiced is what the calls of its period cost, papers are as they were issued, and periods and numbers have no gap.',
      limit: 20,
      page: async (database, { after, limit }) => {
        const tenantIds = await selectBilledTenants(database, { after: after ?? '', limit });
        const findings: Finding[] = after === null ? [...(await gaps(database))] : [];
        for (const tenantId of tenantIds) {
          const periods = await selectPeriods(database, { tenantId, limit: PERIODS_MAX });
          findings.push(...breaks(periods), ...periods.flatMap(stuck));
          for (const period of periods.filter(({ state }) => state === 'closed')) {
            const proved = await provePeriod({ database, lines: summed }, period);
            findings.push(...proved.findings);
          }
        }
        const last = tenantIds.at(-1) ?? null;
        return pageOf({ examined: tenantIds.length, limit, last, findings });
      },
    },
  ];
}

/** A close that found something wrong waits for a person. */
function stuck({ tenantId, label, problem }: FrozenPeriod): readonly Finding[] {
  if (problem === null) return [];
  const subject = `period ${tenantId} ${label}`;
  return [{ law: 'a period that ended is closed', subject, detail: problem }];
}

async function selectBilledTenants(
  database: Database,
  page: Readonly<{ after: string; limit: number }>,
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct tenant_id as id from billing_periods where tenant_id > ${page.after}
    order by 1 limit ${page.limit}`.execute(database);
  return rows.map(({ id }) => id);
}
