/** Gives an invoice up: what is owed on it is written off, and no longer dunned for. */
import { transaction } from '#platform/database.ts';
import { platformAccount, tenantCredit } from '#ledger/entry.ts';
import type { BillingParts } from './billing-ports.ts';
import { fail } from './errors.ts';
import { lockInvoice, selectInvoice, updateInvoice } from './invoice-store.ts';
import { settleTenant } from './settle.ts';

/** Doing it twice changes nothing. Raises `invoice.unknown`, `invoice.state_wrong`. */
export async function markUncollectible(parts: BillingParts, invoiceId: string): Promise<void> {
  await transaction(parts.database, async (tx) => {
    const found = await selectInvoice(tx, { tenantId: null, id: invoiceId });
    if (found === null) throw fail('invoice.unknown', `There is no invoice ${invoiceId}.`);
    const { tenantId, currency } = found;
    const credit = tenantCredit(tenantId, currency);
    await parts.ledger.leases.payable(tx, { accounts: [credit], leaseIds: [] });
    const invoice = (await lockInvoice(tx, found)) ?? found;
    if (invoice.state === 'uncollectible') return;
    if (invoice.state !== 'open') {
      throw fail('invoice.state_wrong', `The invoice is ${invoice.state}: nothing is owed on it.`);
    }
    const lostPico = invoice.outstandingPico;
    await parts.ledger.post(tx, {
      key: `write_off/${invoice.id}`,
      kind: 'write_off',
      reference: { number: invoice.number },
      effectiveAtMs: parts.clock.nowMs(),
      postings: [
        { account: credit, amountPico: lostPico },
        { account: platformAccount('bad_debt', currency), amountPico: -lostPico },
      ],
    });
    await updateInvoice(tx, {
      ...invoice,
      state: 'uncollectible',
      writtenOffPico: invoice.writtenOffPico + lostPico,
      outstandingPico: 0n,
      dunning: null,
    });
    await settleTenant(tx, parts, tenantId);
  });
}
