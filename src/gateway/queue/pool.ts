/**
 * The line before the replicas of one model, with what is measured there: how long a slot is held, and
 * whether more than one tenant has come lately. While tenants share, a few slots are kept for those that
 * hold less than an equal part: a flood then never holds all of them, and a quiet tenant does not even
 * wait for the first one to come free. Who is alone in a pool has all of it.
 */
import { FairQueue, type Order, type Work } from './fair-queue.ts';
import { ServiceTime } from './service-time.ts';

/** Requests that wait for one model. More would only wait in vain: at 256 the wait is past any patience. */
export const QUEUE_MAX = 256;

/** A pool is shared for this long after tenants took turns in it. */
const SHARED_FOR_MS = 60_000;

/** One slot of sixteen; a pool of fewer than eight is too small to keep one idle. */
const HEADROOM_SHARE = 1 / 16;
const HEADROOM_SLOTS_MIN = 8;

export function headroomOf(slots: number): number {
  return slots < HEADROOM_SLOTS_MIN ? 0 : Math.max(1, Math.floor(slots * HEADROOM_SHARE));
}

/** Work that is being served, and how its tokens are read. */
type Running = Readonly<{ work: Work; read: () => number }>;

export class Pool<T> {
  readonly queue: FairQueue<T>;
  readonly service = new ServiceTime();
  /** When outliers were last looked for. */
  lookedAtMs = Number.NEGATIVE_INFINITY;
  readonly #running = new Set<Running>();
  #lastTenantId: string | null = null;
  #sharedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(sizeMax: number = QUEUE_MAX) {
    this.queue = new FairQueue(sizeMax);
  }

  get isIdle(): boolean {
    return this.queue.size === 0 && this.#running.size === 0;
  }

  /** A request of this tenant came. */
  saw(tenantId: string, nowMs: number): void {
    if (this.#lastTenantId !== null && this.#lastTenantId !== tenantId) {
      this.#sharedUntilMs = nowMs + SHARED_FOR_MS;
    }
    this.#lastTenantId = tenantId;
  }

  /** Whether one of so many free slots is for this tenant, or kept for another. */
  mayTake(order: Order, slots: Readonly<{ free: number; all: number }>, nowMs: number): boolean {
    if (slots.free <= 0) return false;
    if (nowMs >= this.#sharedUntilMs || slots.free > headroomOf(slots.all)) return true;
    const part = slots.all / Math.max(2, this.queue.activeTenants);
    return order.tier !== 'flex' && this.queue.running(order) < Math.max(1, Math.floor(part));
  }

  /** Work starts; its tokens are read when somebody's turn is decided, and at its end. */
  begin(work: Work, read: () => number): () => void {
    const running = { work, read };
    work.costs(read());
    this.#running.add(running);
    return () => {
      if (!this.#running.delete(running)) return;
      work.costs(read());
      work.end();
    };
  }

  /** Tokens of all that runs, charged up to now. */
  charge(): void {
    for (const { work, read } of this.#running) work.costs(read());
  }
}
