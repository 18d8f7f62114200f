/** The ledger as the operator reads it: every account, what moved it, and single entries whole. */
import type { Database } from '#platform/database.ts';
import type { AccountLine, LedgerAccount, LedgerEntry } from './api.ts';
import { fail } from './errors.ts';
import {
  type AccountQuery,
  selectAccountLines,
  selectAccounts,
  selectEntry,
  selectEntryPostings,
} from './explore-store.ts';
import { formatAmount } from './money.ts';

export type Explorer = Readonly<{
  accounts: (query: AccountQuery) => Promise<readonly LedgerAccount[]>;
  /** Newest first. */
  lines: (
    query: Readonly<{ accountId: string; beforeId: number | null; limit: number }>,
  ) => Promise<readonly AccountLine[]>;
  /** Raises `ledger.entry_unknown`. */
  entry: (id: number) => Promise<LedgerEntry>;
  /** Null where no entry has this key. */
  entryIdOfKey: (key: string) => Promise<number | null>;
}>;

export function createExplorer(database: Database): Explorer {
  return {
    accounts: async (query) => {
      const rows = await selectAccounts(database, query);
      return rows.map(({ balancePico, floorPico, createdAt, ...row }) => ({
        ...row,
        balance: formatAmount(BigInt(balancePico)),
        floor: floorPico === null ? null : formatAmount(BigInt(floorPico)),
        createdAt: createdAt.toISOString(),
      }));
    },
    lines: async (query) => {
      const rows = await selectAccountLines(database, query);
      return rows.map(({ amountPico, balancePico, effectiveAt, ...row }) => ({
        ...row,
        effectiveAt: effectiveAt.toISOString(),
        amount: formatAmount(BigInt(amountPico)),
        balance: formatAmount(BigInt(balancePico)),
      }));
    },
    entry: async (id) => {
      const row = await selectEntry(database, { id, key: null });
      if (row === null) {
        throw fail('ledger.entry_unknown', `There is no entry ${id}.`, { param: 'id' });
      }
      const postings = await selectEntryPostings(database, id);
      return {
        ...row,
        effectiveAt: row.effectiveAt.toISOString(),
        recordedAt: row.recordedAt.toISOString(),
        postings: postings.map(({ amount, ...posting }) => ({
          ...posting,
          amount: formatAmount(BigInt(amount)),
        })),
      };
    },
    entryIdOfKey: async (key) => (await selectEntry(database, { id: null, key }))?.id ?? null,
  };
}
