/**
 * A paper in the columns of FOCUS 1.2 (focus.finops.org/focus-specification/v1-2), the open format of cloud
 * bills. Pure. What holds for every export, and is tested rule by rule: the BilledCost of one InvoiceId sums
 * to what is payable; ListCost and ContractedCost are unit price × quantity exactly; what was bought in
 * advance costs nothing when it is bought and has its EffectiveCost where it is used, or ends unused; calls
 * of a closed period carry ChargeClass "Correction"; columns of our own begin with `x_`.
 */
import { stringify } from 'csv-stringify/sync';
import { formatAmount, parseAmount } from '#ledger/money.ts';
import type {
  CreditNoteDocument,
  InvoiceDocument,
  InvoiceLine,
  StatementDocument,
} from './document.ts';
import { consumedQuantity, exactQuantity, isPackaged } from './quantity.ts';

export const FOCUS_COLUMNS = [
  'AvailabilityZone',
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingAccountType',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'CapacityReservationId',
  'CapacityReservationStatus',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargeFrequency',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'CommitmentDiscountCategory',
  'CommitmentDiscountId',
  'CommitmentDiscountName',
  'CommitmentDiscountQuantity',
  'CommitmentDiscountStatus',
  'CommitmentDiscountType',
  'CommitmentDiscountUnit',
  'ConsumedQuantity',
  'ConsumedUnit',
  'ContractedCost',
  'ContractedUnitPrice',
  'EffectiveCost',
  'InvoiceId',
  'InvoiceIssuerName',
  'ListCost',
  'ListUnitPrice',
  'PricingCategory',
  'PricingCurrency',
  'PricingCurrencyContractedUnitPrice',
  'PricingCurrencyEffectiveCost',
  'PricingCurrencyListUnitPrice',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'RegionId',
  'RegionName',
  'ResourceId',
  'ResourceName',
  'ResourceType',
  'ServiceCategory',
  'ServiceName',
  'ServiceSubcategory',
  'SkuId',
  'SkuMeter',
  'SkuPriceDetails',
  'SkuPriceId',
  'SubAccountId',
  'SubAccountName',
  'SubAccountType',
  'Tags',
  'x_Calls',
  'x_CorrectionOf',
  'x_ExactCost',
  'x_ServiceTier',
  'x_TaxIncluded',
] as const;

type Column = (typeof FOCUS_COLUMNS)[number];
export type FocusRow = Readonly<Partial<Record<Column, string>>>;

type Account = Readonly<{ tenantId: string; tenantName: string }>;

const UNIT_NAMES: Readonly<Record<string, string>> = {
  token: 'Tokens',
  character: 'Characters',
  second: 'Seconds',
  image: 'Images',
  video_second: 'Seconds',
  page: 'Pages',
  request: 'Requests',
  gb_day: 'GB-Days',
  gpu_hour: 'GPU-Hours',
  training_token: 'Tokens',
};

/** A number is null for a preview, which belongs to no invoice yet. */
export function focusRows(
  document: StatementDocument & Partial<Pick<InvoiceDocument, 'number'>>,
  account: Account,
): readonly FocusRow[] {
  const same = { ...sameOf(document, account, document.number ?? ''), ...periodOf(document) };
  const rows: FocusRow[] = document.lines.map((line) =>
    line.kind === 'purchase' ? purchaseRow(same, line) : usageRow(same, document, line),
  );
  for (const part of document.deductions) {
    rows.push({
      ...same,
      ...costs({ billed: minus(part.amount), effective: minus(part.exactAmount) }),
      ChargeCategory: 'Credit',
      ChargeFrequency: 'Usage-Based',
      ChargeDescription: [part.source, part.sourceId].filter((text) => text !== null).join(' '),
    });
  }
  for (const part of document.amortised) rows.push(amortisedRow(same, document, part));
  const { tax } = document;
  if (tax !== null && tax.mode === 'exclusive') {
    rows.push({
      ...same,
      ...costs({ billed: tax.amount, effective: tax.amount }),
      ChargeCategory: 'Tax',
      ChargeFrequency: 'Recurring',
      ChargeDescription: tax.name,
    });
  }
  return rows;
}

/** A credit note takes back what an invoice of a closed period asked for. */
export function focusRowsOfNote(
  note: CreditNoteDocument,
  account: Account,
  issuedAt: string,
): readonly FocusRow[] {
  const amount = minus(note.total);
  return [
    {
      ...sameOf(note, account, note.number),
      // A note stands by itself: the day it was issued.
      BillingPeriodStart: instant(issuedAt),
      BillingPeriodEnd: after(issuedAt.slice(0, 10)),
      ChargePeriodStart: instant(issuedAt),
      ChargePeriodEnd: after(issuedAt.slice(0, 10)),
      ...costs({ billed: amount, effective: amount }),
      ChargeCategory: 'Credit',
      ChargeClass: 'Correction',
      ChargeFrequency: 'One-Time',
      ChargeDescription: `${note.invoiceNumber}: ${note.reason}`,
    },
  ];
}

export function toFocusCsv(rows: readonly FocusRow[]): string {
  return stringify([...rows], {
    header: true,
    columns: [...FOCUS_COLUMNS],
    record_delimiter: '\r\n',
  });
}

function sameOf(
  document: Readonly<{ currency: string; seller: Readonly<{ name: string }> }>,
  { tenantId, tenantName }: Account,
  invoiceId: string,
): FocusRow {
  return {
    BillingAccountId: tenantId,
    BillingAccountName: tenantName,
    BillingAccountType: 'Tenant',
    BillingCurrency: document.currency,
    PricingCurrency: document.currency,
    InvoiceId: invoiceId,
    InvoiceIssuerName: document.seller.name,
    ProviderName: document.seller.name,
    PublisherName: document.seller.name,
    ServiceCategory: 'AI and Machine Learning',
    ServiceSubcategory: 'Generative AI',
    ServiceName: 'Model inference',
  };
}

function periodOf({ period }: StatementDocument): FocusRow {
  return {
    BillingPeriodStart: instant(period.from),
    BillingPeriodEnd: instant(period.to),
    ChargePeriodStart: instant(period.from),
    ChargePeriodEnd: instant(period.to),
  };
}

/** Costs of rows that have no price: all of them are what was billed, before rounding. */
function costs(of: Readonly<{ billed: string; effective: string }>): FocusRow {
  return {
    BilledCost: of.billed,
    EffectiveCost: of.effective,
    ListCost: of.effective,
    ContractedCost: of.effective,
    PricingCurrencyEffectiveCost: of.effective,
    x_ExactCost: of.effective,
  };
}

function usageRow(same: FocusRow, document: StatementDocument, line: InvoiceLine): FocusRow {
  const { quantity, price } = exactQuantity(line);
  const unitName = UNIT_NAMES[line.unit ?? ''] ?? 'Requests';
  const isCorrection = line.correctionOf !== null;
  const day = line.correctionOf ?? '';
  const isIncluded = document.tax?.mode === 'inclusive';
  return {
    ...same,
    ...costs({ billed: line.amount, effective: line.exactAmount }),
    ...(isCorrection ? { ChargePeriodStart: `${day}T00:00:00Z`, ChargePeriodEnd: after(day) } : {}),
    ChargeCategory: 'Usage',
    ...(isCorrection ? { ChargeClass: 'Correction' } : {}),
    ChargeDescription: `${line.description} ${line.rate ?? ''}`.trim(),
    ChargeFrequency: 'Usage-Based',
    ConsumedQuantity: consumedQuantity(line),
    ConsumedUnit: unitName,
    ListUnitPrice: price,
    ContractedUnitPrice: price,
    PricingCategory: 'Standard',
    PricingCurrencyContractedUnitPrice: price,
    PricingCurrencyListUnitPrice: price,
    PricingQuantity: quantity,
    PricingUnit: isPackaged(line) ? `Packages of ${unitName}` : unitName,
    ResourceId: line.modelId ?? '',
    ResourceName: line.model ?? '',
    ResourceType: 'Model',
    SkuId: `${line.modelId ?? ''}/${line.rate ?? ''}`,
    SkuMeter: `${line.unit ?? ''} ${line.direction ?? ''}`.trim(),
    SkuPriceId: line.key,
    x_Calls: String(line.calls),
    x_CorrectionOf: day,
    x_ServiceTier: line.serviceTier ?? '',
    x_TaxIncluded: isIncluded ? 'true' : 'false',
  };
}

type Commitment = Readonly<{ id: string; name: string; type: string }>;

const COMMITMENT_TYPES: Readonly<Record<string, string>> = {
  subscription: 'Subscription',
  unused: 'Subscription',
  remaining: 'Subscription',
  savings_plan: 'Savings plan',
};

function commitmentOf({ id, name, type }: Commitment): FocusRow {
  return {
    CommitmentDiscountCategory: 'Spend',
    CommitmentDiscountId: id,
    CommitmentDiscountName: name,
    CommitmentDiscountType: type,
  };
}

/** What is paid in advance has its effect where it is used; what comes back of it is no purchase. */
function purchaseRow(same: FocusRow, line: InvoiceLine): FocusRow {
  const type = COMMITMENT_TYPES[line.rate ?? ''];
  const isBack = line.exactAmount.startsWith('-');
  const row: FocusRow = {
    ...same,
    ...costs({ billed: line.amount, effective: line.exactAmount }),
    ...(type === undefined ? {} : { EffectiveCost: '0', PricingCurrencyEffectiveCost: '0' }),
    ChargeFrequency: line.rate === 'subscription' ? 'Recurring' : 'One-Time',
    ChargeDescription: [line.description, line.rate === 'unused' ? 'unused' : ''].join(' ').trim(),
    SkuId: line.key,
    SkuPriceId: line.key,
    ...(type === undefined
      ? {}
      : commitmentOf({ id: line.subjectId ?? line.key, name: line.description, type })),
  };
  if (isBack) return { ...row, ChargeCategory: 'Adjustment' };
  return {
    ...row,
    ChargeCategory: 'Purchase',
    ListUnitPrice: line.unitPrice,
    ContractedUnitPrice: line.unitPrice,
    PricingCurrencyContractedUnitPrice: line.unitPrice,
    PricingCurrencyListUnitPrice: line.unitPrice,
    PricingQuantity: line.priced,
    PricingUnit: 'Purchases',
    PricingCategory: 'Standard',
    ...(type === undefined
      ? {}
      : {
          CommitmentDiscountQuantity: line.exactAmount,
          CommitmentDiscountUnit: same.BillingCurrency ?? '',
        }),
  };
}

/** Its list price is nothing, because the calls that it paid for have theirs. */
function amortisedRow(
  same: FocusRow,
  document: StatementDocument,
  part: StatementDocument['amortised'][number],
): FocusRow {
  const isUsed = part.state === 'used';
  const unit = document.currency;
  return {
    ...same,
    ...costs({ billed: '0', effective: '0' }),
    EffectiveCost: part.cost,
    PricingCurrencyEffectiveCost: part.cost,
    x_ExactCost: part.cost,
    ListUnitPrice: '0',
    ContractedUnitPrice: '0',
    PricingCurrencyContractedUnitPrice: '0',
    PricingCurrencyListUnitPrice: '0',
    PricingQuantity: part.cost,
    PricingUnit: unit,
    ...(isUsed ? { ConsumedQuantity: part.cost, ConsumedUnit: unit } : {}),
    ChargeCategory: 'Usage',
    ChargeFrequency: 'Usage-Based',
    ChargeDescription: part.description,
    PricingCategory: 'Committed',
    SkuId: part.id,
    SkuPriceId: part.id,
    ...commitmentOf({ id: part.id, name: part.description, type: typeOf(document, part.id) }),
    CommitmentDiscountStatus: isUsed ? 'Used' : 'Unused',
    CommitmentDiscountQuantity: part.cost,
    CommitmentDiscountUnit: unit,
  };
}

/** Bought in this period or before it. */
function typeOf({ lines }: StatementDocument, id: string): string {
  const line = lines.find(({ subjectId }) => subjectId === id);
  return (
    COMMITMENT_TYPES[line?.rate ?? (id.startsWith('grt') ? 'savings_plan' : 'subscription')] ?? ''
  );
}

function minus(amount: string): string {
  return formatAmount(-parseAmount(amount));
}

function after(day: string): string {
  return instant(new Date(Date.parse(`${day}T00:00:00.000Z`) + 86_400_000).toISOString());
}

/** FOCUS DateTimeFormat: whole seconds, in UTC. */
function instant(iso: string): string {
  return `${iso.slice(0, 19)}Z`;
}
