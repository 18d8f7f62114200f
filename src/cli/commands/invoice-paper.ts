/** A paper as a terminal shows it: its lines, what was bought, who paid, and the sums. */
import type { InvoiceDetail, InvoicePreview } from '#invoices/api.ts';
import type { Context } from '../command.ts';
import { formatAmount } from '../format.ts';
import { renderTable } from '../table.ts';

type Paper = InvoicePreview['statement'];
type Line = Paper['lines'][number];

/** `key` is what `invoices requests --line` takes. */
export function printLines({ terminal: { out } }: Context, { lines }: Paper): void {
  if (lines.length === 0) return;
  out.line('');
  out.line(
    renderTable<Line>(
      [
        { title: 'LINE', value: ({ key }) => key },
        { title: 'WHAT', value: whatOf },
        { title: 'QUANTITY', align: 'right', value: quantityOf },
        { title: 'EACH', align: 'right', value: ({ unitPrice }) => formatAmount(unitPrice) },
        { title: 'EXACT', align: 'right', value: ({ exactAmount }) => formatAmount(exactAmount) },
        { title: 'AMOUNT', align: 'right', value: ({ amount }) => amount },
      ],
      lines,
      (text) => out.style('bold', text),
    ),
  );
}

export function printSums({ terminal: { out } }: Context, paper: Paper): void {
  const { currency, tax } = paper;
  const sums = [
    ['usage', paper.usage],
    ['purchases', paper.purchases],
    ...paper.deductions.map(
      ({ source, sourceId, amount }) =>
        [
          ['paid by', source.replaceAll('_', ' '), sourceId ?? ''].join(' ').trim(),
          `-${amount}`,
        ] as const,
    ),
    ...(tax === null ? [] : [[`${tax.name}, ${tax.mode}`, tax.amount] as const]),
    ['total', paper.total],
    ['paid from the balance', paper.paidFromBalance],
    ['to pay', paper.due],
  ] as const;
  out.line('');
  out.line(
    renderTable(
      [
        { title: 'SUM', value: ([name]) => name },
        { title: currency, align: 'right', value: ([, amount]) => amount },
      ],
      sums,
      (text) => out.style('bold', text),
    ),
  );
}

export function printNotes(
  { terminal: { out } }: Context,
  { creditNotes, currency }: InvoiceDetail,
): void {
  if (creditNotes.length === 0) return;
  out.line('');
  out.line(
    renderTable(
      [
        { title: 'CREDIT NOTE', value: ({ number }) => number },
        { title: 'DAY', value: ({ issuedOn }) => issuedOn },
        { title: currency, align: 'right', value: ({ total }) => total },
        { title: 'REASON', value: ({ reason }) => reason },
      ],
      creditNotes,
      (text) => out.style('bold', text),
    ),
  );
}

const PURCHASES: Readonly<Record<string, string>> = {
  subscription: 'plan',
  unused: 'unused rest of plan',
  remaining: 'rest of the month of plan',
  savings_plan: 'savings plan',
};

function whatOf(line: Line): string {
  if (line.kind === 'purchase') {
    return `${PURCHASES[line.rate ?? ''] ?? 'purchase'} ${line.description}`;
  }
  const late = line.correctionOf === null ? [] : [`late, of ${line.correctionOf}`];
  const tier = line.serviceTier === 'default' ? [] : [line.serviceTier];
  const upTo = line.upTo === null ? [] : [`up to ${line.upTo}`];
  return [line.description, line.rate, ...tier, ...upTo, ...late]
    .filter((text) => text !== null)
    .join(', ');
}

function quantityOf({ kind, priced, units }: Line): string {
  if (kind === 'purchase') return '';
  return priced === units ? units : `${priced} (${units})`;
}
