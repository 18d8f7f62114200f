/**
 * Keeps each tenant's lease book filled. A request that finds money takes its hold without waiting;
 * the next lease is asked for in the background while half of the last is left. When there is no
 * lease and control says there is no money the answer is 402; when control cannot be asked it is 503:
 * for money this fails closed. Leases end by the monotonic clock, so a clock that is set does not matter.
 */
import type { CoverStop } from '#ledger/covering.ts';
import type { Clock } from '#platform/clock.ts';
import type { Log } from '#platform/log.ts';
import type { ControlClient, LeaseAnswer } from './control-client.ts';
import {
  type GrantedLease,
  type Hold,
  type Lease,
  type LeaseBook,
  type Scope,
  type Wanted,
  addLease,
  createLeaseBook,
  dropEnded,
  endHold,
  isLow,
  lackOf,
  openHolds,
  priceOfHold,
  raiseHold,
  spentOf,
  takeHold,
} from './lease-book.ts';
import { LeaseDemand } from './lease-demand.ts';
import { leaseRefusal } from './lease-refusal.ts';

export type Payer = Readonly<{ tenantId: string; currency: string }>;

/** A lease that ends this soon counts as spent when looking ahead. */
const AHEAD_MS = 60_000;
/** "No money" stands this long, so that a program in a loop does not ask control each time. */
const REFUSAL_TTL_MS = 500;
/**
 * Each time the lease that came is spent by others before we wake; control gives a quarter of the rest, so
 * after this often there is nothing to speak of.
 */
const ASK_ATTEMPTS_MAX = 32;

/** What was asked for one kind of call; leases may be for some calls only. */
type Asking = {
  under: Promise<void> | null;
  refusedUntilMs: number;
  /** Less than this was not refused. */
  refusedPico: bigint;
  /** Why it was, where more money would not help. */
  stop: CoverStop | null;
  /** After control did not answer, the next look ahead waits until then. */
  refillAfterMs: number;
};

type Account = {
  readonly payer: Payer;
  readonly book: LeaseBook;
  readonly demand: LeaseDemand;
  readonly askings: Map<string, Asking>;
  isRelaxed: boolean;
};

/** Models that a tenant calls through one gateway; past this the memory of refusals starts anew. */
const ASKINGS_MAX = 1_000;

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
  hold(payer: Payer, wanted: Wanted): Hold | Promise<Hold> {
    const account = this.#accountOf(payer);
    const nowMs = this.#nowMs();
    const taken = take(account, wanted, nowMs);
    if (taken === null) return this.#holdAfterAsking(account, wanted);
    const { scope } = wanted;
    if (isLow(account.book, { scope, nowMs, aheadMs: AHEAD_MS })) {
      const asking = askingOf(account, scope);
      if (asking.refusedUntilMs <= nowMs && asking.refillAfterMs <= nowMs) {
        this.#refill(account, wanted);
      }
    }
    return taken;
  }

  /**
   * Makes the hold of a stream that goes on so large. False where there is no money, or nobody to ask:
   * then the stream must not go on.
   */
  raise(payer: Payer, hold: Hold, toPico: bigint): boolean | Promise<boolean> {
    const account = this.#accountOf(payer);
    const before = hold.estimatePico;
    if (raiseHold(account.book, hold, toPico)) {
      account.demand.heldPico += hold.estimatePico - before;
      return true;
    }
    return this.#raiseAfterAsking(account, hold, toPico);
  }

  settle(payer: Payer, hold: Hold, spentPico: bigint): void {
    const { demand, book } = this.#accountOf(payer);
    demand.heldPico -= hold.estimatePico;
    demand.spent(spentPico, this.#nowMs());
    endHold(book, hold, spentPico);
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
      const book = createLeaseBook();
      account = { payer, book, demand: new LeaseDemand(), askings: new Map(), isRelaxed: false };
      this.#accounts.set(name, account);
    }
    return account;
  }

  /** A lease that others asked for may be gone when we wake, so we look and ask once more each. */
  async #holdAfterAsking(account: Account, wanted: Wanted): Promise<Hold> {
    const asking = askingOf(account, wanted.scope);
    for (let attempt = 0; attempt < ASK_ATTEMPTS_MAX; attempt += 1) {
      const { estimatePico } = priceOfHold(account, wanted);
      const isRefused = asking.refusedUntilMs > this.#nowMs();
      if (isRefused && estimatePico >= asking.refusedPico) break;
      account.demand.waitingPico += estimatePico;
      try {
        await this.#ask(account, wanted);
      } finally {
        account.demand.waitingPico -= estimatePico;
      }
      const taken = take(account, wanted, this.#nowMs());
      if (taken !== null) return taken;
    }
    throw leaseRefusal(asking.stop, this.#deps.clock.nowMs());
  }

  async #raiseAfterAsking(account: Account, hold: Hold, toPico: bigint): Promise<boolean> {
    const { payer, book, demand } = account;
    try {
      const minimumPico = lackOf(book, hold, toPico);
      const startedMs = this.#nowMs();
      const amountPico = demand.nextPico(minimumPico, startedMs);
      const leaseId = hold.leaseId;
      const asked = { ...payer, amountPico, minimumPico, leaseId };
      const { lease, isRelaxed } = await this.#deps.control.lease(asked);
      if (lease?.id !== leaseId) return false;
      addLease(book, grantedOf(lease, { isRelaxed, startedMs }));
    } catch (error) {
      this.#deps.log.warn('lease.raise_failed', { tenantId: payer.tenantId, error });
      return false;
    }
    const before = hold.estimatePico;
    if (!raiseHold(book, hold, toPico)) return false;
    demand.heldPico += hold.estimatePico - before;
    return true;
  }

  #refill(account: Account, wanted: Wanted): void {
    const asking = askingOf(account, wanted.scope);
    if (asking.under !== null) return;
    this.#ask(account, wanted).catch((error: unknown) => {
      this.#deps.log.warn('lease.refill_failed', { tenantId: account.payer.tenantId, error });
      asking.refillAfterMs = this.#nowMs() + REFUSAL_TTL_MS;
    });
  }

  #ask(account: Account, wanted: Wanted): Promise<void> {
    const asking = askingOf(account, wanted.scope);
    asking.under ??= this.#askOnce(account, wanted, asking).finally(() => {
      asking.under = null;
    });
    return asking.under;
  }

  async #askOnce(account: Account, wanted: Wanted, asking: Asking): Promise<void> {
    const { payer, book, demand } = account;
    const startedMs = this.#nowMs();
    const { estimatePico } = priceOfHold(account, wanted);
    // A rest that is too small for the request may be what control lacks for it.
    await this.#releaseAll(dropEnded(book, startedMs, estimatePico));
    const answer = await this.#deps.control.lease({
      ...payer,
      scope: wanted.scope,
      amountPico: demand.nextPico(estimatePico, startedMs),
      minimumPico: estimatePico,
      worstPico: priceOfHold(account, wanted).worstPico,
    });
    const nowMs = this.#nowMs();
    account.isRelaxed = answer.isRelaxed;
    if (answer.lease === null) {
      asking.refusedUntilMs = nowMs + REFUSAL_TTL_MS;
      asking.refusedPico = estimatePico;
      asking.stop = answer.stop ?? null;
      return;
    }
    asking.refusedUntilMs = 0;
    addLease(book, grantedOf(answer.lease, { isRelaxed: answer.isRelaxed, startedMs }));
  }

  /** Control ends a lease by itself when its time is over; giving it back only frees the rest sooner. */
  async #releaseAll(leases: readonly Lease[]): Promise<void> {
    for (const result of await Promise.allSettled(leases.map((lease) => this.#release(lease)))) {
      if (result.status === 'rejected') {
        this.#deps.log.debug('lease.release_failed', { error: result.reason });
      }
    }
  }

  #release(lease: Lease): Promise<void> {
    return this.#deps.control.releaseLease({ id: lease.id, spentPico: spentOf(lease) });
  }

  #nowMs(): number {
    return this.#deps.clock.monotonicMs();
  }
}

/** Its time counts from when we asked: it must not end later here than there. */
function grantedOf(
  { ttlMs, ...lease }: NonNullable<LeaseAnswer['lease']>,
  at: Readonly<{ isRelaxed: boolean; startedMs: number }>,
): GrantedLease {
  return { ...lease, isRelaxed: at.isRelaxed, expiresAtMs: at.startedMs + ttlMs };
}

function take({ book, demand }: Account, wanted: Wanted, nowMs: number): Hold | null {
  const taken = takeHold(book, wanted, nowMs);
  if (taken !== null) demand.heldPico += taken.estimatePico;
  return taken;
}

function askingOf({ askings }: Account, { projectId, modelId }: Scope): Asking {
  const name = `${projectId} ${modelId}`;
  let asking = askings.get(name);
  if (asking === undefined) {
    if (askings.size >= ASKINGS_MAX) askings.clear();
    asking = { under: null, refusedUntilMs: 0, refusedPico: 0n, refillAfterMs: 0, stop: null };
    askings.set(name, asking);
  }
  return asking;
}
