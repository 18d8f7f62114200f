/** What holds for every FOCUS export and every paper, on one with every kind of line. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import { parseAmount, sum } from '#ledger/money.ts';
import { toCsv } from './csv.ts';
import { FOCUS_COLUMNS, focusRows, toFocusCsv } from './focus.ts';
import { CHINESE_TERMS, SAMPLE_TAX, sampleDocument } from './invoices-fixture.ts';
import { renderPdf } from './pdf.ts';

const ACCOUNT = { tenantId: 'ten_1', tenantName: 'Acme' };
const PAPERS = [
  sampleDocument(),
  sampleDocument({ terms: CHINESE_TERMS, taxRate: { ...SAMPLE_TAX, mode: 'inclusive' } }),
  sampleDocument({ taxRate: null }),
];
/** A product of two decimals, exactly, at 24 places. */
const product = (a: string, b: string): bigint => parseAmount(a) * parseAmount(b);

describe('a FOCUS export', () => {
  it('bills in all what is payable on the invoice', () => {
    for (const paper of PAPERS) {
      const rows = focusRows(paper, ACCOUNT);
      assert.equal(
        sum(rows.map((row) => parseAmount(row.BilledCost ?? ''))),
        parseAmount(paper.total),
      );
      assert.ok(rows.every(({ InvoiceId }) => InvoiceId === paper.number));
    }
  });

  it('has costs that are unit price × quantity, exactly', () => {
    let priced = 0;
    for (const row of PAPERS.flatMap((paper) => focusRows(paper, ACCOUNT))) {
      if (row.PricingQuantity === undefined) continue;
      priced += 1;
      const { ListCost = '', ContractedCost = '', PricingQuantity } = row;
      const one = parseAmount('1');
      assert.equal(product(row.ListUnitPrice ?? '', PricingQuantity), parseAmount(ListCost) * one);
      assert.equal(
        product(row.ContractedUnitPrice ?? '', PricingQuantity),
        parseAmount(ContractedCost) * one,
      );
    }
    assert.ok(priced > 20);
  });

  it('marks corrections, and costs purchases in advance nothing until they are used', () => {
    const rows = focusRows(sampleDocument(), ACCOUNT);
    const late = rows.filter(({ ChargeClass }) => ChargeClass === 'Correction');
    assert.deepEqual(
      late.map((row) => row.x_CorrectionOf),
      ['2026-10-31'],
    );
    const bought = rows.filter(({ ChargeCategory }) => ChargeCategory === 'Purchase');
    assert.deepEqual(
      bought.map((row) => row.EffectiveCost),
      ['0'],
    );
    const parsed: readonly object[] = parse(toFocusCsv(rows), { columns: true });
    assert.deepEqual(Object.keys(parsed[0] ?? {}), [...FOCUS_COLUMNS]);
    assert.equal(parsed.length, rows.length);
  });
});

describe('a CSV', () => {
  it('sums to the total', () => {
    for (const paper of PAPERS) {
      const rows: readonly Record<string, string>[] = parse(toCsv(paper), { columns: true });
      assert.equal(
        sum(rows.map((row) => parseAmount(row['amount'] ?? ''))),
        parseAmount(paper.total),
      );
    }
  });
});

describe('a PDF', () => {
  it('is the same bytes each time, in English and in Chinese', async () => {
    for (const document of PAPERS) {
      const first = await renderPdf({ kind: 'invoice', document });
      assert.equal(first.subarray(0, 5).toString(), '%PDF-');
      assert.ok(first.equals(await renderPdf({ kind: 'invoice', document })));
    }
  });
});
