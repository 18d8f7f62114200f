/**
 * The key that the console calls `/v1` with: made for a signed-in member, with the member's role,
 * good for an hour, in no list. It ends with the membership or with a change of role. Its id says what
 * it is, so that usage tells the playground from the keys that people made, also when it is long gone.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { PlaygroundKey } from './api.ts';
import { fail } from './errors.ts';
import { chooseProject, requireRoom } from './key-rules.ts';
import { deleteExpiredPlaygroundKeys, insertKey } from './key-store.ts';
import { createKey } from './key.ts';
import { type Principal, requirePermission } from './principal.ts';

/** The console asks for a new one when this is over; a leaked one is soon worthless. */
const LIFE_MS = 60 * 60_000;
/** Kept a while after they expire, so that usage can still be traced to who caused it. */
const KEEP_MS = 35 * 24 * 60 * 60_000;

export async function createPlaygroundKey(
  { database, clock }: { database: Database; clock: Clock },
  principal: Principal,
): Promise<PlaygroundKey> {
  requirePermission(principal, 'model.call');
  const { tenantId, userId, role } = principal;
  if (userId === null) {
    throw fail('access.denied', 'Only a signed-in member needs a key for the playground.');
  }
  const projectId = await chooseProject(database, principal);
  const { secret, sha256, hint } = createKey('api');
  const nowMs = clock.nowMs();
  const now = new Date(nowMs);
  const expiresAt = new Date(nowMs + LIFE_MS);
  const before = new Date(nowMs - KEEP_MS);
  await transaction(database, async (tx) => {
    await deleteExpiredPlaygroundKeys(tx, { tenantId, createdBy: userId, before });
    await requireRoom(tx, { tenantId, projectId, now });
    await insertKey(tx, {
      id: createId('pgk', nowMs),
      tenantId,
      projectId,
      kind: 'playground',
      name: 'Playground',
      hint,
      sha256,
      role,
      models: null,
      createdBy: userId,
      createdAt: now,
      expiresAt,
    });
  });
  return { secret, expiresAt: expiresAt.toISOString() };
}
