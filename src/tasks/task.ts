/** What a task is, and the rules of its life. Pure. */
export type TaskState = 'pending' | 'running' | 'succeeded' | 'failed' | 'canceled';

export type NewTask = Readonly<{
  tenantId: string;
  projectId: string;
  keyId: string;
  keySha256: string;
  modelName: string;
  path: string;
  body: string;
}>;

/** As its owner sees it. */
export type Task = Readonly<{
  id: string;
  tenantId: string;
  keyId: string;
  modelName: string;
  state: TaskState;
  submittedAtMs: number;
  startedAtMs: number | null;
  endedAtMs: number | null;
  status: number | null;
  /** Body of the answer, JSON; null until it ended. */
  answer: string | null;
}>;

/** As the gateway that makes the call sees it. */
export type TakenTask = Readonly<{
  id: string;
  tenantId: string;
  keySha256: string;
  path: string;
  body: string;
}>;

export type TaskEnd =
  /** It was answered, well or badly. */
  | Readonly<{ kind: 'answered'; status: number; answer: string }>
  /** There was no room for it: it waits and is not held against it. */
  | Readonly<{ kind: 'busy'; retryAfterMs: number }>
  /** It broke by no fault of the caller. */
  | Readonly<{ kind: 'broke'; status: number; answer: string }>;

/** Results are kept this long, as Model Studio does. */
export const KEPT_MS = 24 * 60 * 60_000;
/** A task that found no room for this long never will; its caller should know. Model Studio's figure. */
export const WAIT_MAX_MS = 3 * 60 * 60_000;
/** A third failure in a row is not bad luck. */
export const FAILURES_MAX = 3;
/** A gateway renews three times in this; one that is silent for it is gone, and its tasks go back. */
export const LEASE_MS = 60_000;
/** What one tenant may have waiting; a queue without an end helps nobody. */
export const PENDING_MAX = 1_000;
/** What one tenant may have in all, results of the last day included: one task every four seconds. */
export const TASKS_MAX = 20_000;
/** And how much of it may lie in the database. */
export const STORED_BYTES_MAX = 512 * 1024 * 1024;
/** Where a run broke, the next begins a moment later. */
const BROKEN_PAUSE_MS = 5_000;
const BUSY_PAUSE_MAX_MS = 60_000;

export type Step =
  | Readonly<{ kind: 'end'; state: 'succeeded' | 'failed'; status: number; answer: string }>
  | Readonly<{ kind: 'wait'; failures: number; pauseMs: number }>;

/** What becomes of a running task whose call ended like this. */
export function stepAfter(end: TaskEnd, failuresBefore: number): Step {
  if (end.kind === 'busy') {
    const pauseMs = Math.min(Math.max(1_000, end.retryAfterMs), BUSY_PAUSE_MAX_MS);
    return { kind: 'wait', failures: failuresBefore, pauseMs };
  }
  const { status, answer } = end;
  if (end.kind === 'answered') {
    return { kind: 'end', state: status < 300 ? 'succeeded' : 'failed', status, answer };
  }
  const failures = failuresBefore + 1;
  if (failures >= FAILURES_MAX) return { kind: 'end', state: 'failed', status, answer };
  return { kind: 'wait', failures, pauseMs: BROKEN_PAUSE_MS };
}

/** In the shape of every error between our own processes; a wire says it in its own words. */
export function failureAnswer(code: string, message: string): string {
  return JSON.stringify({ code, message });
}
