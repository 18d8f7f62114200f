/** What tenants owe, by how long it is overdue. */
import type { Database } from '#platform/database.ts';
import { DEFAULT_CURRENCY } from '#tenancy/currency.ts';
import { formatAmount, parseAmount, sum } from '#ledger/money.ts';
import { selectAccount } from './account-store.ts';
import type { Receivables } from './api.ts';
import { type StoredInvoice, selectInvoices } from './invoice-store.ts';
import { selectProblems } from './period-store.ts';
import { presentInvoice, roundedUp } from './present.ts';
import { formatCoins, minorDigitsOf } from './rounding.ts';

const DAY_MS = 24 * 60 * 60_000;

type Bucket = Receivables['totals'][number]['buckets'][number]['bucket'];

/** How many days overdue an invoice is at most in each. */
const BUCKETS: readonly (readonly [Bucket, number])[] = [
  ['current', 0],
  ['days_1_30', 30],
  ['days_31_60', 60],
  ['days_61_90', 90],
  ['days_over_90', Number.POSITIVE_INFINITY],
];

/** Open invoices of the whole cloud that are looked at, the newest; a cloud with more wants a report of its own. */
const INVOICES_MAX = 5_000;
const PROBLEMS_MAX = 100;

export function bucketOf(dueAtMs: number, nowMs: number): Bucket {
  const days = Math.max(0, Math.ceil((nowMs - dueAtMs) / DAY_MS));
  return BUCKETS.find(([, most]) => days <= most)?.[0] ?? 'days_over_90';
}

export async function readReceivables(database: Database, nowMs: number): Promise<Receivables> {
  const invoices = await selectInvoices(database, {
    tenantId: null,
    state: 'open',
    overdueAtMs: null,
    before: null,
    limit: INVOICES_MAX,
  });
  const tenants: Receivables['tenants'] = [];
  for (const open of Map.groupBy(
    invoices,
    (each) => `${each.tenantId} ${each.currency}`,
  ).values()) {
    const [oldest] = open.toSorted((a, b) => a.dueAtMs - b.dueAtMs);
    const account = oldest === undefined ? null : await selectAccount(database, oldest.tenantId);
    if (account === null || oldest === undefined) continue;
    const { tenantId, tenantName, mode, creditLinePico, restriction } = account;
    tenants.push({
      tenantId,
      tenantName,
      currency: oldest.currency,
      mode,
      creditLine: formatAmount(creditLinePico),
      restriction,
      outstanding: owed(open),
      overdue: owed(open.filter(({ dueAtMs }) => dueAtMs <= nowMs)),
      oldestDueOn: presentInvoice(oldest, nowMs).dueOn,
      openInvoices: open.length,
    });
  }
  return {
    totals: totalsOf(invoices, nowMs),
    tenants: tenants.toSorted((a, b) =>
      parseAmount(a.outstanding) < parseAmount(b.outstanding) ? 1 : -1,
    ),
    problems: [...(await selectProblems(database, PROBLEMS_MAX))],
  };
}

/** Currencies are never added up; where nothing is owed, nothing is owed in the default one. */
function totalsOf(invoices: readonly StoredInvoice[], nowMs: number): Receivables['totals'] {
  const currencies = [...new Set(invoices.map(({ currency }) => currency))].toSorted();
  return (currencies.length === 0 ? [DEFAULT_CURRENCY] : currencies).map((currency) => {
    const ofCurrency = invoices.filter((invoice) => invoice.currency === currency);
    const byBucket = Map.groupBy(ofCurrency, ({ dueAtMs }) => bucketOf(dueAtMs, nowMs));
    const buckets = BUCKETS.map(([bucket]) => {
      const of = byBucket.get(bucket) ?? [];
      return { bucket, amount: owed(of), invoices: of.length };
    });
    return { currency, buckets };
  });
}

/** Of one currency. */
function owed(invoices: readonly StoredInvoice[]): string {
  const currency = invoices[0]?.currency ?? DEFAULT_CURRENCY;
  const coins = invoices.map(({ outstandingPico }) => roundedUp(outstandingPico, currency));
  return formatCoins(sum(coins), minorDigitsOf(currency));
}
