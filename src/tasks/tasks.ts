/**
 * Tasks: model calls that are asked for now and made later, whose results wait to be fetched. Owns what
 * was asked, who runs it and what came of it; it survives a restart of any process. Promises that a
 * task is run by one gateway at a time, that it ends (answered, failed, canceled, or given up after
 * three hours), that its body goes with its end and the rest a day later, and that no tenant sees
 * another's. Making the call, and what it costs, is the gateway's and metering's.
 */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { Log } from '#platform/log.ts';
import { fail } from './errors.ts';
import { createQueryRate } from './query-rate.ts';
import { type Runs, createRuns } from './runs.ts';
import { type TaskFilter, cancelTask, insertTask, listTasks, selectTask } from './store.ts';
import {
  KEPT_MS,
  type NewTask,
  PENDING_MAX,
  STORED_BYTES_MAX,
  TASKS_MAX,
  type Task,
} from './task.ts';

export type TasksOptions = Readonly<{ database: Database; clock: Clock; log: Log }>;

/** Who asks; a task of another tenant does not exist. */
type Named = Readonly<{ tenantId: string; id: string }>;
export type TaskListing = TaskFilter & Readonly<{ offset: number; limit: number }>;

export type Tasks = Runs &
  Readonly<{
    /** Raises `task.too_many`. */
    create: (task: NewTask) => Promise<Readonly<{ id: string }>>;
    /** Null where there is none, or no more. Raises `task.asked_too_often`, as the next two do. */
    find: (task: Named) => Promise<Task | null>;
    list: (listing: TaskListing) => Promise<Readonly<{ tasks: readonly Task[]; total: number }>>;
    /** Whether it was still waiting. */
    cancel: (task: Named) => Promise<boolean>;
    /** Sweeps by itself from then on. */
    start: () => Readonly<{ stop: () => void }>;
  }>;

const SWEEP_EVERY_MS = 15_000;
const PENDING_RETRY_MS = 5_000;

export function createTasks({ database, clock, log }: TasksOptions): Tasks {
  const rate = createQueryRate(clock);
  const runs = createRuns({ database, clock });
  const now = (): Date => new Date(clock.nowMs());

  return {
    ...runs,

    create: async (task) => {
      const id = createId('tsk', clock.nowMs());
      const max = { pending: PENDING_MAX, tasks: TASKS_MAX, storedBytes: STORED_BYTES_MAX };
      const isIn = await insertTask(database, { ...task, id, now: now() }, max);
      if (isIn) return { id };
      throw fail('task.too_many', 'Too many tasks wait, or too many results are kept.', {
        retryAfterMs: PENDING_RETRY_MS,
      });
    },

    find: async ({ tenantId, id }) => {
      rate.count(tenantId);
      const task = await selectTask(database, tenantId, id);
      // Until the sweep takes it away, a task that is too old is already gone.
      const isOver = task !== null && (task.endedAtMs ?? Infinity) < clock.nowMs() - KEPT_MS;
      return isOver ? null : task;
    },

    list: async ({ offset, limit, ...filter }) => {
      rate.count(filter.tenantId);
      return listTasks(database, filter, { offset, limit });
    },

    cancel: async ({ tenantId, id }) => {
      rate.count(tenantId);
      return cancelTask(database, { tenantId, id, now: now() });
    },

    start: () => {
      const timer = setInterval(() => {
        runs.sweep().catch((error: unknown) => log.error('tasks.sweep_failed', { error }));
      }, SWEEP_EVERY_MS);
      return { stop: () => clearInterval(timer) };
    },
  };
}
