/**
 * The gateway processes of one machine: they share the front port, crash and come back one by one, and can
 * be replaced one after the other without a caller noticing. Each new one answers before its predecessor
 * takes leave.
 */
import type { SupervisedProcess } from '#platform/process.ts';
import type { ProcessFacts, ProcessOptions } from './options.ts';
import type { Replaced } from './supervisor-door.ts';

type Child = SupervisedProcess<ProcessOptions, ProcessFacts>;

export type GatewayGroupOptions = Readonly<{
  count: number;
  /** Forks the one in this place; its name is that of its log. */
  fork: (name: string) => Child;
  /** Streams get this long when their process is replaced. */
  graceMs: number;
}>;

export class GatewayGroup {
  readonly #options: GatewayGroupOptions;
  readonly #children: Child[];
  /** Predecessors that still serve somebody. */
  readonly #leaving = new Set<Promise<void>>();
  #start: ProcessOptions | null = null;
  #restarting: Promise<void> | null = null;
  readonly #watchers = new Set<(replaced: Replaced) => void>();
  #isStopping = false;

  /** Forks at once; the children load their code and wait for `start`. */
  constructor(options: GatewayGroupOptions) {
    this.#options = options;
    this.#children = Array.from({ length: options.count }, (_, place) =>
      options.fork(named(place)),
    );
  }

  get pids(): readonly (readonly [string, number | null])[] {
    return this.#children.map(({ pid }, place) => [named(place), pid]);
  }

  /** Raises what a child could not do. */
  async start(options: ProcessOptions): Promise<ProcessFacts> {
    this.#start = options;
    const all = await Promise.all(this.#children.map((child) => child.start(options)));
    const [facts] = all;
    if (facts === undefined) throw new TypeError('a group has at least one gateway');
    return facts;
  }

  /**
   * Replaces one after the other. Raises what the first new one could not do: its predecessor then
   * stays, and so do those after it. While a replacement is under way it is joined, not begun again.
   */
  restart(onReplaced?: (replaced: Replaced) => void): Promise<void> {
    if (onReplaced !== undefined) this.#watchers.add(onReplaced);
    this.#restarting ??= this.#replaceAll().finally(() => {
      this.#restarting = null;
      this.#watchers.clear();
    });
    return this.#restarting;
  }

  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#children.map((child) => child.stop(graceMs)), ...this.#leaving]);
  }

  kill(): void {
    this.#isStopping = true;
    for (const child of this.#children) child.kill();
  }

  async #replaceAll(): Promise<void> {
    for (const [place, child] of this.#children.entries()) {
      if (this.#isStopping || this.#start === null) return;
      const next = this.#options.fork(named(place));
      try {
        await next.start(this.#start);
      } catch (error) {
        next.kill();
        throw error;
      }
      this.#children[place] = next;
      this.#letGo(child);
      const replaced = { name: named(place), number: place + 1, of: this.#children.length };
      for (const tell of this.#watchers) tell(replaced);
      // Whoever asked to stop meanwhile has not seen the new one.
      if (this.#isStopping) await next.stop(0);
    }
    await Promise.all(this.#leaving);
  }

  #letGo(child: Child): void {
    const leaving = child
      .retire(this.#options.graceMs)
      .finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }
}

function named(place: number): string {
  return place === 0 ? 'gateway' : `gateway-${place + 1}`;
}
