/** The terms of tenants: what the operator agrees with them, and what they say of themselves. */
import { type Database, transaction } from '#platform/database.ts';
import type { Clock } from '#platform/clock.ts';
import { tenantCredit } from '#ledger/entry.ts';
import { formatAmount, parseAmount } from '#ledger/money.ts';
import {
  type BillingAccount,
  holdAccount,
  putTaxRate,
  selectAccount,
  selectTaxRates,
  updateTerms,
} from './account-store.ts';
import type { BillingTerms, BillingTermsUpdate } from './api.ts';
import type { BillingLedger } from './billing-ports.ts';
import { fail } from './errors.ts';
import { isTimeZone } from './period.ts';
import type { TaxRate } from './tax.ts';

type TermsParts = Readonly<{ database: Database; ledger: BillingLedger; clock: Clock }>;

/** Raises `invoice.tenant_unknown`. */
export async function readTerms(database: Database, tenantId: string): Promise<BillingTerms> {
  const account = await selectAccount(database, tenantId);
  if (account === null) throw fail('invoice.tenant_unknown', 'There is no such tenant.');
  return present(account, await selectTaxRates(database, tenantId));
}

/**
 * What is missing stays as it is. Raises `invoice.tenant_unknown`, `invoice.terms_invalid`,
 * `invoice.tax_in_closed_period`.
 */
export async function changeTerms(
  { database, ledger, clock }: TermsParts,
  request: Readonly<{ tenantId: string; change: BillingTermsUpdate; userId: string | null }>,
): Promise<BillingTerms> {
  const { tenantId, change, userId } = request;
  return transaction(database, async (tx) => {
    const known = await selectAccount(tx, tenantId);
    if (known === null) throw fail('invoice.tenant_unknown', 'There is no such tenant.');
    const credit = tenantCredit(tenantId, known.currency);
    const { accounts } = await ledger.leases.payable(tx, { accounts: [credit], leaseIds: [] });
    const before = (await holdAccount(tx, tenantId)) ?? known;
    const after = merge(before, change);
    const funds = accounts.get(credit.id);
    const usedPico = funds === undefined ? 0n : funds.heldPico - funds.balancePico;
    const linePico = after.mode === 'postpaid' ? after.creditLinePico : 0n;
    if (after.tenantKind !== 'operator' && isLowered(before, after) && usedPico > linePico) {
      throw fail(
        'invoice.terms_invalid',
        `${formatAmount(usedPico)} of the credit line are in use; let it be paid first.`,
        { param: 'creditLine' },
      );
    }
    await updateTerms(tx, after);
    if (change.tax !== undefined) {
      const rate = taxRate(after, change.tax, clock.nowMs());
      await putTaxRate(tx, { ...rate, tenantId, createdBy: userId });
    }
    return present(after, await selectTaxRates(tx, tenantId));
  });
}

function merge(before: BillingAccount, change: BillingTermsUpdate): BillingAccount {
  const { creditLine, tax: _tax, address, dunning, ...plain } = change;
  const given = Object.fromEntries(
    Object.entries(plain).filter(([, value]) => value !== undefined),
  );
  const after: BillingAccount = {
    ...before,
    ...given,
    ...(creditLine === undefined ? {} : { creditLinePico: parseAmount(creditLine) }),
    ...(address === undefined ? {} : { address }),
    ...(dunning === undefined ? {} : { dunning }),
  };
  if (!isTimeZone(after.timeZone)) {
    throw fail(
      'invoice.terms_invalid',
      `There is no time zone "${after.timeZone}"; one is named like Asia/Shanghai.`,
      { param: 'timeZone' },
    );
  }
  return after;
}

function isLowered(before: BillingAccount, after: BillingAccount): boolean {
  const lineOf = ({ mode, creditLinePico }: BillingAccount): bigint =>
    mode === 'postpaid' ? creditLinePico : 0n;
  return lineOf(after) < lineOf(before);
}

function taxRate(
  account: BillingAccount,
  tax: NonNullable<BillingTermsUpdate['tax']>,
  nowMs: number,
): TaxRate {
  const effectiveFromMs = tax.effectiveFrom === undefined ? nowMs : Date.parse(tax.effectiveFrom);
  if (account.closed !== null && effectiveFromMs < account.closed.toMs) {
    throw fail(
      'invoice.tax_in_closed_period',
      `Invoices are out until ${new Date(account.closed.toMs).toISOString()}; credit them instead.`,
      { param: 'tax.effectiveFrom' },
    );
  }
  const { name, mode, reason = '' } = tax;
  return { effectiveFromMs, name, mode, ratePpm: mode === 'exempt' ? 0 : tax.ratePpm, reason };
}

function present(account: BillingAccount, rates: readonly TaxRate[]): BillingTerms {
  const {
    tenantId,
    tenantName,
    currency,
    mode,
    timeZone,
    language,
    dueDays,
    graceHours,
    legalName,
    taxId,
    email,
    restriction,
  } = account;
  return {
    tenantId,
    tenantName,
    currency,
    mode,
    creditLine: formatAmount(account.creditLinePico),
    timeZone,
    language,
    dueDays,
    graceHours,
    dunning: account.dunning,
    legalName,
    address: [...account.address],
    taxId,
    email,
    restriction,
    closedUntil: account.closed === null ? null : new Date(account.closed.toMs).toISOString(),
    taxRates: rates.map(({ effectiveFromMs, ...rate }) => ({
      ...rate,
      effectiveFrom: new Date(effectiveFromMs).toISOString(),
    })),
  };
}
