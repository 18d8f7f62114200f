/**
 * What papers say, letter for letter: a change of any of these files is a change of what customers get.
 * `node --test --test-update-snapshots src/invoices/golden.test.ts` writes them anew.
 */
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { toCsv } from './csv.ts';
import type { InvoiceDocument } from './document.ts';
import { focusRows, focusRowsOfNote, toFocusCsv } from './focus.ts';
import { CHINESE_TERMS, SAMPLE_NOTE, SAMPLE_TAX, sampleDocument } from './invoices-fixture.ts';
import { readPdfText } from './pdf-text-fixture.ts';
import { renderPdf } from './pdf.ts';

const ACCOUNT = { tenantId: 'ten_1', tenantName: 'Acme' };
const golden = (name: string): string => join(import.meta.dirname, 'golden', name);
const plain = {
  serializers: [(text: unknown) => `${String(text).replaceAll('\r\n', '\n').trimEnd()}\n`],
};

const ENGLISH = sampleDocument();
const CHINESE = sampleDocument({
  terms: CHINESE_TERMS,
  taxRate: { ...SAMPLE_TAX, name: '增值税', mode: 'inclusive' },
});
describe('a paper', () => {
  for (const [name, document] of [
    ['invoice-en', ENGLISH],
    ['invoice-zh', CHINESE],
  ] as const) {
    it(`reads as ${name}.txt does, in its PDF`, async (context) => {
      context.assert.fileSnapshot(await textOf(document), golden(`${name}.txt`), plain);
    });
  }

  it('that is a credit note reads as credit-note.txt does, in its PDF', async (context) => {
    const text = readPdfText(await renderPdf({ kind: 'credit_note', document: SAMPLE_NOTE }));
    context.assert.fileSnapshot(text, golden('credit-note.txt'), plain);
  });

  it('is invoice.csv as a CSV, and invoice.focus.csv as FOCUS', (context) => {
    context.assert.fileSnapshot(toCsv(ENGLISH), golden('invoice.csv'), plain);
    const focus = toFocusCsv(focusRows(ENGLISH, ACCOUNT));
    context.assert.fileSnapshot(focus, golden('invoice.focus.csv'), plain);
    const note = toFocusCsv(focusRowsOfNote(SAMPLE_NOTE, ACCOUNT, '2026-12-09T00:00:00.000Z'));
    context.assert.fileSnapshot(note, golden('credit-note.focus.csv'), plain);
  });
});

async function textOf(document: InvoiceDocument): Promise<string> {
  return readPdfText(await renderPdf({ kind: 'invoice', document }));
}
