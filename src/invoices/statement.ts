/**
 * A statement: what a period comes to. Pure, and the same for a preview and for the paper. Each line is
 * rounded once; what free quota, plans and grants paid is taken off in the same coins; tax is on the rest.
 *
 * The exact amounts are what the ledger drew; `roundingPico` is the difference, which is posted. Lines and
 * deductions are rounded apart, so many small lines that a grant paid in full could leave a coin over: the
 * largest deduction takes it, and nobody owes a coin for what was free, nor is owed one.
 */
import assert from 'node:assert/strict';
import { sum } from '#ledger/money.ts';
import { roundHalfEven } from './rounding.ts';
import { type TaxRate, taxOn } from './tax.ts';
import type { Purchase, Source, SourceSum, UsageLine, UsageSums } from './usage-lines.ts';

export type ChargedLine = Readonly<{
  usage: UsageLine;
  exactPico: bigint;
  /** Rounded. */
  amountPico: bigint;
}>;

export type PurchaseLine = Readonly<{ purchase: Purchase; exactPico: bigint; amountPico: bigint }>;

/** What another source than cash paid. */
export type Deduction = Readonly<{
  source: Exclude<Source, 'cash'>;
  sourceId: string | null;
  exactPico: bigint;
  /** Rounded; not negative. */
  amountPico: bigint;
}>;

export type Statement = Readonly<{
  currency: string;
  minorDigits: number;
  lines: readonly ChargedLine[];
  purchases: readonly PurchaseLine[];
  deductions: readonly Deduction[];
  /** Σ lines, Σ purchases, Σ deductions: rounded. */
  usagePico: bigint;
  purchasedPico: bigint;
  deductedPico: bigint;
  /** What is left of them, before tax is added. */
  chargedPico: bigint;
  /** `chargedPico` without and with tax. */
  netPico: bigint;
  taxPico: bigint;
  totalPico: bigint;
  taxRate: TaxRate | null;
  /** What was drawn in cash, exactly, for usage and purchases. */
  drawnPico: bigint;
  /** `drawnPico − chargedPico`: given back to the tenant where positive. */
  roundingPico: bigint;
}>;

export type StatementInput = Readonly<{
  currency: string;
  minorDigits: number;
  usage: UsageSums;
  purchases: readonly Purchase[];
  taxRate: TaxRate | null;
}>;

export function createStatement(input: StatementInput): Statement {
  const { currency, minorDigits, usage, taxRate } = input;
  const lines = usage.lines
    .filter((line) => line.amountPico !== 0n || line.units > 0n)
    .toSorted(compareLines)
    .map((line) => ({
      usage: line,
      exactPico: line.amountPico,
      amountPico: roundHalfEven(line.amountPico, minorDigits),
    }));
  const purchases = input.purchases.toSorted(comparePurchases).map((purchase) => ({
    purchase,
    exactPico: purchase.amountPico,
    amountPico: roundHalfEven(purchase.amountPico, minorDigits),
  }));
  const usagePico = total(lines);
  const cashPico = sum(
    usage.sources.flatMap((part) => (part.source === 'cash' ? [part.amountPico] : [])),
  );
  assert.equal(
    sum(usage.sources.map((part) => part.amountPico)),
    sum(lines.map((line) => line.exactPico)),
    'the sources of a period pay for its lines',
  );
  const deductions = deduct(usage.sources, { usagePico, cashPico, minorDigits });
  const purchasedPico = total(purchases);
  const deductedPico = total(deductions);
  const chargedPico = usagePico + purchasedPico - deductedPico;
  const drawnPico = cashPico + sum(purchases.map((line) => line.exactPico));
  return {
    currency,
    minorDigits,
    lines,
    purchases,
    deductions,
    usagePico,
    purchasedPico,
    deductedPico,
    chargedPico,
    ...taxOn(chargedPico, taxRate, minorDigits),
    taxRate,
    drawnPico,
    roundingPico: drawnPico - chargedPico,
  };
}

/** A statement of nothing is no invoice, and takes no number. */
export function isEmpty(statement: Statement): boolean {
  return statement.lines.length === 0 && statement.purchases.length === 0;
}

/** Their sum is at most that of the lines, and all of it where no cash was drawn. */
function deduct(
  sources: readonly SourceSum[],
  request: Readonly<{ usagePico: bigint; cashPico: bigint; minorDigits: number }>,
): readonly Deduction[] {
  const exact = sources
    .flatMap(({ source, sourceId, amountPico }) =>
      source === 'cash' || amountPico === 0n ? [] : [{ source, sourceId, exactPico: amountPico }],
    )
    .toSorted(
      (a, b) =>
        ORDER.indexOf(a.source) - ORDER.indexOf(b.source) ||
        compareText(a.sourceId ?? '', b.sourceId ?? ''),
    );
  let leftPico = request.usagePico;
  const rounded = exact.map((part) => {
    const wanted = roundHalfEven(part.exactPico, request.minorDigits);
    const amountPico = wanted < leftPico ? wanted : leftPico;
    leftPico -= amountPico;
    return { ...part, amountPico };
  });
  if (request.cashPico > 0n || leftPico === 0n || rounded.length === 0) return rounded;
  const largest = rounded.reduce((most, each) => (each.amountPico > most.amountPico ? each : most));
  return rounded.map((part) =>
    part === largest ? { ...part, amountPico: part.amountPico + leftPico } : part,
  );
}

const ORDER: readonly Source[] = ['free_quota', 'plan', 'savings_plan', 'grant', 'cash'];

/** By time; of a change of plan first what comes back, then what is charged. */
function comparePurchases(a: Purchase, b: Purchase): number {
  return (
    a.atMs - b.atMs ||
    PURCHASES.indexOf(a.kind) - PURCHASES.indexOf(b.kind) ||
    compareText(a.id, b.id)
  );
}

const PURCHASES: readonly Purchase['kind'][] = [
  'subscription',
  'unused',
  'remaining',
  'savings_plan',
];

/** By model, then as a person reads a bill: what went in before what came out; corrections last. */
function compareLines(a: UsageLine, b: UsageLine): number {
  return (
    compareText(a.correctionOf ?? '', b.correctionOf ?? '') ||
    compareText(a.modelName, b.modelName) ||
    compareText(a.modelId, b.modelId) ||
    TIERS.indexOf(a.serviceTier) - TIERS.indexOf(b.serviceTier) ||
    compareText(a.serviceTier, b.serviceTier) ||
    compareText(a.unit, b.unit) ||
    DIRECTIONS.indexOf(a.direction) - DIRECTIONS.indexOf(b.direction) ||
    compareText(a.direction, b.direction) ||
    compareText(a.rate, b.rate) ||
    (a.upTo ?? Number.MAX_SAFE_INTEGER) - (b.upTo ?? Number.MAX_SAFE_INTEGER) ||
    compareAmounts(a.eachPico, b.eachPico)
  );
}

/** What comes first on a bill; a word that is not here comes before those that are. */
const TIERS = ['default', 'priority', 'flex', 'batch'];
const DIRECTIONS = ['input', 'cache_read', 'cache_write', 'cache_write_1h', 'output', 'reasoning'];

/** By code unit: the same on every machine, whatever its locale. */
function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function compareAmounts(left: bigint, right: bigint): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function total(lines: readonly Readonly<{ amountPico: bigint }>[]): bigint {
  return sum(lines.map((line) => line.amountPico));
}
