/**
 * Members: people in a tenant, with a role. Nobody gives or takes a role above their own, and the
 * last owner stays. A person may belong to several tenants with one sign-in; whoever adds a person
 * that signs in already must show that person's account code, because the e-mail alone proves
 * nothing: another tenant could have opened the account in their name.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '#platform/clock.ts';
import { type Database, isUniqueViolation, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import {
  type Member,
  type MemberCreate,
  type MemberCreated,
  type MemberUpdate,
  type PageQuery,
  type Role,
  memberCreateSchema,
} from './api.ts';
import { fail } from './errors.ts';
import { requireGrant, requireLastingKey } from './key-rules.ts';
import { revokePlaygroundKeys } from './key-store.ts';
import { type Page, pageOf, toPage } from './page.ts';
import { createPassword } from './password.ts';
import { presentMember } from './present.ts';
import { type Principal, requirePermission } from './principal.ts';
import { hashPassword } from './sign-in.ts';
import {
  type MemberRow,
  countMembers,
  deleteMember,
  deletePersonWithoutTenant,
  findMember,
  findPersonByEmail,
  insertMember,
  insertPerson,
  listMembers,
  lockTenant,
  updateMemberRole,
} from './store.ts';

export type Members = Readonly<{
  list: (principal: Principal, query: PageQuery) => Promise<Page<Member>>;
  create: (principal: Principal, input: MemberCreate) => Promise<MemberCreated>;
  update: (principal: Principal, id: string, change: MemberUpdate) => Promise<Member>;
  remove: (principal: Principal, id: string) => Promise<void>;
}>;

const MEMBERS_PER_TENANT_MAX = 10_000;

export function createMembers({ database, clock }: { database: Database; clock: Clock }): Members {
  return {
    list: async (principal, query) => {
      requirePermission(principal, 'member.read');
      const rows = await listMembers(database, principal.tenantId, pageOf(query));
      return toPage(rows, query.limit, presentMember);
    },

    create: async (principal, input) => {
      requirePermission(principal, 'member.write');
      const wish = memberCreateSchema.parse(input);
      requireGrant(principal, wish.role);
      await requireLastingKey(database, principal);
      const secret = await createSecret();
      const { tenantId } = principal;
      return explainConflict(() =>
        transaction(database, async (tx) => {
          await lockTenant(tx, tenantId);
          const { members } = await countMembers(tx, tenantId);
          if (members >= MEMBERS_PER_TENANT_MAX) {
            throw fail(
              'member.too_many',
              `A tenant has at most ${MEMBERS_PER_TENANT_MAX} members.`,
            );
          }
          return addMember(tx, { ...wish, tenantId, secret, nowMs: clock.nowMs() });
        }),
      );
    },

    update: async (principal, id, { role }) => {
      requirePermission(principal, 'member.write');
      const { tenantId } = principal;
      await requireLastingKey(database, principal);
      return transaction(database, async (tx) => {
        const member = await lockMember(tx, principal, id);
        requireGrant(principal, role);
        if (role !== 'owner') await requireAnotherOwner(tx, member);
        await updateMemberRole(tx, { tenantId, id, role });
        await endPlayground(tx, member);
        return presentMember({ ...member, role });
      });
    },

    remove: async (principal, id) => {
      requirePermission(principal, 'member.write');
      await requireLastingKey(database, principal);
      await transaction(database, async (tx) => {
        const member = await lockMember(tx, principal, id);
        await requireAnotherOwner(tx, member);
        await endPlayground(tx, member);
        await deleteMember(tx, principal.tenantId, id);
        await deletePersonWithoutTenant(tx, member.userId);
      });
    },
  };

  function endPlayground(tx: Database, { tenantId, userId }: MemberRow): Promise<void> {
    const now = new Date(clock.nowMs());
    return revokePlaygroundKeys(tx, { tenantId, createdBy: userId, now });
  }
}

/** A first password and its hash, made before the transaction because hashing is slow on purpose. */
export async function createSecret(): Promise<MemberSecret> {
  const password = createPassword();
  return { password, passwordHash: await hashPassword(password) };
}

export type MemberSecret = Readonly<{ password: string; passwordHash: string }>;

export type NewMember = Readonly<{
  tenantId: string;
  name: string;
  email: string;
  role: Role;
  accountCode?: string | undefined;
  secret: MemberSecret;
  nowMs: number;
}>;

/** Adds a person, new or known, to a tenant; the password only comes back for a new one. */
export async function addMember(tx: Database, member: NewMember): Promise<MemberCreated> {
  const { tenantId, name, role, secret, nowMs } = member;
  const email = member.email.trim().toLowerCase();
  const createdAt = new Date(nowMs);
  const known = await findPersonByEmail(tx, email);
  if (known !== null && !isSame(known.id, member.accountCode ?? '')) {
    throw fail(
      'member.account_exists',
      `${email} signs in here already. Ask them for their account code (see Account) and send it along.`,
      { param: 'accountCode' },
    );
  }
  const person = known ?? { id: createId('usr', nowMs), name, email };
  if (known === null) {
    await insertPerson(tx, { ...person, passwordHash: secret.passwordHash, createdAt });
  }
  const id = createId('mem', nowMs);
  await insertMember(tx, { id, tenantId, userId: person.id, role, createdAt });
  const shown = { id, tenantId, userId: person.id, name: person.name, email, role, createdAt };
  return { ...presentMember(shown), password: known === null ? secret.password : null };
}

/** Turns the database's word on two who came at once into ours. */
export async function explainConflict<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isUniqueViolation(error, 'members_tenant_id_user_id_key')) {
      throw fail('member.exists', 'This person is a member already.', { cause: error });
    }
    if (isUniqueViolation(error, 'auth_users_email_key')) {
      throw fail('member.account_exists', 'Somebody just opened this account.', { cause: error });
    }
    throw error;
  }
}

async function lockMember(tx: Database, principal: Principal, id: string): Promise<MemberRow> {
  await lockTenant(tx, principal.tenantId);
  const member = await findMember(tx, principal.tenantId, id);
  if (member === null) throw fail('member.unknown', `There is no member ${id}.`);
  requireGrant(principal, member.role);
  return member;
}

async function requireAnotherOwner(tx: Database, member: MemberRow): Promise<void> {
  if (member.role !== 'owner') return;
  const { owners } = await countMembers(tx, member.tenantId);
  if (owners > 1) return;
  throw fail('member.last_owner', 'A tenant needs an owner; make another one first.');
}

function isSame(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
