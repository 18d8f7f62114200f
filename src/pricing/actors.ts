/** Who is behind what is done to prices: a member, also where a key of theirs did it. */
import type { Principal } from '#tenancy/principal.ts';

/** What pricing asks of tenancy. */
export type ActorDirectory = Readonly<{
  /** The member who made a key; null where another key made it, or where they are gone. */
  makerOf: (tenantId: string, keyId: string) => Promise<string | null>;
  /** What people call members and keys, by id; ids that nobody knows are left out. */
  namesOf: (tenantId: string, ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}>;

export type Actor = Readonly<{
  tenantId: string;
  /** A member's id, or a key's where no member can be found behind it. */
  id: string;
  isMember: boolean;
}>;

export async function actorOf(
  directory: ActorDirectory,
  principal: Pick<Principal, 'tenantId' | 'userId' | 'keyId'>,
): Promise<Actor> {
  const { tenantId, userId, keyId } = principal;
  if (userId !== null) return { tenantId, id: userId, isMember: true };
  const makerId = keyId === null ? null : await directory.makerOf(tenantId, keyId);
  if (makerId !== null) return { tenantId, id: makerId, isMember: true };
  return { tenantId, id: keyId ?? 'nobody', isMember: false };
}
