/** The feed's version row: bumped by triggers in the transaction that changes what the feed shows. */
import { type Database, sql } from '#platform/database.ts';

export async function readFeedVersion(database: Database): Promise<number> {
  const { rows } = await sql<{ version: number }>`
    select version from feed_version
  `.execute(database);
  return rows[0]?.version ?? 0;
}
