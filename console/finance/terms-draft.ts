/** Terms as they are typed, and the change that follows: only what differs is sent. Pure. */
import type { BillingTerms, BillingTermsUpdate } from '../cloud.ts';

export type TaxMode = BillingTerms['taxRates'][number]['mode'];
export type DunningAction = BillingTerms['dunning'][number]['action'];
export type StepDraft = Readonly<{ afterDays: string; action: DunningAction }>;

export type TermsDraft = Readonly<{
  mode: BillingTerms['mode'];
  creditLine: string;
  timeZone: string;
  language: BillingTerms['language'];
  dueDays: string;
  graceHours: string;
  dunning: readonly StepDraft[];
  taxMode: TaxMode | 'none';
  taxName: string;
  /** Per cent. */
  taxRate: string;
  taxReason: string;
}>;

export function draftOf(terms: BillingTerms): TermsDraft {
  const [tax] = terms.taxRates;
  return {
    mode: terms.mode,
    creditLine: terms.creditLine,
    timeZone: terms.timeZone,
    language: terms.language,
    dueDays: String(terms.dueDays),
    graceHours: String(terms.graceHours),
    dunning: terms.dunning.map(({ afterDays, action }) => ({
      afterDays: String(afterDays),
      action,
    })),
    taxMode: tax?.mode ?? 'none',
    taxName: tax?.name ?? '',
    taxRate: tax === undefined ? '' : String(tax.ratePpm / 10_000),
    taxReason: tax?.reason ?? '',
  };
}

export function updateOf(draft: TermsDraft, before: BillingTerms): BillingTermsUpdate {
  const was = draftOf(before);
  const { mode, timeZone, language, dunning } = draft;
  const isTaxed = draft.taxMode !== 'none';
  const hasTaxChanged = ['taxMode', 'taxName', 'taxRate', 'taxReason'].some(
    (name) => Reflect.get(draft, name) !== Reflect.get(was, name),
  );
  const isDunned = JSON.stringify(dunning) !== JSON.stringify(was.dunning);
  return {
    ...(mode === was.mode ? {} : { mode }),
    ...(draft.creditLine === was.creditLine ? {} : { creditLine: draft.creditLine.trim() }),
    ...(timeZone === was.timeZone ? {} : { timeZone: timeZone.trim() }),
    ...(language === was.language ? {} : { language }),
    ...(draft.dueDays === was.dueDays ? {} : { dueDays: Number(draft.dueDays) }),
    ...(draft.graceHours === was.graceHours ? {} : { graceHours: Number(draft.graceHours) }),
    ...(isDunned
      ? { dunning: dunning.map((step) => ({ ...step, afterDays: Number(step.afterDays) })) }
      : {}),
    ...(isTaxed && hasTaxChanged ? { tax: taxOf(draft) } : {}),
  };
}

function taxOf(draft: TermsDraft): NonNullable<BillingTermsUpdate['tax']> {
  const { taxMode, taxName, taxRate, taxReason } = draft;
  const mode = taxMode === 'none' ? 'exempt' : taxMode;
  return {
    name: taxName.trim(),
    mode,
    ratePpm: mode === 'exempt' ? 0 : Math.round(Number(taxRate) * 10_000),
    reason: taxReason.trim(),
  };
}
