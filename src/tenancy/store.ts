/**
 * All SQL of tenants, projects, members and keys. Every statement on a tenant's rows names the
 * tenant; the few that look across tenants say so in their name. Secrets arrive here as hashes only.
 */
import { type Database, sql } from '#platform/database.ts';
import type { Role } from './api.ts';
import { DEFAULT_CURRENCY } from './currency.ts';

export type TenantRow = Readonly<{
  id: string;
  name: string;
  kind: 'operator' | 'partner' | 'customer';
  currency: string;
  state: 'active' | 'suspended';
  createdAt: Date;
}>;

export type ProjectRow = Readonly<{ id: string; tenantId: string; name: string; createdAt: Date }>;

export type MemberRow = Readonly<{
  id: string;
  tenantId: string;
  userId: string;
  name: string;
  email: string;
  role: Role;
  createdAt: Date;
}>;

export type PersonRow = Readonly<{
  id: string;
  name: string;
  email: string;
  locale: 'en' | 'zh-CN';
}>;

/** One page: rows with an id below the cursor, newest first; one more than `limit` tells of a next. */
export type PageOf = Readonly<{ cursor: string | null; limit: number }>;

const tenantColumns = sql`id, name, kind, currency, state, created_at as "createdAt"`;
const projectColumns = sql`id, tenant_id as "tenantId", name, created_at as "createdAt"`;
const memberColumns = sql`m.id, m.tenant_id as "tenantId", m.user_id as "userId", u.name, u.email,
  m.role, m.created_at as "createdAt"`;

export async function findTenant(database: Database, id: string): Promise<TenantRow | null> {
  const { rows } = await sql<TenantRow>`
    select ${tenantColumns} from tenants where id = ${id}`.execute(database);
  return rows[0] ?? null;
}

export async function findOperatorTenantId(database: Database): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select id from tenants where kind = 'operator'`.execute(database);
  return rows[0]?.id ?? null;
}

/** For the operator; everybody else sees their own tenant only. */
export async function listAllTenants(database: Database, page: PageOf): Promise<TenantRow[]> {
  const { rows } = await sql<TenantRow>`
    select ${tenantColumns} from tenants
    where ${page.cursor}::text is null or id < ${page.cursor}
    order by id desc limit ${page.limit + 1}`.execute(database);
  return rows;
}

export async function listSuspendedTenantIds(database: Database): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from tenants where state = 'suspended' order by id`.execute(database);
  return rows.map(({ id }) => id);
}

export async function insertTenant(
  tx: Database,
  tenant: Readonly<{
    id: string;
    parentId: string | null;
    kind: TenantRow['kind'];
    name: string;
    currency?: string;
    createdAt: Date;
  }>,
): Promise<TenantRow> {
  const { rows } = await sql<TenantRow>`
    insert into tenants (id, parent_id, kind, name, currency, created_at)
    values (${tenant.id}, ${tenant.parentId}, ${tenant.kind}, ${tenant.name},
      ${tenant.currency ?? DEFAULT_CURRENCY}, ${tenant.createdAt})
    returning ${tenantColumns}`.execute(tx);
  return only(rows);
}

export async function updateTenant(
  tx: Database,
  id: string,
  change: Readonly<{ name: string | null; state: TenantRow['state'] | null }>,
): Promise<TenantRow | null> {
  const { rows } = await sql<TenantRow>`
    update tenants set name = coalesce(${change.name}, name), state = coalesce(${change.state}, state)
    where id = ${id} returning ${tenantColumns}`.execute(tx);
  return rows[0] ?? null;
}

/** Serialises whatever counts a tenant's rows before it changes them. */
export async function lockTenant(tx: Database, tenantId: string): Promise<void> {
  // Not "for update": rows that refer to the tenant (usage, entries) must not wait for this.
  await sql`select 1 from tenants where id = ${tenantId} for no key update`.execute(tx);
}

export async function listProjects(
  database: Database,
  tenantId: string,
  page: PageOf & Readonly<{ projectId: string | null }>,
): Promise<ProjectRow[]> {
  const { rows } = await sql<ProjectRow>`
    select ${projectColumns} from projects
    where tenant_id = ${tenantId}
      and (${page.projectId}::text is null or id = ${page.projectId})
      and (${page.cursor}::text is null or id < ${page.cursor})
    order by id desc limit ${page.limit + 1}`.execute(database);
  return rows;
}

export async function findFirstProjectId(
  database: Database,
  tenantId: string,
): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select id from projects where tenant_id = ${tenantId} order by id limit 1`.execute(database);
  return rows[0]?.id ?? null;
}

export async function countProjects(tx: Database, tenantId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from projects where tenant_id = ${tenantId}`.execute(tx);
  return only(rows).count;
}

export async function insertProject(
  tx: Database,
  project: Readonly<{ id: string; tenantId: string; name: string; createdAt: Date }>,
): Promise<ProjectRow> {
  const { rows } = await sql<ProjectRow>`
    insert into projects (tenant_id, id, name, created_at)
    values (${project.tenantId}, ${project.id}, ${project.name}, ${project.createdAt})
    returning ${projectColumns}`.execute(tx);
  return only(rows);
}

export async function listMembers(
  database: Database,
  tenantId: string,
  page: PageOf,
): Promise<MemberRow[]> {
  const { rows } = await sql<MemberRow>`
    select ${memberColumns} from members m join auth_users u on u.id = m.user_id
    where m.tenant_id = ${tenantId} and (${page.cursor}::text is null or m.id < ${page.cursor})
    order by m.id desc limit ${page.limit + 1}`.execute(database);
  return rows;
}

export async function findMember(
  database: Database,
  tenantId: string,
  id: string,
): Promise<MemberRow | null> {
  const { rows } = await sql<MemberRow>`
    select ${memberColumns} from members m join auth_users u on u.id = m.user_id
    where m.tenant_id = ${tenantId} and m.id = ${id}`.execute(database);
  return rows[0] ?? null;
}

export async function countMembers(
  tx: Database,
  tenantId: string,
): Promise<Readonly<{ members: number; owners: number }>> {
  const { rows } = await sql<{ members: number; owners: number }>`
    select count(*) as members, count(*) filter (where role = 'owner') as owners
    from members where tenant_id = ${tenantId}`.execute(tx);
  return only(rows);
}

/** Raises a unique violation when the person is a member already. */
export async function insertMember(
  tx: Database,
  member: Readonly<{ id: string; tenantId: string; userId: string; role: Role; createdAt: Date }>,
): Promise<void> {
  await sql`
    insert into members (tenant_id, id, user_id, role, created_at)
    values (${member.tenantId}, ${member.id}, ${member.userId}, ${member.role}, ${member.createdAt})
  `.execute(tx);
}

export async function updateMemberRole(
  tx: Database,
  member: Readonly<{ tenantId: string; id: string; role: Role }>,
): Promise<void> {
  await sql`
    update members set role = ${member.role}
    where tenant_id = ${member.tenantId} and id = ${member.id}`.execute(tx);
}

export async function deleteMember(tx: Database, tenantId: string, id: string): Promise<void> {
  await sql`delete from members where tenant_id = ${tenantId} and id = ${id}`.execute(tx);
}

/** Whoever has left their last tenant cannot sign in any more; keys they made stay. */
export async function deletePersonWithoutTenant(tx: Database, userId: string): Promise<void> {
  await sql`
    delete from auth_users u
    where u.id = ${userId} and not exists (select 1 from members m where m.user_id = u.id)`.execute(
    tx,
  );
}

export async function findPerson(database: Database, userId: string): Promise<PersonRow | null> {
  const { rows } = await sql<PersonRow>`
    select id, name, email, locale from auth_users where id = ${userId}`.execute(database);
  return rows[0] ?? null;
}

export async function findPersonByEmail(
  database: Database,
  email: string,
): Promise<PersonRow | null> {
  const { rows } = await sql<PersonRow>`
    select id, name, email, locale from auth_users where email = ${email}`.execute(database);
  return rows[0] ?? null;
}

/** A person and their password, as the sign-in library keeps them. */
export async function insertPerson(
  tx: Database,
  person: Readonly<{
    id: string;
    name: string;
    email: string;
    passwordHash: string;
    createdAt: Date;
  }>,
): Promise<void> {
  await sql`
    insert into auth_users (id, name, email, created_at, updated_at)
    values (${person.id}, ${person.name}, ${person.email}, ${person.createdAt}, ${person.createdAt})
  `.execute(tx);
  await sql`
    insert into auth_accounts (id, user_id, account_id, provider_id, password, created_at, updated_at)
    values (${person.id}, ${person.id}, ${person.id}, 'credential', ${person.passwordHash},
      ${person.createdAt}, ${person.createdAt})`.execute(tx);
}

/** Keeps a person's newest sessions; the others are over, or of machines long forgotten. */
export async function deleteOldSessions(
  database: Database,
  person: Readonly<{ userId: string; keep: number }>,
): Promise<void> {
  await sql`
    delete from auth_sessions
    where user_id = ${person.userId} and (expires_at < now() or id not in (
      select id from auth_sessions where user_id = ${person.userId} and expires_at > now()
      order by created_at desc, id desc limit ${person.keep}))`.execute(database);
}

export type Membership = Readonly<{
  memberId: string;
  role: Role;
  tenantId: string;
  tenantName: string;
  tenantKind: TenantRow['kind'];
  tenantState: TenantRow['state'];
}>;

/** A person's tenants, the one they joined first in front. */
export async function listMemberships(database: Database, userId: string): Promise<Membership[]> {
  const { rows } = await sql<Membership>`
    select m.id as "memberId", m.role, t.id as "tenantId", t.name as "tenantName",
      t.kind as "tenantKind", t.state as "tenantState"
    from members m join tenants t on t.id = m.tenant_id
    where m.user_id = ${userId} order by m.created_at, m.id limit 1000`.execute(database);
  return rows;
}

function only<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error('a statement that always answers one row answered none');
  return row;
}
