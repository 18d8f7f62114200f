/**
 * What runs by itself: periods whose grace is over are closed, closes that were interrupted go on, and what is
 * owed is looked at again. Any number of controls may do this at once; rows are locked, so each thing happens once.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { transaction } from '#platform/database.ts';
import { codeOf } from '#platform/error.ts';
import { selectAccounts } from './account-store.ts';
import type { BillingParts } from './billing-ports.ts';
import { closePeriod, openPeriodOf } from './close.ts';
import { selectDebtors } from './invoice-store.ts';
import { closesAtMs } from './period.ts';
import { selectFrozen } from './period-store.ts';
import { settleTenant } from './settle.ts';

/** A month ends once a month; a minute late is soon enough. */
const ROUND_EVERY_MS = 60_000;
const PAGE = 500;
/** Periods of one tenant that are closed in a round: a cloud that slept for years catches up in a few. */
const PERIODS_PER_ROUND_MAX = 24;

/** One round. Answers how many periods were closed. */
export async function runRound(parts: BillingParts): Promise<number> {
  let closed = 0;
  for (const { tenantId, label } of await selectFrozen(parts.database, PAGE)) {
    closed += (await tryClose(parts, { tenantId, label })) ? 1 : 0;
  }
  for await (const account of accountsOf(parts)) {
    let next = account;
    for (let round = 0; round < PERIODS_PER_ROUND_MAX; round += 1) {
      const period = openPeriodOf(next);
      if (parts.clock.nowMs() < closesAtMs(period, next.graceHours)) break;
      const { tenantId } = next;
      if (!(await tryClose(parts, { tenantId, label: period.label }))) break;
      closed += 1;
      next = { ...next, closed: period };
    }
  }
  for await (const tenantId of debtorsOf(parts)) {
    await transaction(parts.database, (tx) => settleTenant(tx, parts, tenantId));
  }
  return closed;
}

/** A close that finds something wrong keeps its finding with the period; the others go on. */
async function tryClose(
  parts: BillingParts,
  at: Readonly<{ tenantId: string; label: string }>,
): Promise<boolean> {
  try {
    await closePeriod(parts, at);
    return true;
  } catch (error) {
    if (codeOf(error) === 'invoice.period_open') return false;
    parts.log.error('invoice.close_failed', { ...at, error });
    return false;
  }
}

async function* accountsOf({ database }: BillingParts) {
  let afterId: string | null = null;
  for (;;) {
    const accounts = await selectAccounts(database, { afterId, limit: PAGE });
    yield* accounts;
    const last = accounts.at(-1);
    if (last === undefined || accounts.length < PAGE) return;
    afterId = last.tenantId;
  }
}

async function* debtorsOf({ database }: BillingParts) {
  let afterId: string | null = null;
  for (;;) {
    const tenantIds: readonly string[] = await selectDebtors(database, { afterId, limit: PAGE });
    yield* tenantIds;
    const last = tenantIds.at(-1);
    if (last === undefined || tenantIds.length < PAGE) return;
    afterId = last;
  }
}

export function startRounds(parts: BillingParts): Readonly<{ stop: () => Promise<void> }> {
  const stopping = new AbortController();
  const ended = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await runRound(parts);
      } catch (error) {
        parts.log.error('invoice.round_failed', { error });
      }
      await delay(ROUND_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => {
        // Woken to stop; the loop looks why.
      });
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}
