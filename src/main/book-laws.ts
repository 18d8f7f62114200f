/** Every law of the books, from the journal to the invoice; the order in which a person would look. */
import type { UsageLines } from '#invoices/usage-lines.ts';
import { AUTHOR_LAWS } from '#authors/laws.ts';
import { CREDIT_LAWS } from '#credits/laws.ts';
import { invoiceLaws } from '#invoices/laws.ts';
import { checkpointLaw } from '#ledger/checkpoint.ts';
import type { Law } from '#ledger/law.ts';
import { LEDGER_LAWS } from '#ledger/laws.ts';
import { meteringLaws } from '#metering/laws.ts';
import { PAYMENT_LAWS } from '#payments/laws.ts';
import type { Pricing } from '#pricing/pricing.ts';

export function lawsOfBooks(
  parts: Readonly<{ pricing: Pick<Pricing, 'byId'>; lines: Pick<UsageLines, 'sum'> }>,
): readonly Law[] {
  return [
    ...meteringLaws(parts.pricing),
    ...LEDGER_LAWS,
    checkpointLaw,
    ...CREDIT_LAWS,
    ...PAYMENT_LAWS,
    ...AUTHOR_LAWS,
    ...invoiceLaws(parts.lines),
  ];
}
