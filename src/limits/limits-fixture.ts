/** For tests: a tenant without members or keys, because shares need no more. */
import { type Database, sql } from '#platform/database.ts';
import { createId } from '#platform/id.ts';

export async function insertTestTenant(database: Database): Promise<string> {
  const id = createId('ten');
  await sql`insert into tenants (id, kind, name) values (${id}, 'customer', 'Test')`.execute(
    database,
  );
  return id;
}
