/** The law on authors: what is owed to each is what was earned, less what was taken back and paid out. */
import { type Law, pageOf } from '#ledger/law.ts';
import { auditAuthors } from './law-store.ts';

const authors: Law = {
  name: 'authors',
  says: 'What is owed to every author is what was earned, less what was taken back and paid out.',
  limit: 200,
  page: async (database, { after, limit }) => {
    const { examined, last, wrong } = await auditAuthors(database, { after: after ?? '', limit });
    const findings = wrong.map(({ accountId, balance, expected }) => ({
      law: 'what is owed to an author is what was earned and not paid out',
      subject: `account ${accountId}`,
      detail: `the account says ${balance} pico, earnings and payouts ${expected}`,
    }));
    return pageOf({ examined, limit, last, findings });
  },
};

export const AUTHOR_LAWS: readonly Law[] = [authors];
