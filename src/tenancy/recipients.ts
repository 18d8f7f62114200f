/** Whom a tenant is written to: its members of certain roles, with the language they chose. */
import { type Database, sql } from '#platform/database.ts';
import type { Role } from './api.ts';

export type Recipient = Readonly<{ email: string; locale: 'en' | 'zh-CN' }>;

/** A letter to more people than this is a mistake. */
const RECIPIENTS_MAX = 50;

export async function listRecipients(
  database: Database,
  query: Readonly<{ tenantId: string; roles: readonly Role[] }>,
): Promise<readonly Recipient[]> {
  const { rows } = await sql<Recipient>`
    select u.email, u.locale from members m join auth_users u on u.id = m.user_id
    where m.tenant_id = ${query.tenantId} and m.role = any(${query.roles}::text[])
    order by m.created_at, m.id limit ${RECIPIENTS_MAX}`.execute(database);
  return rows;
}
