/** For tests: control's side of limits in memory, with the same arithmetic. */
import { shareSize } from '#limits/share.ts';
import { isBudget, ttlMsOf } from '#limits/metric.ts';
import type { ShareGrant } from './meter.ts';
import type { PolicyAnswer } from './policy.ts';
import type { ShareRequest } from './share-asker.ts';

type Held = { id: string; meter: string; gatewayId: string; amount: bigint };

type Level = PolicyAnswer['levels'][number];

const NOTHING = { models: null, regions: null, networks: null };

export class LimitStandIn {
  levels: Level[] = [];
  version = 0;
  /** How often a gateway asked for shares. */
  asked = 0;
  /** Spent already, whatever the budget. */
  spentPico = 0n;
  readonly held: Held[] = [];

  /** Limits of the whole tenant from now on. */
  set(metrics: Readonly<Record<string, number>>, more: Partial<Level> = {}): void {
    const text = Object.entries(metrics).map(([name, limit]) => [name, String(limit)]);
    const whole = { ...NOTHING, metrics: Object.fromEntries(text) };
    this.levels = [{ level: 'tenant', scopeId: 'ten_one', ...whole, ...more }];
    this.version += 1;
  }

  policy(): PolicyAnswer {
    return { version: this.version, levels: this.levels };
  }

  grant(gatewayId: string, requests: readonly ShareRequest[]): readonly ShareGrant[] {
    this.asked += 1;
    return requests.map((request) => this.#grantOne(gatewayId, request));
  }

  #grantOne(gatewayId: string, request: ShareRequest): ShareGrant {
    const { level, scopeId, metric, shareId, used, want, least } = request;
    const meter = `${level} ${scopeId} ${metric}`;
    const found = this.levels.find((each) => each.level === level && each.scopeId === scopeId);
    const text = found?.metrics[metric];
    const none = { shareId: null, amount: 0n, others: 0n, fair: null, ttlMs: 0, resetsInMs: null };
    if (text === undefined) return { ...none, limit: null };
    const limit = BigInt(text);
    let own = this.held.find(({ id }) => id === shareId);
    let others = isBudget(metric) ? this.spentPico : 0n;
    for (const share of this.held)
      if (share.meter === meter && share !== own) others += share.amount;
    const amount = shareSize({ limit, others, mine: own?.amount ?? 0n, used, want, least });
    if (own === undefined && amount > 0n) {
      own = { id: `shr_${this.held.length}`, meter, gatewayId, amount };
      this.held.push(own);
    }
    if (own !== undefined) own.amount = amount;
    const resetsInMs = isBudget(metric) ? 3_600_000 : null;
    const kept = want === 0n ? null : (own?.id ?? null);
    const ttlMs = ttlMsOf(metric);
    return { shareId: kept, amount, limit, others, fair: null, ttlMs, resetsInMs };
  }
}

/** A request as it comes over the wire, with its amounts in text. */
export function parseShareRequests(body: string): { gatewayId: string; requests: ShareRequest[] } {
  const amounts = new Set(['used', 'want', 'least']);
  return JSON.parse(body, (name, value: unknown) =>
    amounts.has(name) && typeof value === 'string' ? BigInt(value) : value,
  );
}

export function shareAnswer(grants: readonly ShareGrant[]): string {
  return JSON.stringify({ shares: grants }, (_name, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}
