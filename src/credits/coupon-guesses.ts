/**
 * How often a tenant may be wrong about a coupon's code. A code has at least four characters, and somebody who
 * tries them one after the other would find those of others; a person who mistypes one needs a few tries.
 * Counted under the tenant's lock, so that tries at the same time are counted each.
 */
import { type Database, sql } from '#platform/database.ts';
import { fail } from './errors.ts';

export const WRONG_GUESSES_MAX = 10;
const WINDOW_MS = 60 * 60_000;

type At = Readonly<{ tenantId: string; nowMs: number }>;

/** Raises `coupon.guesses_exhausted`, with when it may be tried again. */
export async function requireGuess(tx: Database, { tenantId, nowMs }: At): Promise<void> {
  const { rows } = await sql<{ since: Date; wrong: number }>`
    select since, wrong from coupon_guesses where tenant_id = ${tenantId}`.execute(tx);
  const [row] = rows;
  if (row === undefined || row.wrong < WRONG_GUESSES_MAX) return;
  const retryAfterMs = row.since.getTime() + WINDOW_MS - nowMs;
  if (retryAfterMs <= 0) return;
  const message = `${WRONG_GUESSES_MAX} codes in an hour were wrong: try again later, or ask who gave you the code.`;
  throw fail('coupon.guesses_exhausted', message, { param: 'code', retryAfterMs });
}

/** An hour after the first wrong one the count begins anew. */
export async function countWrongGuess(tx: Database, { tenantId, nowMs }: At): Promise<void> {
  const now = new Date(nowMs);
  const begins = new Date(nowMs - WINDOW_MS);
  await sql`
    insert into coupon_guesses as kept (tenant_id, since, wrong) values (${tenantId}, ${now}, 1)
    on conflict (tenant_id) do update set
      since = case when kept.since <= ${begins} then ${now} else kept.since end,
      wrong = case when kept.since <= ${begins} then 1 else kept.wrong + 1 end`.execute(tx);
}
