/**
 * Keeps each tenant's lease book filled. A request that finds money takes its hold without waiting;
 * the next lease is asked for in the background while half of the last is left. When there is no
 * lease and control says there is no money the answer is 402; when control cannot be asked it is 503:
 * for money this fails closed.
 */
import type { Clock } from '#platform/clock.ts';
import type { Log } from '#platform/log.ts';
import type { ControlClient } from './control-client.ts';
import { failRequest } from './errors.ts';
import {
  type Hold,
  type Lease,
  type LeaseBook,
  addLease,
  createLeaseBook,
  dropEnded,
  endHold,
  isLow,
  openHolds,
  spentOf,
  takeHold,
} from './lease-book.ts';

export type Payer = Readonly<{ tenantId: string; currency: string }>;

/** One lease should carry this many requests like the one that asks. */
const HOLDS_PER_LEASE = 32n;
/** A tenth of a yuan: below this the calls to control cost more than the risk. */
const LEASE_PICO_MIN = 100_000_000_000n;
/** A lease that ends this soon counts as spent when looking ahead. */
const AHEAD_MS = 60_000;
/** "No money" stands this long, so that a program in a loop does not ask control each time. */
const REFUSAL_TTL_MS = 500;
type Account = {
  readonly payer: Payer;
  readonly book: LeaseBook;
  /** Sum of the open holds: how much is in flight says how large the next lease should be. */
  heldPico: bigint;
  asking: Promise<void> | null;
  refusedUntilMs: number;
  /** After control did not answer, the next look ahead waits until then. */
  refillAfterMs: number;
};

export type LeaseKeeperDeps = Readonly<{
  control: Pick<ControlClient, 'lease' | 'releaseLease'>;
  clock: Clock;
  log: Log;
}>;

export class LeaseKeeper {
  readonly #deps: LeaseKeeperDeps;
  readonly #accounts = new Map<string, Account>();

  constructor(deps: LeaseKeeperDeps) {
    this.#deps = deps;
  }

  get openHolds(): number {
    let holds = 0;
    for (const { book } of this.#accounts.values()) holds += openHolds(book);
    return holds;
  }

  get leases(): number {
    let leases = 0;
    for (const { book } of this.#accounts.values()) leases += book.leases.length;
    return leases;
  }

  /** Raises `insufficient_quota` or `control_unavailable`. */
  hold(payer: Payer, amountPico: bigint): Hold | Promise<Hold> {
    const account = this.#accountOf(payer);
    const nowMs = this.#deps.clock.nowMs();
    const taken = take(account, amountPico, nowMs);
    if (taken === null) return this.#holdAfterAsking(account, amountPico);
    const mayAsk = account.refusedUntilMs <= nowMs && account.refillAfterMs <= nowMs;
    if (mayAsk && isLow(account.book, nowMs, AHEAD_MS)) {
      this.#refill(account, amountPico);
    }
    return taken;
  }

  settle(payer: Payer, hold: Hold, spentPico: bigint): void {
    const account = this.#accountOf(payer);
    account.heldPico -= hold.amountPico;
    endHold(account.book, hold, spentPico);
  }

  /** Gives every lease back to control. */
  async stop(): Promise<void> {
    const leases = [...this.#accounts.values()].flatMap(({ book }) => book.leases);
    this.#accounts.clear();
    const results = await Promise.allSettled(leases.map((lease) => this.#release(lease)));
    const failed = results.filter(({ status }) => status === 'rejected').length;
    if (failed > 0) this.#deps.log.warn('lease.release_failed', { count: failed });
  }

  #accountOf(payer: Payer): Account {
    const name = `${payer.tenantId} ${payer.currency}`;
    let account = this.#accounts.get(name);
    if (account === undefined) {
      account = {
        payer,
        book: createLeaseBook(),
        heldPico: 0n,
        asking: null,
        refusedUntilMs: 0,
        refillAfterMs: 0,
      };
      this.#accounts.set(name, account);
    }
    return account;
  }

  /** A lease that others asked for may be gone when we wake, so we look and ask once more each. */
  async #holdAfterAsking(account: Account, amountPico: bigint): Promise<Hold> {
    for (let attempt = 0; attempt < ASK_ATTEMPTS_MAX; attempt += 1) {
      if (account.refusedUntilMs > this.#deps.clock.nowMs()) break;
      await this.#ask(account, amountPico);
      const taken = take(account, amountPico, this.#deps.clock.nowMs());
      if (taken !== null) return taken;
    }
    throw failRequest(
      'insufficient_quota',
      'There is not enough credit for this request. A smaller max_tokens needs less.',
    );
  }

  #refill(account: Account, amountPico: bigint): void {
    if (account.asking !== null) return;
    this.#ask(account, amountPico).catch((error: unknown) => {
      this.#deps.log.warn('lease.refill_failed', { tenantId: account.payer.tenantId, error });
      account.refillAfterMs = this.#deps.clock.nowMs() + REFUSAL_TTL_MS;
    });
  }

  #ask(account: Account, amountPico: bigint): Promise<void> {
    account.asking ??= this.#askOnce(account, amountPico).finally(() => {
      account.asking = null;
    });
    return account.asking;
  }

  async #askOnce(account: Account, amountPico: bigint): Promise<void> {
    const wanted = max(amountPico * HOLDS_PER_LEASE, account.heldPico * 2n, LEASE_PICO_MIN);
    const { tenantId, currency } = account.payer;
    const answer = await this.#deps.control.lease({
      tenantId,
      currency,
      amountPico: wanted,
      minimumPico: amountPico,
    });
    const nowMs = this.#deps.clock.nowMs();
    if (answer.lease === null) {
      account.refusedUntilMs = nowMs + REFUSAL_TTL_MS;
      return;
    }
    account.refusedUntilMs = 0;
    addLease(account.book, answer.lease);
    for (const lease of dropEnded(account.book, nowMs)) {
      // Control ends a lease by itself when its time is over; giving it back only frees the rest sooner.
      this.#release(lease).catch((error: unknown) => {
        this.#deps.log.debug('lease.release_failed', { leaseId: lease.id, error });
      });
    }
  }

  #release(lease: Lease): Promise<void> {
    return this.#deps.control.releaseLease({ id: lease.id, spentPico: spentOf(lease) });
  }
}

function take(account: Account, amountPico: bigint, nowMs: number): Hold | null {
  const taken = takeHold(account.book, amountPico, nowMs);
  if (taken !== null) account.heldPico += amountPico;
  return taken;
}

/** Each try that finds a new lease already spent by others means more demand, and a larger lease next. */
const ASK_ATTEMPTS_MAX = 5;

function max(...amounts: readonly bigint[]): bigint {
  return amounts.reduce((largest, amount) => (amount > largest ? amount : largest), 0n);
}
