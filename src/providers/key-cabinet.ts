/** The keys of providers: sealed on the way in, opened for who may, sealed anew when the master key turns. */
import { type Database, transaction } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type { KeyRotation } from './api.ts';
import {
  type SealedSecret,
  type SecretOwner,
  openSecret,
  rewrapSecret,
  sealSecret,
} from '#vault/envelope.ts';
import { fail } from './errors.ts';
import type { MasterKeys } from '#vault/master-keys.ts';
import { type SealedRow, lockSealedByOthers, selectSealed, updateWrapping } from './store.ts';

/** Rows held locked at a time: a rotation never stops a whole cloud's changes for long. */
const ROTATE_BATCH = 200;
const HINT_CHARACTERS = 4;

export function createKeyCabinet(
  parts: Readonly<{
    database: Database;
    masterKeys: MasterKeys;
    /** Whoever else keeps secrets under the master keys seals them anew, and says how many. */
    rewrapOthers?: () => Promise<number>;
    log: Log;
  }>,
) {
  const { database, masterKeys, log } = parts;

  const open = async (row: SealedRow): Promise<string> => {
    const master = await masterKeys.find(row.masterKeyId);
    if (master === null) throw unreadable(row.masterKeyId);
    try {
      return openSecret(row, row, master);
    } catch (cause) {
      throw fail(
        'provider.key_unreadable',
        'The stored key of this provider cannot be opened with the master keys of this cloud. Give its key again.',
        { cause },
      );
    }
  };

  const rewrapBatch = async (masterKeyId: string): Promise<number> =>
    transaction(database, async (tx) => {
      const rows = await lockSealedByOthers(tx, { masterKeyId, limit: ROTATE_BATCH });
      const to = await masterKeys.newest();
      for (const row of rows) {
        const from = await masterKeys.find(row.masterKeyId);
        if (from === null) throw unreadable(row.masterKeyId);
        await updateWrapping(tx, { ...row, ...rewrapSecret(row, row, { from, to }) });
      }
      return rows.length;
    });

  return {
    seal: async (apiKey: string, owner: SecretOwner): Promise<SealedSecret> =>
      sealSecret(apiKey, owner, await masterKeys.newest()),
    openById: async (id: string): Promise<Readonly<{ apiKey: string; keyVersion: number }>> => {
      const row = await selectSealed(database, id);
      if (row === null) throw fail('provider.unknown', `There is no provider ${id}.`);
      return { apiKey: await open(row), keyVersion: row.keyVersion };
    },
    /** Crashing in the middle is harmless: both master keys are kept until nothing needs the old one. */
    rotate: async (): Promise<KeyRotation> => {
      const { id: masterKeyId } = await masterKeys.renew();
      let rewrapped = 0;
      for (;;) {
        const count = await rewrapBatch(masterKeyId);
        rewrapped += count;
        if (count < ROTATE_BATCH) break;
      }
      rewrapped += (await parts.rewrapOthers?.()) ?? 0;
      await masterKeys.forgetOlder();
      log.info('master_key.rotated', { masterKeyId, rewrapped });
      return { masterKeyId, rewrapped };
    },
  };
}

/** Enough to tell two keys apart, and nothing of a short one. */
export function hintOf(apiKey: string): string {
  return apiKey.length < 4 * HINT_CHARACTERS ? '…' : `…${apiKey.slice(-HINT_CHARACTERS)}`;
}

function unreadable(masterKeyId: string): Error {
  return fail(
    'provider.key_unreadable',
    `The key of a provider was sealed by master key ${masterKeyId}, which this cloud does not have. Restore it, or give the provider its key again.`,
  );
}
