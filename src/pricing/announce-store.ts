/** SQL of what is still to be said of new prices. */
import { type Database, sql } from '#platform/database.ts';

export type OpenAnnouncement = Readonly<{
  priceId: string;
  modelId: string;
  currency: string;
  effectiveFrom: Date;
  /** The last tenant that was told; empty before the first. */
  toldTo: string;
}>;

export async function insertAnnouncement(tx: Database, priceId: string): Promise<void> {
  await sql`insert into price_announcements (price_id) values (${priceId})`.execute(tx);
}

/** The oldest, locked; those that another control is at are left to it. */
export async function lockOpenAnnouncement(tx: Database): Promise<OpenAnnouncement | null> {
  const { rows } = await sql<OpenAnnouncement>`
    select a.price_id as "priceId", p.model_id as "modelId", p.currency,
      p.effective_from as "effectiveFrom", a.told_to as "toldTo"
    from price_announcements a join prices p on p.id = a.price_id
    where a.ended_at is null order by a.price_id limit 1
    for update of a skip locked`.execute(tx);
  return rows[0] ?? null;
}

export async function advanceAnnouncement(
  tx: Database,
  step: Readonly<{ priceId: string; toldTo: string; endedAt: Date | null }>,
): Promise<void> {
  const { priceId, toldTo, endedAt } = step;
  await sql`update price_announcements set told_to = ${toldTo}, ended_at = ${endedAt}
    where price_id = ${priceId}`.execute(tx);
}
