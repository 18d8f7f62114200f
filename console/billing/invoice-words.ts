/** What stands for the parts of a paper in the language of the page. */
import type { InvoiceLine } from '../cloud.ts';

export const SOURCES = {
  free_quota: 'source.free',
  plan: 'source.plan',
  savings_plan: 'source.savings',
  grant: 'source.grant',
  cash: 'source.cash',
} as const;

type Purchase =
  | 'invoices.plan'
  | 'invoices.planUnused'
  | 'invoices.planRemaining'
  | 'invoices.savingsPlan';

export const PURCHASES: Readonly<Record<string, Purchase>> = {
  subscription: 'invoices.plan',
  unused: 'invoices.planUnused',
  remaining: 'invoices.planRemaining',
  savings_plan: 'invoices.savingsPlan',
};

/** Of usage: the rate, which is a word of the price book, and what chose it. */
export function describeLine(line: InvoiceLine): string {
  const { rate, serviceTier, upTo, unitPrice } = line;
  const tier = serviceTier === null || serviceTier === 'default' ? [] : [serviceTier];
  const size = upTo === null ? [] : [`≤ ${upTo}`];
  return [rate ?? '', ...tier, ...size, `× ${unitPrice}`].join(' · ');
}
