/**
 * How many requests are at a provider at a time, whatever models they are for: providers limit the account
 * and not the model. Who finds it full waits in turn for a bounded time. The replicas' own slots are a
 * bound on those who wait, so the line needs none.
 */
import { failRequest } from './errors.ts';
import type { FeedProvider } from './feed.ts';

export type Pass = Readonly<{ leave: () => void }>;

export type GateWaiting = Readonly<{ pass: Promise<Pass>; giveUp: (reason: Error) => void }>;

type Waiter = Readonly<{ give: () => void }>;
type Gate = { inside: number; readonly line: Waiter[] };

/** A provider that is full for longer is too slow for the load; another replica is better. */
const WAIT_MS = 10_000;
const RETRY_AFTER_MS = 2_000;

export class ProviderGates {
  readonly #gates = new Map<string, Gate>();
  readonly #waitMs: number;

  constructor(waitMs = WAIT_MS) {
    this.#waitMs = waitMs;
  }

  /** Requests that are at a provider now; zero when nobody calls. */
  get inside(): number {
    let inside = 0;
    for (const gate of this.#gates.values()) inside += gate.inside;
    return inside;
  }

  /** At once, or a place in the line whose promise rejects with `server_is_overloaded`. */
  enter(provider: Pick<FeedProvider, 'id' | 'parallel'>): Pass | GateWaiting {
    const gate = this.#gateOf(provider.id);
    if (gate.inside < provider.parallel) return this.#pass(provider.id, gate);
    const { promise, resolve, reject } = Promise.withResolvers<Pass>();
    const giveUp = (reason: Error): void => {
      clearTimeout(timer);
      const at = gate.line.indexOf(waiter);
      if (at === -1) return;
      gate.line.splice(at, 1);
      reject(reason);
    };
    const waiter: Waiter = {
      give: () => {
        clearTimeout(timer);
        resolve(this.#pass(provider.id, gate));
      },
    };
    const timer = setTimeout(() => giveUp(full()), this.#waitMs);
    gate.line.push(waiter);
    return { pass: promise, giveUp };
  }

  #gateOf(id: string): Gate {
    let gate = this.#gates.get(id);
    if (gate === undefined) {
      gate = { inside: 0, line: [] };
      this.#gates.set(id, gate);
    }
    return gate;
  }

  #pass(id: string, gate: Gate): Pass {
    gate.inside += 1;
    let isInside = true;
    return {
      leave: () => {
        if (!isInside) return;
        isInside = false;
        gate.inside -= 1;
        gate.line.shift()?.give();
        if (gate.inside === 0 && gate.line.length === 0) this.#gates.delete(id);
      },
    };
  }
}

function full(): Error {
  return failRequest(
    'server_is_overloaded',
    'As many requests as may be are at the external provider of this model. Please try again.',
    { retryAfterMs: RETRY_AFTER_MS },
  );
}
