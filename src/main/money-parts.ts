/** The modules of money, lowest floor first: what a call costs, who earns of it, and where it is written down. */
import { type Authors, createAuthors } from '#authors/authors.ts';
import { type Budgets, createBudgets } from '#budgets/budgets.ts';
import { type Credits, createCredits } from '#credits/credits.ts';
import { type Finance, createFinance } from '#finance/finance.ts';
import type { Fleet } from '#fleet/fleet.ts';
import type { Hub } from '#hub/hub.ts';
import { boughtLines } from '#invoices/bought-lines.ts';
import { type Invoices, createInvoices } from '#invoices/invoices.ts';
import { meteredLines } from '#invoices/metered-lines.ts';
import type { Covering } from '#ledger/covering.ts';
import { type Explorer, createExplorer } from '#ledger/explore.ts';
import type { Ledger } from '#ledger/ledger.ts';
import type { Limits } from '#limits/limits.ts';
import { createLineCalls } from '#metering/line-calls.ts';
import { createLines } from '#metering/lines.ts';
import { type Metering, createMetering } from '#metering/metering.ts';
import type { Notices } from '#notices/notices.ts';
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import { type Payments, createPayments } from '#payments/payments.ts';
import { type Announcer, createAnnouncer } from '#pricing/announce.ts';
import { readLeastPrice } from '#pricing/least-price.ts';
import { type PriceBook, createPriceBook } from '#pricing/price-book.ts';
import { type Pricing, createPricing } from '#pricing/pricing.ts';
import type { Providers } from '#providers/providers.ts';
import { type Reconciliation, createReconciliation } from '#reconciliation/reconciliation.ts';
import { createActors } from '#tenancy/actors.ts';
import { readCurrency } from '#tenancy/currency.ts';
import { createScopeDirectory } from '#tenancy/scope-names.ts';
import type { Vault } from '#vault/vault.ts';
import { lawsOfBooks } from './book-laws.ts';
import { authorModels, countCloud, modelDirectory } from './module-views.ts';

export type MoneyParts = Readonly<{
  credits: Credits;
  invoices: Invoices;
  payments: Payments;
  budgets: Budgets;
  pricing: Pricing;
  priceBook: PriceBook;
  announcer: Announcer;
  authors: Authors;
  metering: Metering;
  explorer: Explorer;
  finance: Finance;
  reconciliation: Reconciliation;
}>;

export function buildMoney(
  given: Readonly<{
    database: Database;
    clock: Clock;
    log: Log;
    hub: Hub;
    fleet: Fleet;
    ledger: Ledger;
    limits: Limits;
    notices: Pick<Notices, 'send'>;
    providers: Providers;
    publicUrl: string;
    /** Days that single calls are kept; null keeps them all. */
    usageDays: number | null;
    vault: Vault;
  }>,
): MoneyParts {
  const { database, clock, log, hub, ledger, notices, providers } = given;
  const models = modelDirectory(hub, providers);
  const pricing = createPricing({ database, models, clock, log });
  const named = authorModels(hub, models);
  const authors = createAuthors({ database, ledger, models: named, clock, log });
  const credits = createCredits({
    database,
    ledger,
    models,
    heldParts: ledger.leases.heldParts,
    leastPrice: readLeastPrice,
    outbox: notices,
    clock,
    log,
  });
  const invoices = buildInvoices({ ...given, credits, authors, pricing });
  const metering = buildMetering({ ...given, pricing, credits, authors, invoices });
  const priceBook = buildPriceBook({ database, clock, log, models, metering });
  const { callersOf } = metering;
  const announcer = createAnnouncer({ database, outbox: notices, callersOf, clock, log });
  const explorer = createExplorer(database);
  const finance = createFinance({
    metering,
    ledger,
    explorer,
    currencyOf: (tenantId) => readCurrency(database, tenantId),
    clock,
  });
  const tenants = createScopeDirectory(database);
  const payments = createPayments({ ...given, tenants, topUps: credits.coupons, invoices });
  const budgets = createBudgets({ ...given, names: tenants, rollup: metering.rollup });
  return {
    reconciliation: buildReconciliation({ ...given, pricing }),
    announcer,
    budgets,
    credits,
    invoices,
    payments,
    pricing,
    priceBook,
    authors,
    metering,
    explorer,
    finance,
  };
}

function buildMetering(
  given: Readonly<{
    database: Database;
    clock: Clock;
    log: Log;
    hub: Hub;
    fleet: Fleet;
    ledger: Ledger;
    limits: Limits;
    providers: Providers;
    pricing: Pricing;
    credits: Credits;
    authors: Authors;
    invoices: Invoices;
    usageDays: number | null;
  }>,
): Metering {
  return createMetering({
    ...given,
    funding: given.credits,
    shares: given.authors,
    periods: given.invoices,
    costs: given.providers,
    spending: given.limits.spending,
    counts: countCloud(given.hub, given.fleet),
    keepDays: given.usageDays,
  });
}

function buildPriceBook(
  given: Readonly<{
    database: Database;
    clock: Clock;
    log: Log;
    models: ReturnType<typeof modelDirectory>;
    metering: Metering;
  }>,
): PriceBook {
  const actors = createActors(given.database);
  const { replay } = given.metering;
  return createPriceBook({ ...given, actors, replay, tenantNames: actors.tenantNames });
}

function buildReconciliation(
  given: Readonly<{
    database: Database;
    notices: Pick<Notices, 'send'>;
    pricing: Pricing;
    clock: Clock;
    log: Log;
  }>,
): Reconciliation {
  const laws = lawsOfBooks({ pricing: given.pricing, lines: meteredLines(createLines()) });
  return createReconciliation({ ...given, laws });
}

/** Metering asks them what is closed, and they ask its sums what was used. */
function buildInvoices(
  given: Readonly<{
    database: Database;
    ledger: Ledger;
    notices: Pick<Notices, 'send'>;
    clock: Clock;
    log: Log;
    credits: Pick<Credits, 'billed'>;
    authors: Authors;
    pricing: Pricing;
  }>,
): Invoices {
  const lines = meteredLines(createLines());
  const purchases = boughtLines(given.credits.billed, lines);
  return createInvoices({ ...given, lines, purchases, calls: createLineCalls(given) });
}

/** The ledger asks who is built after it. */
export function coveringOf(read: () => Pick<MoneyParts, 'credits' | 'invoices'>): Covering {
  return {
    coverOf: async (tx, request) => {
      const { credits, invoices } = read();
      // Nothing that costs money for a tenant that is long overdue.
      if (await invoices.isFrozen(tx, request.tenantId)) return [];
      return credits.covering.coverOf(tx, request);
    },
    stopOf: async (tx, request) => (await read().credits.covering.stopOf?.(tx, request)) ?? null,
  };
}
