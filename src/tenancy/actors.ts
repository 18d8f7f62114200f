/** Who is behind a key and what people call somebody: for modules that keep who did what. */
import { type Database, sql } from '#platform/database.ts';

export type Actors = Readonly<{
  /** The member who made a key; null where another key made it, or where they are gone. */
  makerOf: (tenantId: string, keyId: string) => Promise<string | null>;
  /** Of members and keys of one tenant, by id; ids that nobody knows are left out. */
  namesOf: (tenantId: string, ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Whatever the tenants: for what the operator reads. */
  tenantNames: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}>;

export function createActors(database: Database): Actors {
  return {
    makerOf: async (tenantId, keyId) => {
      const { rows } = await sql<{ createdBy: string | null }>`
        select k.created_by as "createdBy" from keys k
        join members m on m.tenant_id = k.tenant_id and m.user_id = k.created_by
        where k.tenant_id = ${tenantId} and k.id = ${keyId}`.execute(database);
      return rows[0]?.createdBy ?? null;
    },
    namesOf: async (tenantId, ids) => {
      const { rows } = await sql<{ id: string; name: string }>`
        select u.id, u.name from auth_users u
        join members m on m.user_id = u.id
        where m.tenant_id = ${tenantId} and u.id = any(${ids}::text[])
        union all
        select k.id, k.name from keys k
        where k.tenant_id = ${tenantId} and k.id = any(${ids}::text[])`.execute(database);
      return new Map(rows.map(({ id, name }) => [id, name]));
    },
    tenantNames: async (ids) => {
      const { rows } = await sql<{ id: string; name: string }>`
        select id, name from tenants where id = any(${ids}::text[])`.execute(database);
      return new Map(rows.map(({ id, name }) => [id, name]));
    },
  };
}
