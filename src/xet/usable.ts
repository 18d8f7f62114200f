/**
 * Which xorbs a tenant may know of: those it sent itself, and those that a file is made of which it may
 * read. Of all others nothing shows that they exist, here and in every answer.
 */
import type { Database } from '#platform/database.ts';
import type { XetHash } from './hash.ts';
import { selectHeld, selectUsers } from './store.ts';

/** Which of these files, by their SHA-256, the tenant may read; within one repository where one is named. */
export type Readable = (
  scope: Readonly<{ tenantId: string; repositoryId?: string }>,
  sha256s: readonly string[],
) => Promise<ReadonlySet<string>>;

export interface Usable {
  xorbs(tenantId: string, hashes: readonly XetHash[]): Promise<ReadonlySet<XetHash>>;
}

/** A xorb of a public base is in files of thousands; a few of them settle it for whom any is readable. */
const FILES_ASKED_MAX = 100;

export function createUsable(database: Database, readable: Readable): Usable {
  return {
    xorbs: async (tenantId, hashes) => {
      const held = await selectHeld(database, tenantId, hashes);
      const others = hashes.filter((hash) => !held.has(hash));
      if (others.length === 0) return held;
      const users = await selectUsers(database, others, FILES_ASKED_MAX);
      const seen = await readable({ tenantId }, [...new Set(users.map(({ sha256 }) => sha256))]);
      const known = users.filter(({ sha256 }) => seen.has(sha256)).map(({ xorb }) => xorb);
      return new Set([...held, ...known]);
    },
  };
}
