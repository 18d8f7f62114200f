/**
 * The paper as data: everything that is printed, in the order of its fields, kept as the very text that was
 * hashed when it was finalised. PDF, CSV and FOCUS are made of it alone, so they are the same whenever and
 * wherever they are made. Amounts are decimal strings; nothing in it depends on the hour of the close.
 */
import { createHash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { formatAmount } from '#ledger/money.ts';
import { type Period, addDays, dateAt, issueDate, lastDate } from './period.ts';
import { formatCoins } from './rounding.ts';
import type { ChargedLine, PurchaseLine, Statement } from './statement.ts';
import { TAX_MODES, type TaxRate } from './tax.ts';
import { type Amortised, SOURCES } from './usage-lines.ts';

const decimal = z.string().regex(/^-?\d{1,26}(\.\d{1,12})?$/);
const date = z.iso.date();

export const LANGUAGES = ['en', 'zh-CN'] as const;
export type Language = (typeof LANGUAGES)[number];

export const partySchema = z.object({
  name: z.string(),
  address: z.array(z.string()),
  taxId: z.string(),
  email: z.string(),
});
export type Party = z.infer<typeof partySchema>;

export const invoiceLineSchema = z.object({
  /** What requests of this line are asked for with. */
  key: z.string(),
  kind: z.enum(['usage', 'correction', 'purchase']),
  modelId: z.string().nullable(),
  model: z.string().nullable(),
  description: z.string(),
  serviceTier: z.string().nullable(),
  unit: z.string().nullable(),
  direction: z.string().nullable(),
  rate: z.string().nullable(),
  upTo: z.number().nullable(),
  /** Counts that were used: tokens, or thousandths of a second. */
  units: z.string(),
  /** `unitPrice × priced = exactAmount`, always. */
  priced: z.string(),
  unitPrice: decimal,
  exactAmount: decimal,
  amount: decimal,
  calls: z.number().int(),
  /** The UTC day of calls that came too late for their own invoice. */
  correctionOf: date.nullable(),
  /** The subscription or the grant that a purchase is of; its lines and what is used of it belong together. */
  subjectId: z.string().optional(),
  /** The days that a purchase is for, both with. */
  service: z.object({ firstDate: date, lastDate: date }).optional(),
});
export type InvoiceLine = z.infer<typeof invoiceLineSchema>;

const taxSchema = z.object({
  name: z.string(),
  mode: z.enum(TAX_MODES),
  ratePpm: z.number().int(),
  reason: z.string(),
  amount: decimal,
});

export const statementSchema = z
  .object({
    period: z.object({
      label: z.string(),
      from: z.iso.datetime(),
      to: z.iso.datetime(),
      timeZone: z.string(),
      firstDate: date,
      lastDate: date,
    }),
    currency: z.string(),
    minorDigits: z.number().int(),
    language: z.enum(LANGUAGES),
    mode: z.enum(['prepaid', 'postpaid']),
    seller: partySchema,
    buyer: partySchema,
    lines: z.array(invoiceLineSchema),
    deductions: z.array(
      z.object({
        source: z.enum(SOURCES),
        sourceId: z.string().nullable(),
        exactAmount: decimal,
        amount: decimal,
      }),
    ),
    amortised: z.array(
      z.object({
        id: z.string(),
        description: z.string(),
        state: z.enum(['used', 'unused']),
        cost: decimal,
      }),
    ),
    usage: decimal,
    purchases: decimal,
    deducted: decimal,
    /** Before tax is added. */
    charged: decimal,
    net: decimal,
    tax: taxSchema.nullable(),
    total: decimal,
    /** What the ledger drew for it, exactly, and what rounding gave back (or took, below zero). */
    drawn: decimal,
    rounding: decimal,
    paidFromBalance: decimal,
    due: decimal,
    issuedOn: date,
    dueOn: date,
  })
  .openapi('Statement');
export type StatementDocument = z.infer<typeof statementSchema>;

export const invoiceDocumentSchema = z
  .object({ kind: z.literal('invoice'), number: z.string(), ...statementSchema.shape })
  .openapi('InvoiceDocument');
export type InvoiceDocument = z.infer<typeof invoiceDocumentSchema>;

export const creditNoteDocumentSchema = z
  .object({
    kind: z.literal('credit_note'),
    number: z.string(),
    invoiceNumber: z.string(),
    issuedOn: date,
    currency: z.string(),
    minorDigits: z.number().int(),
    language: z.enum(LANGUAGES),
    seller: partySchema,
    buyer: partySchema,
    reason: z.string(),
    net: decimal,
    tax: taxSchema.nullable(),
    total: decimal,
  })
  .openapi('CreditNoteDocument');
export type CreditNoteDocument = z.infer<typeof creditNoteDocumentSchema>;

/** What a paper takes from the terms of the tenant, frozen when its period ended. */
export type PaperTerms = Readonly<{
  seller: Party;
  buyer: Party;
  language: Language;
  mode: 'prepaid' | 'postpaid';
  dueDays: number;
}>;

export function toStatementDocument(
  input: Readonly<{
    statement: Statement;
    period: Period;
    terms: PaperTerms;
    amortised: readonly Amortised[];
  }>,
): StatementDocument {
  const { statement, period, terms, amortised } = input;
  const coins = (pico: bigint): string => formatCoins(pico, statement.minorDigits);
  const issuedOn = issueDate(period);
  const isPrepaid = terms.mode === 'prepaid';
  return {
    period: {
      label: period.label,
      from: new Date(period.fromMs).toISOString(),
      to: new Date(period.toMs).toISOString(),
      timeZone: period.timeZone,
      firstDate: `${period.label}-01`,
      lastDate: lastDate(period),
    },
    currency: statement.currency,
    minorDigits: statement.minorDigits,
    language: terms.language,
    mode: terms.mode,
    seller: terms.seller,
    buyer: terms.buyer,
    lines: [
      ...statement.lines.map((line) => usageLine(line, coins)),
      ...statement.purchases.map((line) => purchaseLine(line, coins, period.timeZone)),
    ],
    deductions: statement.deductions.map(({ source, sourceId, exactPico, amountPico }) => ({
      source,
      sourceId,
      exactAmount: formatAmount(exactPico),
      amount: coins(amountPico),
    })),
    amortised: amortised.map(({ id, description, state, costPico }) => ({
      id,
      description,
      state,
      cost: formatAmount(costPico),
    })),
    usage: coins(statement.usagePico),
    purchases: coins(statement.purchasedPico),
    deducted: coins(statement.deductedPico),
    charged: coins(statement.chargedPico),
    net: coins(statement.netPico),
    tax: toTax(statement.taxRate, coins(statement.taxPico)),
    total: coins(statement.totalPico),
    drawn: formatAmount(statement.drawnPico),
    rounding: formatAmount(statement.roundingPico),
    paidFromBalance: coins(isPrepaid ? statement.totalPico : 0n),
    due: coins(isPrepaid ? 0n : statement.totalPico),
    issuedOn,
    dueOn: addDays(issuedOn, isPrepaid ? 0 : terms.dueDays),
  };
}

export function toTax(
  rate: TaxRate | null,
  amount: string,
): Readonly<z.infer<typeof taxSchema>> | null {
  if (rate === null) return null;
  const { name, mode, ratePpm, reason } = rate;
  return { name, mode, ratePpm, reason, amount };
}

function usageLine({ usage, exactPico, amountPico }: ChargedLine, coins: Coins): InvoiceLine {
  return {
    key: keyOf(usage),
    kind: usage.correctionOf === null ? 'usage' : 'correction',
    modelId: usage.modelId,
    model: usage.modelName,
    description: usage.modelName,
    serviceTier: usage.serviceTier,
    unit: usage.unit,
    direction: usage.direction,
    rate: usage.rate,
    upTo: usage.upTo,
    units: usage.units.toString(),
    priced: usage.priced.toString(),
    unitPrice: formatAmount(usage.eachPico),
    exactAmount: formatAmount(exactPico),
    amount: coins(amountPico),
    calls: usage.calls,
    correctionOf: usage.correctionOf,
  };
}

function purchaseLine(
  { purchase, exactPico, amountPico }: PurchaseLine,
  coins: Coins,
  timeZone: string,
): InvoiceLine {
  const { serviceFromMs, serviceToMs } = purchase;
  return {
    key: purchase.id,
    kind: 'purchase',
    modelId: null,
    model: null,
    description: purchase.name,
    serviceTier: null,
    unit: null,
    direction: null,
    rate: purchase.kind,
    upTo: null,
    units: '1',
    priced: '1',
    unitPrice: formatAmount(exactPico),
    exactAmount: formatAmount(exactPico),
    amount: coins(amountPico),
    calls: 0,
    correctionOf: null,
    subjectId: purchase.subjectId,
    service: {
      firstDate: dateAt(serviceFromMs, timeZone),
      lastDate: dateAt(serviceToMs - 1, timeZone),
    },
  };
}

type Coins = (pico: bigint) => string;

/** Short, and the same for the same price of the same model. */
function keyOf(usage: ChargedLine['usage']): string {
  const { modelId, modelName, serviceTier, unit, direction, rate, upTo, eachPico } = usage;
  const parts = [modelId, modelName, serviceTier, unit, direction, rate, upTo, `${eachPico}`];
  return createHash('sha256')
    .update(JSON.stringify([...parts, usage.correctionOf]))
    .digest('hex')
    .slice(0, 16);
}

/** The one text of a paper. */
export function serialize(document: InvoiceDocument | CreditNoteDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
