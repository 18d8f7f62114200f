/**
 * One set of limits, as values: of a tenant by its operator, of a tenant by itself, of a project or of
 * a key. Pure. Every level that has a set applies, and a request needs room in all of them.
 */
import { formatAmount, parseAmount } from '#ledger/money.ts';
import type { Level, LimitSet } from './api.ts';
import { fail } from './errors.ts';
import { METRICS, type Metric } from './metric.ts';
import { parseNetwork } from './network.ts';
import { isTimeZone } from './period.ts';

export type Definition = Readonly<{
  requestsPerSecond: number | null;
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  concurrency: number | null;
  dailyBudgetPico: bigint | null;
  monthlyBudgetPico: bigint | null;
  models: readonly string[] | null;
  regions: readonly string[] | null;
  networks: readonly string[] | null;
  timeZone: string | null;
}>;

export type Scope = Readonly<{ tenantId: string; level: Level; scopeId: string }>;

export type StoredLimit = Scope & Definition & Readonly<{ updatedAt: Date }>;

/** Raises `limit.network_invalid`, `limit.time_zone_invalid` and `limit.empty`. */
export function parseDefinition(level: Level, set: LimitSet): Definition {
  for (const network of set.networks ?? []) {
    if (parseNetwork(network) !== null) continue;
    throw fail(
      'limit.network_invalid',
      `${JSON.stringify(network)} is no network; write 10.0.0.0/8, 2001:db8::/32 or one address.`,
      { param: 'networks' },
    );
  }
  const timeZone = set.timeZone ?? null;
  if (timeZone !== null && (level !== 'tenant' || !isTimeZone(timeZone))) {
    const what =
      level === 'tenant' ? `${JSON.stringify(timeZone)} is no time zone` : 'belongs to the tenant';
    throw fail('limit.time_zone_invalid', `timeZone: ${what}.`, { param: 'timeZone' });
  }
  const definition: Definition = {
    requestsPerSecond: set.requestsPerSecond ?? null,
    requestsPerMinute: set.requestsPerMinute ?? null,
    tokensPerMinute: set.tokensPerMinute ?? null,
    concurrency: set.concurrency ?? null,
    dailyBudgetPico: picoOf(set.dailyBudget),
    monthlyBudgetPico: picoOf(set.monthlyBudget),
    models: set.models ?? null,
    regions: set.regions ?? null,
    networks: set.networks ?? null,
    timeZone,
  };
  if (Object.values(definition).every((value) => value === null)) {
    throw fail('limit.empty', 'Nothing is limited by this; remove the limit instead.');
  }
  return definition;
}

function picoOf(amount: string | null | undefined): bigint | null {
  return amount === null || amount === undefined ? null : parseAmount(amount);
}

export function presentBudget(pico: bigint | null): string | null {
  return pico === null ? null : formatAmount(pico);
}

/** The limit of a metric, in its own unit: calls, tokens, requests or pico. */
export function limitOf(definition: Definition, metric: Metric): bigint | null {
  const value = {
    requests_per_second: definition.requestsPerSecond,
    requests_per_minute: definition.requestsPerMinute,
    tokens_per_minute: definition.tokensPerMinute,
    concurrency: definition.concurrency,
    daily_budget: definition.dailyBudgetPico,
    monthly_budget: definition.monthlyBudgetPico,
  }[metric];
  return value === null ? null : BigInt(value);
}

export function metricsOf(definition: Definition): Metric[] {
  return METRICS.filter((metric) => limitOf(definition, metric) !== null);
}
