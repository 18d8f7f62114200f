/**
 * Secrets that must be read again: what signs a webhook, the keys of a payment provider. Owns the
 * envelope they are sealed in, the master keys, and a table of sealed secrets by tenant and owner.
 * Promises that a copy of the database alone opens none, and that a row moved to another tenant or
 * owner does not open there. Secrets that are only compared (keys, passwords) are hashes elsewhere.
 */
import { type Database, transaction } from '#platform/database.ts';
import { type SecretOwner, openSecret, rewrapSecret, sealSecret } from './envelope.ts';
import { fail } from './errors.ts';
import type { MasterKeys } from './master-keys.ts';
import { deleteSealed, lockAllSealedByOthers, selectSealed, upsertSealed } from './store.ts';

export type Vault = Readonly<{
  /** Seals it in the caller's transaction, in place of what was there. */
  put: (tx: Database, owner: SecretOwner, secret: string) => Promise<void>;
  /** Null where there is none. Raises `secret.unreadable`. */
  read: (database: Database, owner: SecretOwner) => Promise<string | null>;
  remove: (tx: Database, owner: SecretOwner) => Promise<void>;
  /** Seals everything by the newest master key and says how many that were. */
  rewrap: () => Promise<number>;
}>;

/** Rows held locked at a time: a rotation never stops a whole cloud's changes for long. */
const REWRAP_BATCH = 200;

export function createVault(
  parts: Readonly<{ database: Database; masterKeys: MasterKeys }>,
): Vault {
  const { database, masterKeys } = parts;

  const masterOf = async (id: string) => {
    const master = await masterKeys.find(id);
    if (master !== null) return master;
    throw fail(
      'secret.unreadable',
      `A secret was sealed by master key ${id}, which this cloud does not have. Restore it, or give the secret again.`,
    );
  };

  const rewrapBatch = async (): Promise<number> =>
    transaction(database, async (tx) => {
      const to = await masterKeys.newest();
      const rows = await lockAllSealedByOthers(tx, { masterKeyId: to.id, limit: REWRAP_BATCH });
      for (const row of rows) {
        const from = await masterOf(row.masterKeyId);
        await upsertSealed(tx, { ...row, ...rewrapSecret(row, row, { from, to }) });
      }
      return rows.length;
    });

  return {
    put: async (tx, { tenantId, id }, secret) => {
      const sealed = sealSecret(secret, { tenantId, id }, await masterKeys.newest());
      await upsertSealed(tx, { tenantId, id, ...sealed });
    },
    read: async (where, owner) => {
      const row = await selectSealed(where, owner);
      return row === null ? null : openSecret(row, row, await masterOf(row.masterKeyId));
    },
    remove: deleteSealed,
    rewrap: async () => {
      for (let rewrapped = 0; ;) {
        const count = await rewrapBatch();
        rewrapped += count;
        if (count < REWRAP_BATCH) return rewrapped;
      }
    },
  };
}
