/** SQL that reads what single calls cost, for whoever made them in a tenant's name. */
import type { RawBuilder } from 'kysely';
import { type Database, sql } from '#platform/database.ts';
import { parsePico } from '#ledger/money.ts';
import { dayOfId } from './request-day.ts';
import type { Outcome, UsageBuckets } from './usage-event.ts';

export type Charge = Readonly<{
  requestId: string;
  attempt: number;
  outcome: Outcome;
  currency: string;
  amountPico: bigint;
  usage: UsageBuckets;
  /** It was answered or it cost something: the same call made again would be paid twice. */
  isCharged: boolean;
}>;

type Row = Omit<Charge, 'amountPico' | 'usage' | 'isCharged'> &
  UsageBuckets &
  Readonly<{ amount: string }>;

export async function selectCharges(
  database: Database,
  tenantId: string,
  requestIds: readonly string[],
): Promise<readonly Charge[]> {
  const { rows } = await sql<Row>`
    select request_id as "requestId", attempt, outcome, currency, amount_pico as amount,
      input_tokens as input, cache_read_tokens as "cacheRead", cache_write_tokens as "cacheWrite",
      output_tokens as output, reasoning_tokens as reasoning
    from usage_events
    where tenant_id = ${tenantId} and request_id = any(${requestIds}::text[])
      and ${inDaysOf(requestIds)}`.execute(database);
  return rows.map(({ amount, input, cacheRead, cacheWrite, output, reasoning, ...row }) => {
    const amountPico = parsePico(amount);
    return {
      ...row,
      amountPico,
      usage: { input, cacheRead, cacheWrite, output, reasoning },
      isCharged: amountPico > 0n || row.outcome === 'finished',
    };
  });
}

/** The ids say which days to look in, unless one of them says nothing. */
function inDaysOf(requestIds: readonly string[]): RawBuilder<unknown> {
  const days = new Set(requestIds.map(dayOfId));
  return days.has(null) ? sql`true` : sql`request_day = any(${[...days]}::date[])`;
}
