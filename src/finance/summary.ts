/** How long a tenant's money lasts, what the month cost so far, and who paid. */
import type { Clock } from '#platform/clock.ts';
import type { Ledger } from '#ledger/ledger.ts';
import { formatAmount, parseAmount, sum } from '#ledger/money.ts';
import type { SpendingSummary } from './api.ts';
import { BURN_DAYS, burnOf, daysLeft, forecastOf, monthAround } from './burn.ts';
import type { SpendReader } from './spend.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** Hours of the burn's window × sources, and some. */
const ROWS_MAX = 5_000;

export type SummaryParts = Readonly<{
  metering: SpendReader;
  ledger: Pick<Ledger, 'balance'>;
  clock: Clock;
}>;

export async function readSummary(
  { metering, ledger, clock }: SummaryParts,
  query: Readonly<{ tenantId: string; projectId: string | null; currency: string }>,
): Promise<SpendingSummary> {
  const { tenantId, projectId, currency } = query;
  const nowMs = clock.nowMs();
  const month = monthAround(nowMs);
  const asked = { scope: { tenantId, projectId }, currency, limit: ROWS_MAX };
  // Whole hours, the one that has begun among them.
  const toMs = (Math.floor(nowMs / HOUR_MS) + 1) * HOUR_MS;
  const burnRange = { fromMs: toMs - BURN_DAYS * DAY_MS, toMs };
  const recent = await metering.sources({ ...asked, range: burnRange, interval: 'hour' });
  const monthRange = { fromMs: month.startMs, toMs: month.endMs };
  const sources = await metering.sources({ ...asked, range: monthRange, interval: 'none' });
  const lastRange = { fromMs: month.previousMs, toMs: month.startMs };
  const last = await metering.sources({ ...asked, range: lastRange, interval: 'none' });

  const soFarPico = total(sources);
  // Somebody who spent before these days has had all seven of them; who begins now has had fewer.
  const isNew = soFarPico + total(last) <= total(recent);
  const firstAtMs = isNew ? (recent[0]?.start.getTime() ?? null) : burnRange.fromMs;
  const cash = recent.filter(({ source }) => source === 'cash');
  const balance = await ledger.balance(tenantId, currency);
  const burn = burnOf({ spentPico: total(cash), firstAtMs, nowMs });
  const pace = burnOf({ spentPico: total(recent), firstAtMs, nowMs });
  return {
    currency,
    balance: balance.balance,
    held: balance.held,
    available: balance.available,
    burn: { perDay: formatAmount(burn.perDayPico), days: burn.days },
    daysLeft: daysLeft(parseAmount(balance.available), burn),
    month: new Date(month.startMs).toISOString().slice(0, 7),
    monthEnds: new Date(month.endMs).toISOString(),
    thisMonth: formatAmount(soFarPico),
    lastMonth: formatAmount(total(last)),
    forecast: formatAmount(forecastOf({ soFarPico, burn: pace, nowMs, monthEndMs: month.endMs })),
    sources: sources
      .toSorted((a, b) => (BigInt(b.amountPico) > BigInt(a.amountPico) ? 1 : -1))
      .map(({ source, amountPico }) => ({ source, amount: formatAmount(BigInt(amountPico)) })),
  };
}

function total(rows: readonly Readonly<{ amountPico: string }>[]): bigint {
  return sum(rows.map(({ amountPico }) => BigInt(amountPico)));
}
