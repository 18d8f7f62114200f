/**
 * The monthly close of one tenant, in two steps that each happen whole or not at all. First the period is
 * frozen: the line behind which usage is billed moves, under a lock that ingestion shares, and the terms of
 * the day are kept. From then on nothing can join the period. Then it is finalised: lines are summed and
 * compared with calls and postings, the next number is taken, and paper, entry and notice are written in one
 * transaction. A close that is killed in between goes on from the frozen period and makes the same paper.
 */
import { createHash } from 'node:crypto';
import { type Database, transaction } from '#platform/database.ts';
import { messageOf } from '#platform/error.ts';
import { createId } from '#platform/id.ts';
import { platformAccount, tenantCredit } from '#ledger/entry.ts';
import { sum } from '#ledger/money.ts';
import {
  type BillingAccount,
  addReceivable,
  lockAccount,
  moveLine,
  selectOperator,
  selectTaxRates,
} from './account-store.ts';
import type { BillingParts } from './billing-ports.ts';
import { type InvoiceDocument, type Party, serialize, toStatementDocument } from './document.ts';
import { fail } from './errors.ts';
import { insertInvoice } from './invoice-store.ts';
import { formatNumber, seriesOf } from './number.ts';
import { type Period, closesAtMs, endOfDateMs, firstPeriod, periodAfter } from './period.ts';
import {
  type FrozenPeriod,
  type FrozenTerms,
  insertPeriod,
  lockPeriod,
  markClosed,
  markProblem,
  selectPeriod,
  takePosition,
} from './period-store.ts';
import { minorDigitsOf } from './rounding.ts';
import { receivableOf, settleTenant } from './settle.ts';
import { keepShares } from './shares.ts';
import { type Statement, createStatement, isEmpty } from './statement.ts';
import { rateInForce } from './tax.ts';
import { noticeOf } from './tell.ts';
import type { BillingSpan } from './usage-lines.ts';

/** The period that a tenant's usage is billed in now. */
export function openPeriodOf(account: BillingAccount): Period {
  return account.closed === null
    ? firstPeriod(account.createdAtMs, account.timeZone)
    : periodAfter(account.closed, account.timeZone);
}

/**
 * Closes the period with this label, or the next one where it is null; one that is closed already is left as
 * it is. Answers the invoice's id, or null where there was nothing to bill. Raises `invoice.period_open`,
 * `invoice.period_invalid`, `invoice.tenant_unknown` and `invoice.books_differ`.
 */
export async function closePeriod(
  parts: BillingParts,
  request: Readonly<{ tenantId: string; label: string | null }>,
): Promise<Readonly<{ label: string; invoiceId: string | null }>> {
  const { tenantId } = request;
  const label = await freeze(parts, request);
  try {
    return { label, invoiceId: await finalise(parts, { tenantId, label }) };
  } catch (error) {
    await markProblem(parts.database, { tenantId, label, problem: messageOf(error) });
    throw error;
  }
}

async function freeze(
  parts: BillingParts,
  { tenantId, label }: Readonly<{ tenantId: string; label: string | null }>,
): Promise<string> {
  const { clock, database } = parts;
  return transaction(database, async (tx) => {
    if (label !== null && (await selectPeriod(tx, { tenantId, label })) !== null) return label;
    const account = await lockAccount(tx, tenantId);
    if (account === null || account.tenantKind === 'operator') {
      throw fail('invoice.tenant_unknown', 'There is no such tenant to bill.');
    }
    const period = openPeriodOf(account);
    if (label !== null && label !== period.label) {
      // It may have been frozen while we waited for the lock.
      if ((await selectPeriod(tx, { tenantId, label })) !== null) return label;
      throw fail('invoice.period_invalid', `The next period to close is ${period.label}.`, {
        param: 'period',
      });
    }
    const nowMs = clock.nowMs();
    const readyMs = closesAtMs(period, account.graceHours);
    if (nowMs < readyMs) {
      throw fail(
        'invoice.period_open',
        `The period ${period.label} can be closed at ${new Date(readyMs).toISOString()}.`,
        { retryAfterMs: readyMs - nowMs },
      );
    }
    const terms = await freezeTerms(tx, { account, period });
    await insertPeriod(tx, { tenantId, period, terms, nowMs });
    await moveLine(tx, { tenantId, label: period.label, toMs: period.toMs });
    return period.label;
  });
}

/** The terms a period is billed by, now and whenever its close goes on. */
export async function freezeTerms(
  database: Database,
  { account, period }: Readonly<{ account: BillingAccount; period: Period }>,
): Promise<FrozenTerms> {
  const operator = await selectOperator(database);
  const rates = await selectTaxRates(database, account.tenantId);
  const { currency, dueDays, language, mode } = account;
  return {
    seller: partyOf(operator),
    buyer: partyOf(account),
    currency,
    dueDays,
    language,
    mode,
    taxRate: rateInForce(rates, period.toMs - 1),
  };
}

function partyOf(account: BillingAccount | null): Party {
  if (account === null) return { name: '', address: [], taxId: '', email: '' };
  const { legalName, tenantName, address, taxId, email } = account;
  return { name: legalName === '' ? tenantName : legalName, address: [...address], taxId, email };
}

export function spanOf(
  tenantId: string,
  period: Pick<FrozenPeriod, 'fromMs' | 'toMs' | 'terms'>,
): BillingSpan {
  const { fromMs, toMs, terms } = period;
  return { tenantId, currency: terms.currency, fromMs, toMs };
}

async function finalise(
  parts: BillingParts,
  at: Readonly<{ tenantId: string; label: string }>,
): Promise<string | null> {
  const { clock, database, log } = parts;
  return transaction(database, async (tx) => {
    const period = await lockPeriod(tx, at);
    if (period === null) throw fail('invoice.period_invalid', `${at.label} is not frozen.`);
    if (period.state === 'closed') return period.invoiceId;
    const { statement, amortised } = await computeStatement(tx, parts, period);
    await requireEqualBooks(tx, parts, { period, statement });
    const nowMs = clock.nowMs();
    if (isEmpty(statement)) {
      await markClosed(tx, { ...at, invoiceId: null, nowMs });
      return null;
    }
    const document = toStatementDocument({ statement, period, terms: period.terms, amortised });
    const series = seriesOf('invoice', document.issuedOn);
    const number = formatNumber(series, await takePosition(tx, series));
    const paper: InvoiceDocument = { kind: 'invoice', number, ...document };
    const id = createId('inv', nowMs);
    const invoice = {
      tenantId: at.tenantId,
      id,
      number,
      periodLabel: period.label,
      currency: statement.currency,
      totalPico: statement.totalPico,
      taxPico: statement.taxPico,
      outstandingPico: statement.totalPico > 0n ? statement.totalPico : 0n,
      dueAtMs: endOfDateMs(document.dueOn, period.timeZone),
      finalizedAtMs: nowMs,
    };
    const entryId = await post(tx, parts, { period, statement, number });
    const text = serialize(paper);
    const sha256 = createHash('sha256').update(text).digest();
    await insertInvoice(tx, { ...invoice, entryId, document: text, sha256 });
    await keepShares(tx, parts, { invoice, span: spanOf(at.tenantId, period), statement });
    await markClosed(tx, { ...at, invoiceId: id, nowMs });
    await parts.notices.send(tx, noticeOf('invoice.issued', invoice, { key: `issued/${id}` }));
    await settleTenant(tx, parts, at.tenantId);
    log.info('invoice.finalized', { tenantId: at.tenantId, invoiceId: id, number });
    return id;
  });
}

/** What the period comes to by what is recorded now: the same for a preview and for the paper. */
export async function computeStatement(
  database: Database,
  { lines, purchases }: Pick<BillingParts, 'lines' | 'purchases'>,
  period: Pick<FrozenPeriod, 'tenantId' | 'fromMs' | 'toMs' | 'terms'>,
) {
  const span = spanOf(period.tenantId, period);
  const usage = await lines.sum(database, span);
  const bought = await purchases.bought(database, span);
  const amortised = await purchases.amortised(database, span);
  const statement = createStatement({
    currency: span.currency,
    minorDigits: minorDigitsOf(span.currency),
    usage,
    purchases: bought,
    taxRate: period.terms.taxRate,
  });
  return { statement, amortised };
}

/** Invoiced = rated = posted, or nothing is issued and somebody is told which entry it is. */
async function requireEqualBooks(
  tx: Database,
  { lines, purchases }: BillingParts,
  { period, statement }: Readonly<{ period: FrozenPeriod; statement: Statement }>,
): Promise<void> {
  const span = spanOf(period.tenantId, period);
  const { ratedPico, wrongEntries } = await lines.posted(tx, span);
  const invoicedPico = sum(statement.lines.map(({ exactPico }) => exactPico));
  const [wrong] = wrongEntries;
  if (wrong !== undefined) {
    throw fail(
      'invoice.books_differ',
      `Entry ${wrong.entryId} posts ${wrong.postedPico} pico and its calls cost ${wrong.ratedPico}.`,
    );
  }
  const otherCurrencies = await lines.otherCurrencies(tx, span);
  if (otherCurrencies.length > 0) {
    throw fail(
      'invoice.books_differ',
      `Usage of ${period.label} costs ${otherCurrencies.join(', ')} and is billed in ${span.currency}.`,
    );
  }
  const [wrongPurchase] = await purchases.wrong(tx, span);
  if (wrongPurchase !== undefined) {
    const { entryId, boughtPico, postedPico } = wrongPurchase;
    throw fail(
      'invoice.books_differ',
      `Entry ${entryId ?? 'none'} took ${postedPico} pico for purchases of ${boughtPico}.`,
    );
  }
  if (ratedPico !== invoicedPico) {
    throw fail(
      'invoice.books_differ',
      `The calls of ${period.label} cost ${ratedPico} pico and its lines say ${invoicedPico}.`,
    );
  }
}

/**
 * Makes the ledger agree with the paper: what rounding gave or took, and the tax. What the balance cannot
 * bear becomes a receivable, so that a balance never goes under its floor by an invoice.
 */
async function post(
  tx: Database,
  { ledger }: BillingParts,
  request: Readonly<{ period: FrozenPeriod; statement: Statement; number: string }>,
): Promise<number | null> {
  const { period, statement, number } = request;
  const { currency, roundingPico, taxPico, taxRate } = statement;
  const credit = tenantCredit(period.tenantId, currency);
  const { accounts } = await ledger.leases.payable(tx, { accounts: [credit], leaseIds: [] });
  const isOnTop = taxRate?.mode === 'exclusive';
  const givenPico = roundingPico - (isOnTop ? taxPico : 0n);
  const state = accounts.get(credit.id) ?? { balancePico: 0n, heldPico: 0n, floorPico: 0n };
  const restPico = shortOf(state, givenPico);
  const postings = [
    { account: credit, amountPico: givenPico + restPico },
    { account: receivableOf(period.tenantId, currency), amountPico: -restPico },
    { account: platformAccount('rounding', currency), amountPico: -roundingPico },
    { account: platformAccount('tax', currency), amountPico: taxPico },
    { account: platformAccount('revenue', currency), amountPico: isOnTop ? 0n : -taxPico },
  ].filter(({ amountPico }) => amountPico !== 0n);
  if (postings.length === 0) return null;
  const { entryId } = await ledger.post(tx, {
    key: `invoice/${period.tenantId}/${period.label}`,
    kind: 'invoice',
    reference: { number, period: period.label },
    effectiveAtMs: period.toMs - 1,
    postings,
  });
  if (restPico > 0n) await addReceivable(tx, { tenantId: period.tenantId, amountPico: restPico });
  return entryId;
}

type Funds = Readonly<{ balancePico: bigint; heldPico: bigint; floorPico: bigint | null }>;

/** How much of what is to be taken (`givenPico` below zero) is not there. */
function shortOf({ balancePico, heldPico, floorPico }: Funds, givenPico: bigint): bigint {
  if (givenPico >= 0n || floorPico === null) return 0n;
  const free = balancePico - heldPico - floorPico;
  const wanted = -givenPico;
  const taken = free > 0n ? free : 0n;
  return taken < wanted ? wanted - taken : 0n;
}
