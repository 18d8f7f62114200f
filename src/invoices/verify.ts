/**
 * Proves invoices from their rows: papers are as they were hashed, numbers have no gap, each period begins
 * where the one before ended, and what was invoiced is what the calls of the period cost. Each finding names
 * its row.
 */
import { createHash } from 'node:crypto';
import { type Database, sql } from '#platform/database.ts';
import { parseAmount, sum } from '#ledger/money.ts';
import { spanOf } from './close.ts';
import { readInvoiceDocument } from './credit-notes.ts';
import { selectInvoice } from './invoice-store.ts';
import { type FrozenPeriod, selectPeriods } from './period-store.ts';
import type { UsageLines } from './usage-lines.ts';

export type Finding = Readonly<{ law: string; subject: string; detail: string }>;

export type Verified = Readonly<{
  findings: readonly Finding[];
  invoices: number;
  /** Σ of the lines of all that was looked at: invoiced, before rounding. */
  invoicedPico: bigint;
}>;

/** Periods that are proved at a time, the latest; older ones are proved by naming their tenant. */
const PERIODS_MAX = 10_000;

export async function verifyInvoices(
  parts: Readonly<{ database: Database; lines: UsageLines }>,
  request: Readonly<{ tenantId: string | null }> = { tenantId: null },
): Promise<Verified> {
  const { database } = parts;
  const periods = await selectPeriods(database, { ...request, limit: PERIODS_MAX });
  const findings: Finding[] = [...(await gaps(database)), ...breaks(periods)];
  let invoices = 0;
  let invoicedPico = 0n;
  for (const period of periods) {
    if (period.state !== 'closed') continue;
    const proved = await provePeriod(parts, period);
    findings.push(...proved.findings);
    invoices += proved.hasInvoice ? 1 : 0;
    invoicedPico += proved.invoicedPico;
  }
  return { findings, invoices, invoicedPico };
}

export async function gaps(database: Database): Promise<readonly Finding[]> {
  const { rows } = await sql<{ series: string; position: number; papers: number }>`
    select s.series, s.position,
      (select count(*) from (select number from invoices union all select number from credit_notes) n
        where number like s.series || '-%') as papers
    from invoice_series s order by s.series`.execute(database);
  return rows
    .filter(({ position, papers }) => position !== papers)
    .map(({ series, position, papers }) => ({
      law: 'numbers have no gap',
      subject: `series ${series}`,
      detail: `${position} numbers were taken and ${papers} papers exist`,
    }));
}

export function breaks(periods: readonly FrozenPeriod[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [tenantId, each] of Map.groupBy(periods, (period) => period.tenantId)) {
    for (const [index, period] of each.entries()) {
      const before = each[index - 1];
      if (before === undefined || before.toMs === period.fromMs) continue;
      findings.push({
        law: 'a period begins where the one before ended',
        subject: `period ${tenantId} ${period.label}`,
        detail: `${before.label} ended at ${new Date(before.toMs).toISOString()}`,
      });
    }
  }
  return findings;
}

export async function provePeriod(
  { database, lines }: Readonly<{ database: Database; lines: Pick<UsageLines, 'posted'> }>,
  period: FrozenPeriod,
): Promise<Readonly<{ findings: readonly Finding[]; hasInvoice: boolean; invoicedPico: bigint }>> {
  const { tenantId, label, invoiceId } = period;
  const span = spanOf(tenantId, period);
  const { ratedPico, wrongEntries } = await lines.posted(database, span);
  const invoice =
    invoiceId === null ? null : await selectInvoice(database, { tenantId, id: invoiceId });
  const paper = invoice === null ? null : readInvoiceDocument(invoice);
  const invoicedPico = sum(
    (paper?.lines ?? [])
      .filter(({ kind }) => kind !== 'purchase')
      .map(({ exactAmount }) => parseAmount(exactAmount)),
  );
  const findings: Finding[] = wrongEntries.map(({ entryId, postedPico, ratedPico: rated }) => ({
    law: 'what is posted is what was rated',
    subject: `entry ${entryId}`,
    detail: `posts ${postedPico} pico, its calls cost ${rated}`,
  }));
  const subject = invoice === null ? `period ${tenantId} ${label}` : `invoice ${invoice.number}`;
  if (invoicedPico !== ratedPico) {
    findings.push({
      law: 'what is invoiced is what was rated',
      subject,
      detail: `its lines say ${invoicedPico} pico, its calls cost ${ratedPico}`,
    });
  }
  if (invoice !== null && paper !== null) {
    findings.push(...(await provePaper(database, { invoice, total: paper.total, subject })));
  }
  return { findings, hasInvoice: invoice !== null, invoicedPico };
}

async function provePaper(
  database: Database,
  of: Readonly<{
    invoice: Readonly<{ id: string; document: string; totalPico: bigint }>;
    total: string;
    subject: string;
  }>,
): Promise<readonly Finding[]> {
  const { invoice, total, subject } = of;
  const { rows } = await sql<{ sha256: Buffer }>`
    select document_sha256 as sha256 from invoices where id = ${invoice.id}`.execute(database);
  const findings: Finding[] = [];
  const law = 'a paper is as it was issued';
  const hash = createHash('sha256').update(invoice.document).digest();
  if (rows[0]?.sha256.equals(hash) !== true) {
    findings.push({ law, subject, detail: 'its text is not the one that was hashed' });
  }
  if (parseAmount(total) !== invoice.totalPico) {
    findings.push({ law, subject, detail: `it says ${total}, its row ${invoice.totalPico} pico` });
  }
  return findings;
}
