/**
 * Who waits for the replicas of one model, and whose turn it is: first by class of service, then by
 * tenant, both by virtual counters, then in order of arrival. It also counts what is served without
 * waiting, because a fair share is of everything served and not of what happened to queue.
 *
 * Bounded: where it is full, a newcomer takes the place of the last arrival of whoever has the most
 * waiting, unless that is itself. So a flood fills the queue with its own refusals and no others'.
 */
import { SERVICE_TIERS, type ServiceTier, TIER_WEIGHTS } from './service-tier.ts';
import { type Client, VirtualCounters } from './virtual-counters.ts';

export type Order = Readonly<{ tenantId: string; tier: ServiceTier }>;

export type Ticket<T> = Order & Readonly<{ item: T; class: Client; tenant: Client }>;

/** One piece of work that is being served; its tokens are charged as they become known. */
export type Work = Readonly<{
  /** What it has cost in all so far; may be called often. */
  costs: (total: number) => void;
  end: () => void;
}>;

type Lane<T> = Readonly<{
  tenants: VirtualCounters;
  tickets: Map<string, Ticket<T>[]>;
}>;

export class FairQueue<T> {
  readonly #sizeMax: number;
  readonly #classes = new VirtualCounters((id) => tierOf(id).weight);
  readonly #lanes: Readonly<Record<ServiceTier, Lane<T>>> = {
    priority: createLane(),
    default: createLane(),
    flex: createLane(),
  };
  #size = 0;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  get size(): number {
    return this.#size;
  }

  /** Clients remembered, for the test that memory is bounded. */
  get clients(): number {
    return SERVICE_TIERS.reduce((sum, tier) => sum + this.#lanes[tier].tenants.size, 0);
  }

  /** Null when the queue is full and it is this tenant that fills it. */
  push(item: T, order: Order): Readonly<{ ticket: Ticket<T>; displaced: T | null }> | null {
    let displaced: T | null = null;
    if (this.#size >= this.#sizeMax) {
      const victim = this.#mostWaiting(order);
      if (victim === null) return null;
      this.remove(victim);
      displaced = victim.item;
    }
    const lane = this.#lanes[order.tier];
    const ticket: Ticket<T> = { ...order, item, ...this.#arrive(order) };
    const own = lane.tickets.get(order.tenantId);
    if (own === undefined) lane.tickets.set(order.tenantId, [ticket]);
    else own.push(ticket);
    this.#size += 1;
    return { ticket, displaced };
  }

  /** It gave up. False when it was served or had left already. */
  remove(ticket: Ticket<T>): boolean {
    if (!this.#drop(ticket)) return false;
    this.#classes.leave(ticket.class, 'gave up');
    this.#lanes[ticket.tier].tenants.leave(ticket.tenant, 'gave up');
    return true;
  }

  /** The first in turn for which something is found, out of the queue. */
  next<Found>(
    isDue: (order: Order) => boolean,
    seek: (item: T) => Found | null,
  ): Readonly<{ item: T; found: Found; work: Work }> | null {
    for (const { id } of this.#classes.inOrder()) {
      const { tier } = tierOf(id);
      const lane = this.#lanes[tier];
      for (const tenant of lane.tenants.inOrder()) {
        // Most of a long line is skipped here, by one look at its tenant.
        if (!isDue({ tenantId: tenant.id, tier })) continue;
        for (const ticket of lane.tickets.get(tenant.id) ?? []) {
          const found = seek(ticket.item);
          if (found === null) continue;
          this.#drop(ticket);
          return { item: ticket.item, found, work: this.#serve(ticket) };
        }
      }
    }
    return null;
  }

  /** Somebody who waits, whoever's turn it is. */
  any(): T | null {
    for (const tier of SERVICE_TIERS) {
      for (const [first] of this.#lanes[tier].tickets.values()) {
        if (first !== undefined) return first.item;
      }
    }
    return null;
  }

  /** Work that found a free slot at once. */
  enter(order: Order): Work {
    return this.#serve(this.#arrive(order));
  }

  /** Tenants with work that waits or is being served, once for each class. */
  get activeTenants(): number {
    return SERVICE_TIERS.reduce((sum, tier) => sum + this.#lanes[tier].tenants.active, 0);
  }

  /** Requests of this tenant and class that are being served now. */
  running({ tenantId, tier }: Order): number {
    return this.#lanes[tier].tenants.find(tenantId)?.running ?? 0;
  }

  /**
   * About how many will be served before a newcomer of this order, and it. Tenants take turns, so of each
   * other tenant as many count as the newcomer has; classes take turns by weight.
   */
  positionOf({ tenantId, tier }: Order): number {
    const { tenants } = this.#lanes[tier];
    const own = (tenants.find(tenantId)?.waiting ?? 0) + 1;
    let inClass = own;
    for (const { id, waiting } of tenants.waitingClients()) {
      if (id !== tenantId) inClass += Math.min(waiting, own);
    }
    let position = inClass;
    for (const { id, waiting, weight } of this.#classes.waitingClients()) {
      if (id === tier) continue;
      position += Math.min(waiting, Math.floor((inClass * weight) / TIER_WEIGHTS[tier]));
    }
    return position;
  }

  /** Who is sent away leaves the queue. */
  removeWhere(isSentAway: (item: T) => boolean): void {
    for (const tier of SERVICE_TIERS) {
      for (const ticket of [...this.#lanes[tier].tickets.values()].flat()) {
        if (isSentAway(ticket.item)) this.remove(ticket);
      }
    }
  }

  #arrive({ tenantId, tier }: Order): Readonly<{ class: Client; tenant: Client }> {
    return {
      class: this.#classes.arrive(tier),
      tenant: this.#lanes[tier].tenants.arrive(tenantId),
    };
  }

  #serve(from: Readonly<{ class: Client; tenant: Client }>): Work {
    const classes = this.#classes;
    const { tenants } = this.#lanes[tierOf(from.class.id).tier];
    classes.leave(from.class, 'served');
    tenants.leave(from.tenant, 'served');
    let charged = 0;
    let isOver = false;
    return {
      costs: (total) => {
        if (isOver) return;
        classes.charge(from.class, total - charged);
        tenants.charge(from.tenant, total - charged);
        charged = total;
      },
      end: () => {
        if (isOver) return;
        isOver = true;
        classes.end(from.class);
        tenants.end(from.tenant);
      },
    };
  }

  #drop(ticket: Ticket<T>): boolean {
    const { tickets } = this.#lanes[ticket.tier];
    const own = tickets.get(ticket.tenantId);
    const index = own?.indexOf(ticket) ?? -1;
    if (own === undefined || index === -1) return false;
    own.splice(index, 1);
    if (own.length === 0) tickets.delete(ticket.tenantId);
    this.#size -= 1;
    return true;
  }

  /** The last arrival of the longest line, lowest class first; null where the newcomer's is the longest. */
  #mostWaiting(order: Order): Ticket<T> | null {
    let longest: Ticket<T>[] = [];
    for (const tier of SERVICE_TIERS.toReversed()) {
      for (const own of this.#lanes[tier].tickets.values()) {
        if (own.length > longest.length) longest = own;
      }
    }
    const own = this.#lanes[order.tier].tickets.get(order.tenantId)?.length ?? 0;
    return longest.length > own + 1 ? (longest.at(-1) ?? null) : null;
  }
}

function tierOf(id: string): Readonly<{ tier: ServiceTier; weight: number }> {
  const tier = SERVICE_TIERS.find((name) => name === id) ?? 'default';
  return { tier, weight: TIER_WEIGHTS[tier] };
}

function createLane<T>(): Lane<T> {
  return { tenants: new VirtualCounters(), tickets: new Map() };
}
