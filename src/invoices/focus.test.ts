/** What holds for every FOCUS export and every paper, rule by rule, on papers with every kind of line. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { formatAmount, parseAmount, sum } from '#ledger/money.ts';
import { amortise } from './amortise.ts';
import { toCsv } from './csv.ts';
import type { InvoiceDocument } from './document.ts';
import { FOCUS_COLUMNS, type FocusRow, focusRows, focusRowsOfNote, toFocusCsv } from './focus.ts';
import {
  CHINESE_TERMS,
  SAMPLE_NOTE as NOTE,
  SAMPLE_TAX,
  sampleDocument,
} from './invoices-fixture.ts';
import { renderPdf } from './pdf.ts';

const ACCOUNT = { tenantId: 'ten_1', tenantName: 'Acme' };
const PLAN = {
  id: 'pch_1',
  kind: 'subscription',
  subjectId: 'sub_1',
  name: 'Small',
  amountPico: parseAmount('100'),
  atMs: 10,
  serviceFromMs: Date.UTC(2026, 10, 3),
  serviceToMs: Date.UTC(2026, 11, 3),
} as const;
/** A plan that was changed for a larger one. */
const CHANGED = [
  PLAN,
  { ...PLAN, id: 'pch_2', kind: 'unused', amountPico: parseAmount('-66.67') },
  { ...PLAN, id: 'pch_3', kind: 'remaining', name: 'Large', amountPico: parseAmount('266.66') },
] as const;
const SAVED = { ...PLAN, id: 'pch_4', kind: 'savings_plan', subjectId: 'grt_4' } as const;

/** A savings plan that ended in the month, with some of it unused. */
function withSavings(): InvoiceDocument {
  const paper = sampleDocument({ purchases: [SAVED] });
  const ended = { ...SAVED, facePico: parseAmount('110'), serviceToMs: Date.UTC(2026, 10, 20) };
  const drawn = new Map([['grt_4', { beforePico: 0n, untilPico: parseAmount('77') }]]);
  const span = { fromMs: Date.parse(paper.period.from), toMs: Date.parse(paper.period.to) };
  const amortised = amortise([ended], drawn, span).map(({ costPico, ...each }) => ({
    ...each,
    cost: formatAmount(costPico),
  }));
  return { ...paper, amortised };
}

const purchaseInTime = fc
  .record({
    amountPico: fc.bigInt({ min: 1n, max: 10n ** 15n }),
    isSavings: fc.boolean(),
    cuts: fc.array(fc.integer({ min: 1, max: 1_500_000 }), { maxLength: 6 }),
    draws: fc.array(
      fc.tuple(fc.integer({ min: 10, max: 999_999 }), fc.bigInt({ min: 0n, max: 10n ** 14n })),
      { maxLength: 6 },
    ),
  })
  .map(({ isSavings, draws, ...rest }) => {
    const drawnPico = sum(draws.map(([, pico]) => pico));
    const facePico = isSavings ? drawnPico + rest.amountPico : null;
    return { ...rest, draws, facePico };
  });

const PAPERS = [
  sampleDocument({ purchases: CHANGED }),
  withSavings(),
  sampleDocument(),
  sampleDocument({ terms: CHINESE_TERMS, taxRate: { ...SAMPLE_TAX, mode: 'inclusive' } }),
  sampleDocument({ taxRate: null }),
];
const ROWS = PAPERS.flatMap((paper) => focusRows(paper, ACCOUNT));
const NOTES = focusRowsOfNote(NOTE, ACCOUNT, '2026-12-09T08:15:30.000Z');

/** Exactly: both at 24 places. */
const isProduct = (price: string, quantity: string, cost: string): boolean =>
  parseAmount(price) * parseAmount(quantity) === parseAmount(cost) * parseAmount('1');
const isDecimal = (text: string | undefined): boolean => /^-?\d+(\.\d+)?$/.test(text ?? '');
const isPositive = (text: string | undefined): boolean => parseAmount(text ?? '0') > 0n;
const isNull = (text: string | undefined): boolean => text === undefined || text === '';
const isCorrection = (row: FocusRow): boolean => row.ChargeClass === 'Correction';
const isPriced = ({ ChargeCategory = '' }: FocusRow): boolean =>
  ['Usage', 'Purchase'].includes(ChargeCategory);
const isCommitted = (row: FocusRow): boolean => !isNull(row.CommitmentDiscountId);

/** Of each row, as the columns of the specification 1.2 say it; the name of the column comes first. */
const RULES: Readonly<Record<string, (row: FocusRow) => boolean>> = {
  'BilledCost, EffectiveCost, ListCost, ContractedCost: decimals, never null': (row) =>
    [row.BilledCost, row.EffectiveCost, row.ListCost, row.ContractedCost].every(isDecimal),
  'BillingCurrency: three letters, the same as PricingCurrency, for one currency is all there is': (
    row,
  ) => /^[A-Z]{3}$/.test(row.BillingCurrency ?? '') && row.PricingCurrency === row.BillingCurrency,
  'BillingAccountId, BillingAccountType: never null': (row) =>
    !isNull(row.BillingAccountId) && !isNull(row.BillingAccountType),
  'InvoiceIssuerName, ProviderName, PublisherName, ServiceName: never null': (row) =>
    ![row.InvoiceIssuerName, row.ProviderName, row.PublisherName, row.ServiceName].some(isNull),
  'ServiceCategory and ServiceSubcategory: a pair of the list': (row) =>
    row.ServiceCategory === 'AI and Machine Learning' && row.ServiceSubcategory === 'Generative AI',
  'BillingPeriod*, ChargePeriod*: YYYY-MM-DDTHH:mm:ssZ, the start before the end': (row) =>
    [
      row.BillingPeriodStart,
      row.BillingPeriodEnd,
      row.ChargePeriodStart,
      row.ChargePeriodEnd,
    ].every((time) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(time ?? '')) &&
    (row.BillingPeriodStart ?? '') < (row.BillingPeriodEnd ?? '') &&
    (row.ChargePeriodStart ?? '') < (row.ChargePeriodEnd ?? ''),
  'ChargePeriod*: within the BillingPeriod, unless it corrects one that was invoiced before': (
    row,
  ) =>
    isCorrection(row) ||
    ((row.ChargePeriodStart ?? '') >= (row.BillingPeriodStart ?? '') &&
      (row.ChargePeriodEnd ?? '') <= (row.BillingPeriodEnd ?? '')),
  'ChargeCategory: of the list, never null': ({ ChargeCategory = '' }) =>
    ['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'].includes(ChargeCategory),
  'ChargeClass: Correction or null': ({ ChargeClass }) =>
    isNull(ChargeClass) || ChargeClass === 'Correction',
  'ChargeDescription: not null': (row) => !isNull(row.ChargeDescription),
  'ChargeFrequency: of the list; no purchase is Usage-Based': (row) =>
    ['One-Time', 'Recurring', 'Usage-Based'].includes(row.ChargeFrequency ?? '') &&
    !(row.ChargeCategory === 'Purchase' && row.ChargeFrequency === 'Usage-Based'),
  'ListUnitPrice, ContractedUnitPrice: not negative; null of tax, not null of usage and purchases':
    (row) =>
      [row.ListUnitPrice, row.ContractedUnitPrice].every((price) =>
        isNull(price) ? !isPriced(row) || isCorrection(row) : parseAmount(price ?? '') >= 0n,
      ) && !(row.ChargeCategory === 'Tax' && !isNull(row.ListUnitPrice)),
  'PricingQuantity, PricingUnit: null of tax, not null of usage and purchases, and together': (
    row,
  ) =>
    isNull(row.PricingQuantity) === isNull(row.PricingUnit) &&
    isNull(row.PricingQuantity) === !isPriced(row),
  'ListCost, ContractedCost: unit price × PricingQuantity, exactly': (row) =>
    isNull(row.PricingQuantity) ||
    (isProduct(row.ListUnitPrice ?? '', row.PricingQuantity ?? '', row.ListCost ?? '') &&
      isProduct(
        row.ContractedUnitPrice ?? '',
        row.PricingQuantity ?? '',
        row.ContractedCost ?? '',
      )),
  'PricingCategory: Committed where a commitment is used, else Standard; null of tax': (row) =>
    isPriced(row)
      ? row.PricingCategory ===
        (row.ChargeCategory === 'Usage' && isCommitted(row) ? 'Committed' : 'Standard')
      : isNull(row.PricingCategory),
  'PricingCurrency*: the same numbers, because nothing is converted': (row) =>
    row.PricingCurrencyEffectiveCost === row.EffectiveCost &&
    row.PricingCurrencyListUnitPrice === row.ListUnitPrice &&
    row.PricingCurrencyContractedUnitPrice === row.ContractedUnitPrice,
  'ConsumedQuantity, ConsumedUnit: positive and together of usage, null of all else': (row) => {
    const isUsed = row.ChargeCategory === 'Usage' && row.CommitmentDiscountStatus !== 'Unused';
    return isUsed
      ? isPositive(row.ConsumedQuantity) && !isNull(row.ConsumedUnit)
      : isNull(row.ConsumedQuantity) && isNull(row.ConsumedUnit);
  },
  'CommitmentDiscount{Category,Type,Name}: null exactly where the id is': (row) =>
    [row.CommitmentDiscountCategory, row.CommitmentDiscountType, row.CommitmentDiscountName].every(
      (text) => isNull(text) === !isCommitted(row),
    ),
  'CommitmentDiscountStatus: Used or Unused of usage, null of all else': (row) =>
    isCommitted(row) && row.ChargeCategory === 'Usage'
      ? ['Used', 'Unused'].includes(row.CommitmentDiscountStatus ?? '')
      : isNull(row.CommitmentDiscountStatus),
  'CommitmentDiscountQuantity, CommitmentDiscountUnit: positive of its usage and purchase': (row) =>
    isCommitted(row) && isPriced(row)
      ? isPositive(row.CommitmentDiscountQuantity) && !isNull(row.CommitmentDiscountUnit)
      : isNull(row.CommitmentDiscountQuantity) && isNull(row.CommitmentDiscountUnit),
  'EffectiveCost: 0 of a purchase for what comes later': (row) =>
    !(row.ChargeCategory === 'Purchase' && isCommitted(row)) || row.EffectiveCost === '0',
  'SkuId, SkuPriceId: not null of usage and purchases': (row) =>
    !isPriced(row) || ![row.SkuId, row.SkuPriceId].some(isNull),
};

describe('a row of a FOCUS export', () => {
  for (const [rule, holds] of Object.entries(RULES)) {
    it(rule, () => {
      for (const row of [...ROWS, ...NOTES]) assert.ok(holds(row), JSON.stringify(row));
    });
  }
});

describe('a FOCUS export', () => {
  it('has a row of every kind, so that the rules were asked', () => {
    const kinds = new Set(ROWS.map((row) => row.ChargeCategory));
    assert.deepEqual(kinds, new Set(['Usage', 'Purchase', 'Adjustment', 'Credit', 'Tax']));
    assert.deepEqual(
      new Set(ROWS.map((row) => row.CommitmentDiscountStatus ?? '')),
      new Set(['', 'Used', 'Unused']),
    );
  });

  it('bills in all what is payable on the invoice, and a note what it gives back', () => {
    const billed = (rows: readonly FocusRow[]) =>
      sum(rows.map((row) => parseAmount(row.BilledCost ?? '')));
    for (const paper of PAPERS) {
      const rows = focusRows(paper, ACCOUNT);
      assert.equal(billed(rows), parseAmount(paper.total));
      assert.ok(rows.every(({ InvoiceId }) => InvoiceId === paper.number));
    }
    assert.equal(billed(NOTES), -parseAmount(NOTE.total));
  });

  it('costs in effect what was used: usage less credits, exactly, tax, and what was used of purchases', () => {
    for (const paper of PAPERS) {
      const effective = sum(
        focusRows(paper, ACCOUNT).map((row) => parseAmount(row.EffectiveCost ?? '')),
      );
      const exact = (of: readonly Readonly<{ exactAmount: string }>[]) =>
        sum(of.map(({ exactAmount }) => parseAmount(exactAmount)));
      const tax = paper.tax?.mode === 'exclusive' ? parseAmount(paper.tax.amount) : 0n;
      const used = sum(paper.amortised.map(({ cost }) => parseAmount(cost)));
      const usage = exact(paper.lines.filter(({ kind }) => kind !== 'purchase'));
      assert.equal(effective, usage - exact(paper.deductions) + tax + used);
    }
  });

  it('marks corrections with the day of their calls', () => {
    const late = focusRows(sampleDocument(), ACCOUNT).filter(isCorrection);
    assert.deepEqual(
      late.map((row) => [row.x_CorrectionOf, row.ChargePeriodStart, row.ChargePeriodEnd]),
      [['2026-10-31', '2026-10-31T00:00:00Z', '2026-11-01T00:00:00Z']],
    );
  });

  it('has the columns of the specification, and ours with their prefix', () => {
    const parsed: readonly object[] = parse(toFocusCsv(ROWS), { columns: true });
    assert.deepEqual(Object.keys(parsed[0] ?? {}), [...FOCUS_COLUMNS]);
    assert.equal(parsed.length, ROWS.length);
    const own = FOCUS_COLUMNS.filter((name) => !/^[A-Z]/.test(name));
    assert.ok(own.length > 0 && own.every((name) => name.startsWith('x_')));
  });
});

describe('what is used of a purchase', () => {
  it('sums over all periods to what was paid, to the last pico, in whatever months it falls', () => {
    fc.assert(
      fc.property(purchaseInTime, ({ amountPico, facePico, cuts, draws }) => {
        const bounds = [0, ...cuts.toSorted((a, b) => a - b), 2_000_000];
        const bought = { ...PLAN, amountPico, facePico, serviceFromMs: 10, serviceToMs: 1_000_000 };
        const drawnUntil = (atMs: number): bigint =>
          sum(draws.map(([whenMs, pico]) => (whenMs < atMs ? pico : 0n)));
        let total = 0n;
        for (const [index, fromMs] of bounds.slice(0, -1).entries()) {
          const toMs = bounds[index + 1] ?? fromMs;
          const drawn = { beforePico: drawnUntil(fromMs), untilPico: drawnUntil(toMs) };
          const shares = amortise([bought], new Map([[bought.subjectId, drawn]]), { fromMs, toMs });
          total += sum(shares.map(({ costPico }) => costPico));
        }
        assert.equal(total, amountPico);
      }),
    );
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
