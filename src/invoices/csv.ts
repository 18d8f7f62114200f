/** A paper as CSV, one row for each line, deduction and tax. Pure; the amounts of the rows sum to the total. */
import { stringify } from 'csv-stringify/sync';
import type { InvoiceDocument, StatementDocument } from './document.ts';

const COLUMNS = [
  'invoice',
  'period',
  'kind',
  'model',
  'description',
  'service_tier',
  'unit',
  'direction',
  'up_to',
  'units',
  'priced',
  'unit_price',
  'exact_amount',
  'amount',
  'currency',
  'calls',
  'correction_of',
] as const;

type Row = Readonly<Partial<Record<(typeof COLUMNS)[number], string | number | null>>>;

export function toCsv(
  document: StatementDocument & Partial<Pick<InvoiceDocument, 'number'>>,
): string {
  const same = {
    invoice: document.number ?? '',
    period: document.period.label,
    currency: document.currency,
  };
  const rows: Row[] = [
    ...document.lines.map((line) => ({
      ...same,
      kind: line.kind,
      model: asText(line.model ?? ''),
      description: asText(line.description),
      service_tier: line.serviceTier,
      unit: line.unit,
      direction: line.direction,
      up_to: line.upTo,
      units: line.units,
      priced: line.priced,
      unit_price: line.unitPrice,
      exact_amount: line.exactAmount,
      amount: line.amount,
      calls: line.calls,
      correction_of: line.correctionOf,
    })),
    ...document.deductions.map((part) => ({
      ...same,
      kind: part.source,
      description: part.sourceId ?? '',
      exact_amount: negated(part.exactAmount),
      amount: negated(part.amount),
    })),
  ];
  const { tax } = document;
  if (tax !== null && tax.mode === 'exclusive') {
    rows.push({ ...same, kind: 'tax', description: asText(tax.name), amount: tax.amount });
  }
  return stringify([...rows], { header: true, columns: [...COLUMNS], record_delimiter: '\r\n' });
}

function negated(amount: string): string {
  if (/^-?0(\.0+)?$/.test(amount)) return amount;
  return amount.startsWith('-') ? amount.slice(1) : `-${amount}`;
}

/** A spreadsheet runs what begins with these; a name of a stranger must not. */
function asText(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
