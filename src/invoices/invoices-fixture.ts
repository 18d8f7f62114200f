/** For tests: a paper with every kind of line, and usage as a port that answers what it was told. */
import { amortise } from './amortise.ts';
import {
  type CreditNoteDocument,
  type InvoiceDocument,
  type PaperTerms,
  toStatementDocument,
} from './document.ts';
import { firstPeriod } from './period.ts';
import { createStatement } from './statement.ts';
import type { Purchase, SourceSum, UsageLine } from './usage-lines.ts';
import type { TaxRate } from './tax.ts';

export function lineOf(changes: Partial<UsageLine> = {}): UsageLine {
  const line = {
    modelId: 'mdl_1',
    modelName: 'flywheel/tiny',
    serviceTier: 'default',
    unit: 'token',
    direction: 'input',
    rate: 'token/input',
    upTo: null,
    eachPico: 2_000_000n,
    priced: 1_000n,
    calls: 1,
    correctionOf: null,
    ...changes,
  };
  const units = changes.units ?? line.priced;
  return { ...line, units, amountPico: changes.amountPico ?? line.eachPico * line.priced };
}

/** A month of two models, an image, a package, a late call and a plan. */
export const SAMPLE_LINES: readonly UsageLine[] = [
  lineOf({
    modelName: 'qwen/qwen3-max',
    modelId: 'mdl_q',
    priced: 41_237_412n,
    eachPico: 2_500_000n,
    calls: 18_204,
  }),
  lineOf({
    modelName: 'qwen/qwen3-max',
    modelId: 'mdl_q',
    direction: 'cache_read',
    rate: 'token/cache_read',
    priced: 9_120_000n,
    eachPico: 500_000n,
    calls: 9_000,
  }),
  lineOf({
    modelName: 'qwen/qwen3-max',
    modelId: 'mdl_q',
    direction: 'output',
    rate: 'token/output',
    upTo: 32_000,
    priced: 6_018_113n,
    eachPico: 10_000_000n,
    calls: 18_204,
  }),
  lineOf({ modelName: 'flywheel/tiny', priced: 712_003n, eachPico: 333_333n, calls: 420 }),
  lineOf({
    modelName: 'flywheel/tiny',
    direction: 'output',
    rate: 'token/output',
    priced: 98_412n,
    eachPico: 1_000_001n,
    calls: 420,
  }),
  lineOf({
    modelName: 'flywheel/tiny',
    serviceTier: 'batch',
    priced: 1_500_000n,
    eachPico: 166_666n,
    calls: 12,
  }),
  lineOf({
    modelName: 'wan/image',
    modelId: 'mdl_w',
    unit: 'image',
    direction: 'output',
    rate: 'image/output/1024x1024',
    priced: 37n,
    eachPico: 140_000_000_000n,
    calls: 37,
  }),
  lineOf({
    modelName: 'paraformer/asr',
    modelId: 'mdl_p',
    unit: 'second',
    rate: 'second/input',
    priced: 3_725_450n,
    eachPico: 80_000n,
    calls: 61,
  }),
  lineOf({
    modelName: 'wan/search',
    modelId: 'mdl_s',
    unit: 'request',
    rate: 'request/input',
    priced: 3n,
    units: 2_150n,
    eachPico: 5_000_000_000_000n,
    calls: 2_150,
  }),
  lineOf({
    modelName: 'flywheel/tiny',
    correctionOf: '2026-10-31',
    priced: 4_000n,
    eachPico: 333_333n,
    calls: 2,
  }),
];

export const SAMPLE_PURCHASES: readonly Purchase[] = [
  {
    id: 'pch_1',
    kind: 'subscription',
    subjectId: 'sub_1',
    name: 'Coding plan',
    amountPico: 200_000_000_000_000n,
    atMs: Date.UTC(2026, 10, 3),
    serviceFromMs: Date.UTC(2026, 10, 3),
    serviceToMs: Date.UTC(2026, 11, 3),
  },
];

export const SAMPLE_TERMS: PaperTerms = {
  seller: {
    name: 'Flywheel Cloud Ltd.',
    address: ['88 Century Avenue', 'Pudong, Shanghai 200120'],
    taxId: '91310115MA1K4XXXXX',
    email: 'billing@flywheel.example',
  },
  buyer: {
    name: 'Acme Robotics',
    address: ['1 Infinite Way', 'Hangzhou 310000'],
    taxId: '91330100MA2XXXXX7Q',
    email: 'ap@acme.example',
  },
  language: 'en',
  mode: 'postpaid',
  dueDays: 30,
};

export const SAMPLE_TAX: TaxRate = {
  effectiveFromMs: 0,
  name: 'VAT',
  mode: 'exclusive',
  ratePpm: 60_000,
  reason: '',
};

export const CHINESE_TERMS: PaperTerms = {
  seller: {
    name: '飞轮云计算（上海）有限公司',
    address: ['上海市浦东新区世纪大道 88 号'],
    taxId: '91310115MA1K4XXXXX',
    email: 'billing@flywheel.example',
  },
  buyer: {
    name: '杭州阿克梅机器人有限公司',
    address: ['杭州市余杭区文一西路 969 号'],
    taxId: '91330100MA2XXXXX7Q',
    email: 'ap@acme.example',
  },
  language: 'zh-CN',
  mode: 'prepaid',
  dueDays: 0,
};

export const SAMPLE_NOTE: CreditNoteDocument = {
  kind: 'credit_note',
  number: 'CRN-2026-000007',
  invoiceNumber: 'INV-2026-000042',
  issuedOn: '2026-12-09',
  currency: 'CNY',
  minorDigits: 2,
  language: 'en',
  seller: SAMPLE_TERMS.seller,
  buyer: SAMPLE_TERMS.buyer,
  reason: 'An outage of two hours on 3 December',
  net: '12.50',
  tax: { name: 'VAT', mode: 'exclusive', ratePpm: 60_000, reason: '', amount: '0.75' },
  total: '13.25',
};

export function sampleDocument(
  changes: Readonly<{
    terms?: PaperTerms;
    taxRate?: TaxRate | null;
    lines?: readonly UsageLine[];
    sources?: readonly SourceSum[];
    purchases?: readonly Purchase[];
  }> = {},
): InvoiceDocument {
  const lines = changes.lines ?? SAMPLE_LINES;
  const total = lines.reduce((sum, line) => sum + line.amountPico, 0n);
  const sources = changes.sources ?? [
    { source: 'free_quota' as const, sourceId: 'quota_tiny', amountPico: 300_000_000_000n },
    { source: 'grant' as const, sourceId: 'grt_welcome', amountPico: 25_000_000_000_000n },
    { source: 'cash' as const, sourceId: null, amountPico: total - 25_300_000_000_000n },
  ];
  const period = firstPeriod(Date.UTC(2026, 10, 15), 'Asia/Shanghai');
  const purchases = changes.purchases ?? SAMPLE_PURCHASES;
  const statement = createStatement({
    currency: 'CNY',
    minorDigits: 2,
    usage: { lines, sources },
    purchases,
    taxRate: changes.taxRate === undefined ? SAMPLE_TAX : changes.taxRate,
  });
  const bought = purchases.map((purchase) => ({ ...purchase, facePico: null }));
  const amortised = amortise(bought, new Map(), period);
  const terms = changes.terms ?? SAMPLE_TERMS;
  return {
    kind: 'invoice',
    number: 'INV-2026-000042',
    ...toStatementDocument({ statement, period, terms, amortised }),
  };
}
