/**
 * Limits on the hot path: who may call from where and what, and whether there is room for one more
 * request in every limit that holds it. A request that finds room in the shares at hand is let in
 * without waiting for anything; one that does not waits for control to make a share larger, or in line
 * where its caller asked for that, and is refused with the reason and the time to come back.
 *
 * Promises: a request takes from all of its limits or from none, and gives back exactly once; a share
 * that has ended admits nobody; and while control is away what is at hand is used up and then no more.
 */
import type { Clock } from '#platform/clock.ts';
import type { Log } from '#platform/log.ts';
import type { KeyIdentity } from '../control-client.ts';
import type { FeedState } from '../feed-state.ts';
import { BudgetMeter } from './budget-meter.ts';
import type { ReadAddress } from './caller-address.ts';
import { CountMeter } from './count-meter.ts';
import { type Draw, takeAll } from './draw.ts';
import type { Meter, MeterAddress } from './meter.ts';
import { type Policy, type PolicyAnswer, compilePolicy } from './policy.ts';
import { PolicyTable } from './policy-table.ts';
import { limited } from './refusal.ts';
import { type AskShares, ShareAsker } from './share-asker.ts';
import { TokenEstimate } from './token-estimate.ts';
import { WaitingLine } from './waiting-line.ts';

export type LimitControl = Readonly<{
  readPolicy: (
    key: Readonly<{ tenantId: string; projectId: string; keyId: string }>,
  ) => Promise<PolicyAnswer>;
  askShares: AskShares;
}>;

export type LimiterDeps = Readonly<{
  control: LimitControl;
  feed: FeedState;
  readAddress: ReadAddress;
  clock: Clock;
  log: Log;
}>;

/** Shares that are not used go back this soon, and what is shown of their use is this old at most. */
const SYNC_MS = 2_000;
/** Each round halves what is still free of a limit, so this many reach the end of any. */
const ASK_ROUNDS_MAX = 24;

export class Limiter {
  readonly estimate = new TokenEstimate();
  readonly readAddress: ReadAddress;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #policies: PolicyTable;
  readonly #meters = new Map<string, Meter>();
  /** Those that hold a share or want one. */
  readonly #active = new Set<Meter>();
  readonly #asker: ShareAsker;
  readonly #line: WaitingLine;
  readonly #timer: NodeJS.Timeout;
  #open = 0;

  constructor(deps: LimiterDeps) {
    const { clock, log, feed, control } = deps;
    this.#clock = clock;
    this.#log = log;
    this.readAddress = deps.readAddress;
    this.#asker = new ShareAsker(control.askShares, clock);
    this.#line = new WaitingLine(clock, (meter) => this.#refill(meter));
    const lookUp = async ({ id: keyId, tenantId, projectId }: KeyIdentity): Promise<Policy> => {
      const answer = await control.readPolicy({ tenantId, projectId, keyId });
      return compilePolicy(tenantId, answer, (address, limit) => this.#meterOf(address, limit));
    };
    this.#policies = new PolicyTable({ lookUp, feed, clock });
    this.#timer = setInterval(() => this.sync(), SYNC_MS).unref();
  }

  /** Draws neither settled nor undone. */
  get open(): number {
    return this.#open;
  }

  get waiting(): number {
    return this.#line.length;
  }

  nowMs(): number {
    return this.#clock.monotonicMs();
  }

  /** Raises `control_unavailable` where nothing is known of the key. */
  policyOf(key: KeyIdentity): Policy | Promise<Policy> {
    return this.#policies.of(key);
  }

  /**
   * Takes what the draw needs. Raises `rate_limit_exceeded`, `tokens_rate_limit_exceeded`, `slow_down`,
   * `insufficient_quota`, `control_unavailable`, and what `onWait`'s leave was given.
   */
  take(draw: Draw, wait: Wait): null | Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const refusedBy = inLine(draw) ?? takeAll(draw, nowMs);
    if (refusedBy !== null) return this.#takeLater(draw, refusedBy, wait);
    this.#taken(draw, nowMs);
    return null;
  }

  /** After a draw was settled or undone: its place may be somebody's. */
  ended(): void {
    this.#open -= 1;
    if (this.#line.length > 0) this.#line.look();
  }

  /** Tells control what is in use, and gives back what nobody needs. */
  sync(): void {
    const nowMs = this.#clock.monotonicMs();
    const changed: Meter[] = [];
    for (const meter of this.#active) {
      meter.trim();
      if (meter.isIdle(nowMs)) {
        this.#active.delete(meter);
        changed.push(meter);
      } else if (meter.hasNews(nowMs)) changed.push(meter);
    }
    if (changed.length === 0) return;
    this.#asker.ask(changed).catch((error: unknown) => {
      this.#log.debug('limits.sync_failed', { meters: changed.length, error });
    });
  }

  async stop(reason: Error): Promise<void> {
    clearInterval(this.#timer);
    this.#line.stop(reason);
    try {
      await this.#asker.giveBack(this.#active);
    } catch (error) {
      this.#log.warn('limits.release_failed', { error });
    }
  }

  async #takeLater(draw: Draw, refusedBy: Meter, wait: Wait): Promise<void> {
    const isInLine = refusedBy.waiting > 0;
    const stillBy = isInLine ? refusedBy : await this.#askAndTake(draw, refusedBy);
    const refused = stillBy === null ? null : await this.#waitInLine(draw, stillBy, wait);
    const nowMs = this.#clock.monotonicMs();
    if (refused !== null) throw limited(refused, draw, nowMs);
    this.#taken(draw, nowMs);
  }

  /** Asks for larger shares until the draw fits or there is nothing more to be had. */
  async #askAndTake(draw: Draw, refusedBy: Meter): Promise<Meter | null> {
    let lacking: Meter | null = refusedBy;
    for (let round = 0; round < ASK_ROUNDS_MAX && lacking !== null; round += 1) {
      const nowMs = this.#clock.monotonicMs();
      if (!lacking.mayGrow(nowMs)) return lacking;
      // All that lack something at once, so that five limits are one call to control.
      const short = draw.meters.filter((meter) => !meter.fits(draw, nowMs) && meter.mayGrow(nowMs));
      for (const meter of short) {
        meter.expect(draw);
        this.#active.add(meter);
      }
      try {
        await this.#asker.ask(short);
      } finally {
        for (const meter of short) meter.expectNoMore(draw);
      }
      lacking = takeAll(draw, this.#clock.monotonicMs());
    }
    return lacking;
  }

  async #waitInLine(draw: Draw, refusedBy: Meter, wait: Wait): Promise<Meter | null> {
    const isMoney = refusedBy.untilResetMs(this.#clock.monotonicMs()) !== null;
    if (wait.waitMs === 0 || isMoney || !this.#line.hasRoom(refusedBy)) return refusedBy;
    const { ended, leave } = this.#line.join(draw, wait.waitMs);
    wait.onWait(leave);
    return ended;
  }

  #taken(draw: Draw, nowMs: number): void {
    this.#open += 1;
    for (const meter of draw.meters) {
      this.#active.add(meter);
      if (meter.isLow(nowMs)) this.#refill(meter);
    }
  }

  #refill(meter: Meter): void {
    this.#active.add(meter);
    this.#asker.ask([meter]).catch((error: unknown) => {
      this.#log.debug('limits.refill_failed', { ...meter.address, error });
    });
  }

  #meterOf(address: MeterAddress, limit: bigint): Meter {
    const { level, scopeId, metric } = address;
    const name = `${level} ${scopeId} ${metric}`;
    let meter = this.#meters.get(name);
    if (meter === undefined) {
      meter = createMeter(address, limit);
      this.#meters.set(name, meter);
      return meter;
    }
    meter.setLimit(limit);
    if (this.#active.has(meter)) this.#refill(meter);
    return meter;
  }
}

/** How long the caller lets its request wait, and how the wait is cut short when it leaves. */
export type Wait = Readonly<{
  waitMs: number;
  onWait: (leave: (reason: Error) => void) => void;
}>;

function createMeter(address: MeterAddress, limit: bigint): Meter {
  const { metric } = address;
  if (metric === 'daily_budget' || metric === 'monthly_budget') {
    return new BudgetMeter(address, limit);
  }
  return new CountMeter(address, metric, limit);
}

/** Somebody stands in line for one of its limits: it goes behind them. */
function inLine(draw: Draw): Meter | null {
  for (const meter of draw.meters) if (meter.waiting > 0) return meter;
  return null;
}
