/**
 * Conservation: what was measured is what was rated is what was posted. Rates every event again from its
 * own row and the pinned price, so a changed amount is found even where all sums still agree.
 */
import { type Database, sql } from '#platform/database.ts';
import type { Finding } from '#ledger/verify.ts';
import type { Pricing } from '#pricing/pricing.ts';
import { verifyFolds } from './fold-verify.ts';
import { rateRecorded } from './monthly-rating.ts';
import { type AuditRow, selectAuditDays, selectForAudit } from './audit-store.ts';

const PAGE_ROWS = 2000;
const FINDINGS_MAX = 100;

export type MeteringVerification = Readonly<{
  events: number;
  /** Records that fit nobody and wait for a person; not lost, and not posted either. */
  quarantined: number;
  findings: readonly Finding[];
}>;

export async function verifyMetering(
  database: Database,
  pricing: Pick<Pricing, 'byId'>,
): Promise<MeteringVerification> {
  const rated = await verifyRating(database, pricing);
  const findings = [
    ...rated.findings,
    ...(await wrongEntries(database)),
    ...(await eventlessEntries(database)),
    ...(await wrongLeases(database)),
    ...(await verifyFolds(database)),
  ];
  return { events: rated.events, quarantined: await countQuarantined(database), findings };
}

async function countQuarantined(database: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from usage_quarantine`.execute(database);
  return rows[0]?.count ?? 0;
}

async function verifyRating(
  database: Database,
  pricing: Pick<Pricing, 'byId'>,
): Promise<Omit<MeteringVerification, 'quarantined'>> {
  const findings: Finding[] = [];
  let events = 0;
  for (const day of await selectAuditDays(database)) {
    let after: AuditRow | null = null;
    for (;;) {
      const rows: readonly AuditRow[] = await selectForAudit(database, {
        day,
        after,
        limit: PAGE_ROWS,
      });
      const last = rows.at(-1);
      if (last === undefined) break;
      events += rows.length;
      after = last;
      const prices = await pricing.byId(
        rows.flatMap(({ priceId }) => (priceId === null ? [] : [priceId])),
      );
      const again = await rateRecorded(database, rows, prices);
      const wrong = rows.flatMap((row, index) => ratedWrongly(row, again[index]));
      findings.push(...wrong.slice(0, FINDINGS_MAX - findings.length));
    }
  }
  return { events, findings };
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
      subject: `event ${row.tenantId}/${row.requestId}/${row.attempt}`,
      detail: `recorded ${row.amountPico} pico by ${row.ratedBy}, rated again ${again.amountPico} by ${again.ratedBy}`,
    },
  ];
}

/** Per entry: what its events cost is what it gave, to revenue and to authors, out of whoever paid. */
async function wrongEntries(database: Database): Promise<readonly Finding[]> {
  const { rows } = await sql<{ id: number; tenantId: string; rated: string; posted: string }>`
    select e.entry_id as id, e.tenant_id as "tenantId", e.rated, coalesce(p.posted, 0) as posted
    from (
      select entry_id, tenant_id, sum(amount_pico) as rated
      from (
        select entry_id, tenant_id, amount_pico from usage_events where entry_id is not null
        union all
        select entry_id, tenant_id, amount_pico from usage_archived_entries
      ) each group by 1, 2
    ) e
    left join (
      select entry_id, sum(amount_pico) as posted
      from ledger_postings where amount_pico > 0 group by 1
    ) p on p.entry_id = e.entry_id
    where coalesce(p.posted, 0) <> e.rated
    order by e.entry_id limit ${FINDINGS_MAX}`.execute(database);
  return rows.map((row) => ({
    law: 'what was rated is what was posted',
    subject: `entry ${row.id} of ${row.tenantId}`,
    detail: `events say ${row.rated} pico, postings say ${row.posted}`,
  }));
}

async function eventlessEntries(database: Database): Promise<readonly Finding[]> {
  const { rows } = await sql<{ id: number }>`
    select id from ledger_entries e
    where kind = 'usage'
      and id not in (select entry_id from usage_events where entry_id is not null)
      and id not in (select entry_id from usage_archived_entries)
    order by id limit ${FINDINGS_MAX}`.execute(database);
  return rows.map((row) => ({
    law: 'a usage entry has events',
    subject: `entry ${row.id}`,
    detail: 'no event leads to it',
  }));
}

async function wrongLeases(database: Database): Promise<readonly Finding[]> {
  const { rows } = await sql<{ id: string; settled: string; rated: string }>`
    select l.id, l.settled_pico as settled, coalesce(e.rated, 0) as rated
    from leases l left join (
      select tenant_id, lease_id, sum(amount_pico) as rated
      from (
        select tenant_id, lease_id, amount_pico from usage_events where lease_id is not null
        union all
        select tenant_id, lease_id, amount_pico from usage_archived_leases
      ) each group by 1, 2
    ) e on e.lease_id = l.id and e.tenant_id = l.tenant_id
    where l.settled_pico <> coalesce(e.rated, 0)
    order by l.id limit ${FINDINGS_MAX}`.execute(database);
  return rows.map((row) => ({
    law: 'a lease settled what its events cost',
    subject: `lease ${row.id}`,
    detail: `settled ${row.settled} pico, events say ${row.rated}`,
  }));
}
