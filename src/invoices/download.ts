/** Papers as files: PDF, CSV, FOCUS and JSON, all made of the document alone. */
import { dateAt } from './period.ts';
import type { InvoiceDetail, InvoiceFormat } from './api.ts';
import { toCsv } from './csv.ts';
import { type StatementDocument, serialize } from './document.ts';
import { focusRows, focusRowsOfNote, toFocusCsv } from './focus.ts';
import type { StoredNote } from './note-store.ts';
import { renderPdf } from './pdf.ts';
import { readNoteDocument } from './present.ts';

export type Download = Readonly<{ name: string; contentType: string; bytes: Uint8Array }>;

const TYPES: Readonly<Record<InvoiceFormat, string>> = {
  pdf: 'application/pdf',
  csv: 'text/csv; charset=utf-8',
  focus: 'text/csv; charset=utf-8',
  json: 'application/json',
};

export async function downloadInvoice(
  { document, tenantId, tenantName }: InvoiceDetail,
  format: InvoiceFormat,
): Promise<Download> {
  const file = (bytes: Uint8Array) => download(document.number, format, bytes);
  if (format === 'pdf') return file(await renderPdf({ kind: 'invoice', document }));
  if (format === 'csv') return file(Buffer.from(toCsv(document)));
  if (format === 'json') return file(Buffer.from(serialize(document)));
  return file(Buffer.from(toFocusCsv(focusRows(document, { tenantId, tenantName }))));
}

export async function downloadPreview(
  document: StatementDocument,
  account: Readonly<{ tenantId: string; tenantName: string }>,
  format: InvoiceFormat,
): Promise<Download> {
  const file = (bytes: Uint8Array) => download(`preview-${document.period.label}`, format, bytes);
  if (format === 'pdf') return file(await renderPdf({ kind: 'preview', document }));
  if (format === 'csv') return file(Buffer.from(toCsv(document)));
  if (format === 'json') return file(Buffer.from(`${JSON.stringify(document, null, 2)}\n`));
  return file(Buffer.from(toFocusCsv(focusRows(document, account))));
}

export async function downloadNote(
  note: StoredNote,
  tenantName: string,
  format: InvoiceFormat,
): Promise<Download> {
  const document = readNoteDocument(note);
  const file = (bytes: Uint8Array) => download(document.number, format, bytes);
  if (format === 'pdf') return file(await renderPdf({ kind: 'credit_note', document }));
  if (format === 'json') return file(Buffer.from(serialize(document)));
  const account = { tenantId: note.tenantId, tenantName };
  const issuedAt = `${dateAt(note.issuedAtMs, 'UTC')}T00:00:00.000Z`;
  return file(Buffer.from(toFocusCsv(focusRowsOfNote(document, account, issuedAt))));
}

function download(number: string, format: InvoiceFormat, bytes: Uint8Array): Download {
  const extension = format === 'focus' ? 'focus.csv' : format;
  return { name: `${number}.${extension}`, contentType: TYPES[format], bytes };
}
