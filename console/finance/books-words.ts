/** Laws of the books as people read them, and where the row that a finding names can be looked at. Pure. */
import type { TFunction } from 'i18next';
import type { BookLaw } from '../cloud.ts';

type Words = Readonly<{ name: string; says: string }>;

/** A law that this console does not know yet is shown as it says itself. */
export function wordsOfLaw(t: TFunction, law: Pick<BookLaw, 'name' | 'says'>): Words {
  const known: Readonly<Record<string, Words>> = {
    calls: { name: t('books.calls'), says: t('books.callsSays') },
    postings: { name: t('books.postings'), says: t('books.postingsSays') },
    holds: { name: t('books.settled'), says: t('books.settledSays') },
    sums: { name: t('books.sums'), says: t('books.sumsSays') },
    days: { name: t('books.days'), says: t('books.daysSays') },
    journals: { name: t('books.journals'), says: t('books.journalsSays') },
    shipments: { name: t('books.shipments'), says: t('books.shipmentsSays') },
    entries: { name: t('books.entries'), says: t('books.entriesSays') },
    balances: { name: t('books.balances'), says: t('books.balancesSays') },
    leases: { name: t('books.leases'), says: t('books.leasesSays') },
    checkpoints: { name: t('books.checkpoints'), says: t('books.checkpointsSays') },
    grants: { name: t('books.grants'), says: t('books.grantsSays') },
    subscriptions: { name: t('books.subscriptions'), says: t('books.subscriptionsSays') },
    payments: { name: t('books.payments'), says: t('books.paymentsSays') },
    authors: { name: t('books.authors'), says: t('books.authorsSays') },
    invoices: { name: t('books.invoices'), says: t('books.invoicesSays') },
  };
  return known[law.name] ?? { name: law.name, says: law.says };
}

export type Place =
  | Readonly<{ tab: 'ledger'; entry: number }>
  | Readonly<{ tab: 'ledger'; account: string }>
  | Readonly<{ tab: 'ledger'; find: string }>;

/** What the ledger explorer opens for `entry 12 of ten_…`, `account …` or `event ten_…/req_…/0`. */
export function placeOf(subject: string): Place | null {
  const [kind = '', id = ''] = subject.split(' ');
  if (kind === 'entry' && /^\d{1,15}$/.test(id)) return { tab: 'ledger', entry: Number(id) };
  if (kind === 'account' && id !== '') return { tab: 'ledger', account: id };
  const requestId = kind === 'event' ? id.split('/')[1] : undefined;
  return requestId === undefined ? null : { tab: 'ledger', find: requestId };
}
