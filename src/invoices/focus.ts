/**
 * A paper in the columns of FOCUS 1.2, the open format of cloud bills. Pure. What holds for every export:
 * the BilledCost of one InvoiceId sums to what is payable; ListCost and ContractedCost are unit price ×
 * quantity exactly; what was bought in advance has its EffectiveCost where it is used, or ends unused;
 * calls of a closed period carry ChargeClass "Correction"; columns of our own begin with `x_`.
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
  for (const part of document.amortised) {
    rows.push({
      ...same,
      ...costs({ billed: '0', effective: part.cost }),
      ChargeCategory: 'Usage',
      ChargeFrequency: 'Usage-Based',
      ChargeDescription: part.description,
      PricingCategory: 'Committed',
      CommitmentDiscountCategory: 'Spend',
      CommitmentDiscountId: part.id,
      CommitmentDiscountName: part.description,
      CommitmentDiscountStatus: part.state === 'used' ? 'Used' : 'Unused',
      CommitmentDiscountType: 'Savings plan',
    });
  }
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
      BillingPeriodStart: issuedAt,
      BillingPeriodEnd: issuedAt,
      ChargePeriodStart: issuedAt,
      ChargePeriodEnd: issuedAt,
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
    BillingPeriodStart: period.from,
    BillingPeriodEnd: period.to,
    ChargePeriodStart: period.from,
    ChargePeriodEnd: period.to,
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
    ...(isCorrection
      ? { ChargePeriodStart: `${day}T00:00:00.000Z`, ChargePeriodEnd: after(day) }
      : {}),
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

/** What is paid in advance has its effect where it is used; anything else has it at once. */
function purchaseRow(same: FocusRow, line: InvoiceLine): FocusRow {
  const isAdvance = line.rate === 'savings_plan' || line.rate === 'subscription';
  return {
    ...same,
    BilledCost: line.amount,
    EffectiveCost: isAdvance ? '0' : line.exactAmount,
    PricingCurrencyEffectiveCost: isAdvance ? '0' : line.exactAmount,
    ListCost: line.exactAmount,
    ContractedCost: line.exactAmount,
    ListUnitPrice: line.unitPrice,
    ContractedUnitPrice: line.unitPrice,
    PricingQuantity: line.priced,
    PricingUnit: 'Purchases',
    PricingCategory: 'Standard',
    ChargeCategory: 'Purchase',
    ChargeFrequency: isAdvance ? 'Recurring' : 'One-Time',
    ChargeDescription: line.description,
    SkuId: line.key,
    SkuPriceId: line.key,
    x_ExactCost: line.exactAmount,
  };
}

function minus(amount: string): string {
  return formatAmount(-parseAmount(amount));
}

function after(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00.000Z`) + 86_400_000).toISOString();
}
