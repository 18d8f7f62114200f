/**
 * Virtual token counters: who has been served least goes next. Each client (a tenant, or a class of
 * service) has a counter of what it was given, divided by its weight; the one with work and the lowest
 * counter is served. Sheng et al., "Fairness in Serving Large Language Models", OSDI 2024, algorithm 2.
 *
 * Who comes back after a pause is lifted to the level of those who wait (or of the last who left, when
 * nobody waits): a pause earns no credit. That is also why an idle client at or below the level can be
 * forgotten without changing anything, which is what bounds the memory.
 */
export type Client = {
  readonly id: string;
  readonly weight: number;
  counter: number;
  waiting: number;
  running: number;
  /** Order of the last service: of equals, who was served longer ago goes first. */
  servedAt: number;
};

/** Beyond this many, those who are idle are forgotten even above the level, the lowest first. */
const CLIENTS_MAX = 10_000;
/** A sweep costs a pass over all; so it comes once per so many arrivals. */
const SWEEP_EVERY = 1_024;
/** A sweep for lack of room makes some, so that the next arrival does not cause another. */
const SWEPT_SHARE = 0.9;

export class VirtualCounters {
  readonly #clients = new Map<string, Client>();
  readonly #waiting = new Set<Client>();
  readonly #weightOf: (id: string) => number;
  readonly #clientsMax: number;
  #lastLeft: Client | null = null;
  #active = 0;
  #services = 0;
  #arrivals = 0;

  constructor(weightOf: (id: string) => number = () => 1, clientsMax: number = CLIENTS_MAX) {
    this.#weightOf = weightOf;
    this.#clientsMax = clientsMax;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** Clients with work that waits or is being served. */
  get active(): number {
    return this.#active;
  }

  /** Work of this client starts to wait. */
  arrive(id: string): Client {
    const client = this.#find(id);
    if (client.waiting === 0) this.#lift(client);
    if (isIdle(client)) this.#active += 1;
    client.waiting += 1;
    this.#waiting.add(client);
    this.#sweepSometimes();
    return client;
  }

  /** Work no longer waits: it is being served, or it gave up. */
  leave(client: Client, how: 'served' | 'gave up'): void {
    client.waiting -= 1;
    if (client.waiting === 0) this.#waiting.delete(client);
    if (how === 'served') {
      client.running += 1;
      this.#services += 1;
      client.servedAt = this.#services;
    }
    if (isIdle(client)) this.#active -= 1;
    this.#lastLeft = client;
  }

  end(client: Client): void {
    client.running -= 1;
    if (isIdle(client)) this.#active -= 1;
  }

  charge(client: Client, amount: number): void {
    client.counter += amount / client.weight;
  }

  find(id: string): Client | null {
    return this.#clients.get(id) ?? null;
  }

  /** Those who wait, the one to be served next first; of equals the weightier. */
  inOrder(): Client[] {
    return this.waitingClients().sort(
      (left, right) =>
        left.counter - right.counter ||
        right.weight - left.weight ||
        left.servedAt - right.servedAt,
    );
  }

  waitingClients(): Client[] {
    return [...this.#waiting];
  }

  #find(id: string): Client {
    let client = this.#clients.get(id);
    if (client === undefined) {
      client = { id, weight: this.#weightOf(id), counter: 0, waiting: 0, running: 0, servedAt: 0 };
      this.#clients.set(id, client);
    }
    return client;
  }

  #lift(client: Client): void {
    const level = this.#level();
    // As good as new: it goes before those who were just served, and remembering it tells nothing.
    if (client.running === 0 && client.counter <= level) client.servedAt = 0;
    client.counter = Math.max(client.counter, level);
  }

  /** What a client that comes back is lifted to. It never falls while counters only grow. */
  #level(): number {
    let lowest: number | null = null;
    for (const { counter } of this.#waiting) {
      if (lowest === null || counter < lowest) lowest = counter;
    }
    return lowest ?? this.#lastLeft?.counter ?? 0;
  }

  #sweepSometimes(): void {
    this.#arrivals += 1;
    if (this.#arrivals % SWEEP_EVERY === 0 || this.#clients.size > this.#clientsMax) this.sweep();
  }

  /** Forgets idle clients: all at or below the level, and more where there are too many. */
  sweep(): void {
    const level = this.#level();
    const above: Client[] = [];
    for (const client of this.#clients.values()) {
      if (!isIdle(client)) continue;
      if (client.counter <= level) this.#clients.delete(client.id);
      else above.push(client);
    }
    if (this.#clients.size <= this.#clientsMax) return;
    const surplus = this.#clients.size - Math.floor(this.#clientsMax * SWEPT_SHARE);
    above.sort((left, right) => left.counter - right.counter);
    for (const { id } of above.slice(0, surplus)) this.#clients.delete(id);
  }
}

function isIdle({ waiting, running }: Client): boolean {
  return waiting === 0 && running === 0;
}
