/**
 * Looks at every budget once a minute and at every tenant once an hour, and says what is reached or
 * unusual. Any number of controls may look: what was said once in a period is said no more, because its
 * row is there.
 */
import { formatAmount } from '#ledger/money.ts';
import { transaction } from '#platform/database.ts';
import { readCurrencies } from '#tenancy/currency.ts';
import { type Reached, reachedBy } from './alert.ts';
import { LOOK_BACK_MS, findAnomaly } from './anomaly.ts';
import type { BudgetParts, Standing } from './budgets.ts';
import { HOUR_MS } from './span.ts';
import { readHours } from './spending.ts';
import { insertAlert, takeAllUnchecked } from './store.ts';

const CHECK_EVERY_MS = 60_000;
const AT_ONCE_MAX = 200;
const TENANTS_MAX = 5_000;
/** Calls of an hour are in the books some seconds after it; a gateway that was away needs minutes. */
const SETTLED_AFTER_MS = 10 * 60_000;

/** One round over what was not looked at lately; says how many alerts fired. */
export async function checkBudgets(parts: BudgetParts): Promise<number> {
  const { clock, database, log } = parts;
  const nowMs = clock.nowMs();
  const before = new Date(nowMs - CHECK_EVERY_MS);
  const rows = await takeAllUnchecked(database, {
    before,
    now: new Date(nowMs),
    limit: AT_ONCE_MAX,
  });
  let fired = 0;
  for (const row of rows) {
    try {
      fired += await tell(parts, await parts.stand(row));
    } catch (error) {
      log.warn('budget.check_failed', { budgetId: row.id, error });
    }
  }
  return fired;
}

async function tell(parts: BudgetParts, standing: Standing): Promise<number> {
  const { row, spentPico, ahead } = standing;
  const reached = reachedBy({ ...row, spentPico, forecastPico: ahead.endPico });
  if (reached.length === 0) return 0;
  return transaction(parts.database, async (tx) => {
    const fresh: Reached[] = [];
    for (const each of reached) {
      const { tenantId, id: budgetId } = row;
      const periodStart = new Date(standing.span.startMs);
      const now = new Date(parts.clock.nowMs());
      if (await insertAlert(tx, { ...each, tenantId, budgetId, periodStart, now }))
        fresh.push(each);
    }
    // Who jumps from nothing to 120 % hears once of the highest, and not of each step below it.
    for (const kind of ['actual', 'forecast'] as const) {
      const highest = fresh.findLast((each) => each.kind === kind);
      if (highest !== undefined) await sendAlert(parts, tx, standing, highest);
    }
    return fresh.length;
  });
}

async function sendAlert(
  { notices }: BudgetParts,
  tx: Parameters<typeof insertAlert>[0],
  { row, span, spentPico, ahead }: Standing,
  { kind, percent }: Reached,
): Promise<void> {
  const { tenantId, id: budgetId, name: budget, level, scopeId, currency } = row;
  await notices.send(tx, {
    tenantId,
    kind: kind === 'actual' ? 'budget.reached' : 'budget.forecast',
    data: {
      budgetId,
      budget,
      level,
      scopeId,
      percent,
      currency,
      amount: formatAmount(row.amountPico),
      spent: formatAmount(spentPico),
      forecast: ahead.endPico === null ? null : formatAmount(ahead.endPico),
      periodStart: new Date(span.startMs).toISOString().slice(0, 10),
      stopsAt: row.stops ? '100 %' : null,
    },
  });
}

/** Looks at the last hour that is complete; says of how many tenants it was unusual. */
export async function checkHour(parts: BudgetParts): Promise<number> {
  const { clock, rollup, log } = parts;
  const hourMs = lastCompleteHour(clock.nowMs());
  let found = 0;
  for (const currency of await readCurrencies(parts.database)) {
    const spenders = await rollup({
      scope: { tenantId: null, projectId: null },
      range: { fromMs: hourMs, toMs: hourMs + HOUR_MS },
      currency,
      interval: 'none',
      groupBy: ['tenant'],
      limit: TENANTS_MAX,
    });
    for (const { tenant, amountPico } of spenders) {
      if (tenant === null || BigInt(amountPico) <= 0n) continue;
      try {
        if (await lookAt(parts, { tenantId: tenant, currency, hourMs })) found += 1;
      } catch (error) {
        log.warn('budget.hour_failed', { tenantId: tenant, error });
      }
    }
  }
  return found;
}

export function lastCompleteHour(nowMs: number): number {
  return Math.floor((nowMs - SETTLED_AFTER_MS) / HOUR_MS) * HOUR_MS - HOUR_MS;
}

async function lookAt(
  parts: BudgetParts,
  { tenantId, currency, hourMs }: Readonly<{ tenantId: string; currency: string; hourMs: number }>,
): Promise<boolean> {
  const range = { fromMs: hourMs - LOOK_BACK_MS, toMs: hourMs + HOUR_MS };
  const whose = { tenantId, level: 'tenant', scopeId: tenantId } as const;
  const anomaly = findAnomaly(await readHours(parts, { ...whose, currency, ...range }), hourMs);
  if (anomaly === null) return false;
  const hour = new Date(hourMs).toISOString();
  const scope = (await parts.names.tenant(tenantId))?.name ?? tenantId;
  await transaction(parts.database, (tx) =>
    parts.notices.send(tx, {
      tenantId,
      kind: 'spend.anomaly',
      key: hour,
      data: {
        hour,
        scope,
        currency,
        spent: formatAmount(anomaly.spentPico),
        usual: formatAmount(anomaly.usualPico),
        most: formatAmount(anomaly.mostPico),
      },
    }),
  );
  return true;
}
