/**
 * Numbers of invoices and credit notes: one series for each kind and year of issue, counted without gaps.
 * Pure; the counting is one row of `invoice_series`, raised in the very transaction that makes the paper,
 * so that a number exists if and only if its paper does.
 */
export type DocumentKind = 'invoice' | 'credit_note';

const PREFIX: Readonly<Record<DocumentKind, string>> = { invoice: 'INV', credit_note: 'CRN' };

/** `INV-2026`: by the year in which the paper is dated. */
export function seriesOf(kind: DocumentKind, issuedOn: string): string {
  return `${PREFIX[kind]}-${issuedOn.slice(0, 4)}`;
}

/** `INV-2026-000042`; a seventh digit comes by itself. */
export function formatNumber(series: string, position: number): string {
  return `${series}-${String(position).padStart(6, '0')}`;
}

/** Null when it is none of ours. */
export function parseNumber(number: string): Readonly<{ series: string; position: number }> | null {
  const match = /^((?:INV|CRN)-\d{4})-(\d{6,})$/.exec(number);
  if (match === null) return null;
  return { series: match[1] ?? '', position: Number(match[2]) };
}
