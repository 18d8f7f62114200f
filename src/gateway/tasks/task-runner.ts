/**
 * Makes the calls of waiting tasks. It takes what control gives it, a few at a time, calls through the
 * inner door as the key that asked, and says how each ended. What it cannot finish goes back: a task is
 * never lost with a gateway, and never held by one that is stopping.
 */
import { messageOf } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import { AnswerTooLarge, type InnerAnswer, type InnerDoor } from './inner-door.ts';
import type { TakenTask, TaskControl, TaskEnd } from './task-control.ts';

export type TaskRunnerDeps = Readonly<{
  control: Pick<TaskControl, 'take' | 'renew' | 'end'>;
  door: Pick<InnerDoor, 'call'>;
  lend: (keySha256: string) => Readonly<{ secret: string; giveBack: () => void }>;
  log: Log;
}>;

/** Callers of tasks have time; what answers people at once keeps most of every replica. */
const RUNS_MAX = 8;
/** Bodies of a few MiB travel together. */
const TAKE_MAX = 4;
/** What another gateway was asked for and has no room for; what this one was asked for is taken at once. */
const LOOK_EVERY_MS = 2_000;
/** Three times within the minute after which control gives a task to somebody else. */
const RENEW_EVERY_MS = 20_000;
/** A run that takes longer is stuck; Model Studio's own limit for an answer is 300 s. */
const RUN_MAX_MS = 15 * 60_000;
const END_TRIES_MAX = 5;
const END_PAUSE_MS = 2_000;
/** Where a stop put a task back, another gateway may have it at once. */
const GIVEN_BACK: TaskEnd = { kind: 'busy', retryAfterMs: 1_000 };

export class TaskRunner {
  readonly #deps: TaskRunnerDeps;
  readonly #runs = new Map<string, { abort: AbortController; ended: Promise<void> }>();
  readonly #timers: NodeJS.Timeout[];
  #isTaking = false;
  #wasWoken = false;
  #isStopping = false;

  constructor(deps: TaskRunnerDeps) {
    this.#deps = deps;
    this.#timers = [
      setInterval(() => this.wake(), LOOK_EVERY_MS),
      setInterval(() => void this.#renew(), RENEW_EVERY_MS),
    ];
  }

  get running(): number {
    return this.#runs.size;
  }

  /** There may be something to do. */
  wake(): void {
    this.#wasWoken = true;
    if (!this.#isTaking) void this.#take();
  }

  /** Takes nothing more, lets runs end for `graceMs`, gives the rest back. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    for (const timer of this.#timers) clearInterval(timer);
    const cutting = setTimeout(() => this.#abortAll(), graceMs);
    while (this.#runs.size > 0 || this.#isTaking) {
      await Promise.all([...this.#runs.values()].map(({ ended }) => ended));
      if (this.#isTaking) await new Promise((resolve) => setImmediate(resolve));
    }
    clearTimeout(cutting);
  }

  async #take(): Promise<void> {
    this.#isTaking = true;
    try {
      while (this.#wasWoken && !this.#isStopping) {
        this.#wasWoken = false;
        const limit = Math.min(TAKE_MAX, RUNS_MAX - this.#runs.size);
        if (limit === 0) break;
        const tasks = await this.#deps.control.take(limit);
        for (const task of tasks) this.#start(task);
        if (tasks.length === limit) this.#wasWoken = true;
      }
    } catch (error) {
      // Control is away, or restarts: the next look comes soon.
      this.#deps.log.debug('tasks.not_taken', { reason: messageOf(error) });
    } finally {
      this.#isTaking = false;
    }
  }

  #start(task: TakenTask): void {
    const abort = new AbortController();
    if (this.#isStopping) abort.abort();
    const ended = this.#run(task, abort.signal).finally(() => {
      this.#runs.delete(task.id);
      this.wake();
    });
    this.#runs.set(task.id, { abort, ended });
  }

  /** Never rejects. */
  async #run(task: TakenTask, signal: AbortSignal): Promise<void> {
    const lent = this.#deps.lend(task.keySha256);
    let end: TaskEnd;
    try {
      const { path, body } = task;
      const limit = AbortSignal.any([signal, AbortSignal.timeout(RUN_MAX_MS)]);
      end = endOf(await this.#deps.door.call({ secret: lent.secret, path, body }, limit));
    } catch (error) {
      end = signal.aborted || this.#isStopping ? GIVEN_BACK : broken(error);
    } finally {
      lent.giveBack();
    }
    await this.#report(task.id, end);
  }

  async #report(id: string, end: TaskEnd): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#deps.control.end(id, end);
      } catch (error) {
        if (tries >= END_TRIES_MAX) {
          this.#deps.log.error('task.end_unsaid', { taskId: id, reason: messageOf(error) });
          return;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, END_PAUSE_MS));
    }
  }

  async #renew(): Promise<void> {
    if (this.#runs.size === 0) return;
    try {
      const kept = new Set(await this.#deps.control.renew([...this.#runs.keys()]));
      for (const [id, { abort }] of this.#runs) if (!kept.has(id)) abort.abort();
    } catch (error) {
      this.#deps.log.warn('tasks.not_renewed', { reason: messageOf(error) });
    }
  }

  #abortAll(): void {
    for (const { abort } of this.#runs.values()) abort.abort();
  }
}

/** Of these statuses the caller is innocent and another try may do better. */
const BROKEN = new Set([408, 499, 500, 502, 504]);

function endOf({ status, text, retryAfterMs }: InnerAnswer): TaskEnd {
  if (status === 429 || status === 503) return { kind: 'busy', retryAfterMs };
  return { kind: BROKEN.has(status) ? 'broke' : 'answered', status, answer: text };
}

function broken(error: unknown): TaskEnd {
  const isTooLarge = error instanceof AnswerTooLarge;
  const message = isTooLarge ? 'The answer is larger than a task may keep.' : 'The task broke.';
  const answer = JSON.stringify({ code: 'upstream_failed', message });
  // The same answer would be too large again.
  return { kind: isTooLarge ? 'answered' : 'broke', status: 502, answer };
}
