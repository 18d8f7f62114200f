/**
 * Which refused requests are told one by one and which are only counted, so that a flood of them fills
 * neither memory nor disk. Pure but for what it remembers of this minute. The first few of a key and
 * reason are told; the rest of the minute is one more, with their number. A tenant that refuses its way
 * through many keys is counted by reason alone. A name is kept only where it can be no prompt.
 */

/** Never what was asked. */
export type Refusal = Readonly<{
  tenantId: string;
  projectId: string;
  keyId: string;
  requestId: string;
  modelName: string;
  status: number;
  errorCode: string;
  startedAtMs: number;
  endedAtMs: number;
}>;

/** `repeats` more like it in the same minute have no row of their own. */
export type RefusalRow = Refusal & Readonly<{ repeats: number }>;

/** Enough to see what is refused and how often; of one key, status and reason in a minute. */
const EACH_MAX = 10;
/** Of a tenant in a minute, told one by one. */
const OF_TENANT_MAX = 100;
/** Some ten minutes of ten such tenants while control is away; 300 bytes each. */
const ROWS_MAX = 10_000;
/** Keys times reasons in a minute. */
const GROUPS_MAX = 20_000;
const MINUTE_MS = 60_000;
const NAME = /^[\w.:/@-]{1,200}$/;

type Group = { told: number; counted: number; last: Refusal };

export class RefusalLog {
  #minute = 0;
  #rows: RefusalRow[] = [];
  readonly #groups = new Map<string, Group>();
  readonly #toldOf = new Map<string, number>();
  /** Refusals that are in no row. */
  dropped = 0;

  get waiting(): number {
    return this.#rows.length;
  }

  add(refusal: Refusal, nowMs: number): void {
    this.#turn(Math.floor(nowMs / MINUTE_MS));
    const { tenantId, keyId, status, errorCode } = refusal;
    const toldOf = this.#toldOf.get(tenantId) ?? 0;
    const isMany = toldOf >= OF_TENANT_MAX;
    const group = this.#groupOf(`${isMany ? tenantId : keyId} ${status} ${errorCode}`, refusal);
    if (group === null) {
      this.dropped += 1;
    } else if (isMany || group.told >= EACH_MAX) {
      group.counted += 1;
      group.last = refusal;
    } else {
      group.told += 1;
      this.#toldOf.set(tenantId, toldOf + 1);
      this.#push({ ...named(refusal), repeats: 0 });
    }
  }

  /** What is to be told now, the oldest first; the counts of a minute come when it is over, or when all ends. */
  take(max: number, nowMs: number): readonly RefusalRow[] {
    this.#turn(Math.floor(nowMs / MINUTE_MS));
    return this.#rows.splice(0, max);
  }

  /** The minute ends here. */
  close(): void {
    this.#turn(-1);
  }

  /** They could not be told. */
  putBack(rows: readonly RefusalRow[]): void {
    const later = this.#rows;
    this.#rows = [];
    for (const row of [...rows, ...later]) this.#push(row);
  }

  #groupOf(name: string, first: Refusal): Group | null {
    const found = this.#groups.get(name);
    if (found !== undefined) return found;
    if (this.#groups.size >= GROUPS_MAX) return null;
    const group = { told: 0, counted: 0, last: first };
    this.#groups.set(name, group);
    return group;
  }

  #turn(minute: number): void {
    if (minute === this.#minute) return;
    this.#minute = minute;
    for (const { counted, last } of this.#groups.values()) {
      if (counted > 0) this.#push({ ...named(last), repeats: counted - 1 });
    }
    this.#groups.clear();
    this.#toldOf.clear();
  }

  #push(row: RefusalRow): void {
    if (this.#rows.length < ROWS_MAX) this.#rows.push(row);
    else this.dropped += 1 + row.repeats;
  }
}

function named(refusal: Refusal): Refusal {
  return NAME.test(refusal.modelName) ? refusal : { ...refusal, modelName: '' };
}
