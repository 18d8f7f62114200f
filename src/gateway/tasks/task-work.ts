/** Tasks at this gateway: the desk where they are asked for, and the runner that makes their calls. */
import type { RequestListener } from 'node:http';
import type { Clock } from '#platform/clock.ts';
import type { Log } from '#platform/log.ts';
import type { FeedState } from '../feed-state.ts';
import type { KeyTable } from '../key-table.ts';
import type { Limiter } from '../limits/limiter.ts';
import { type InnerDoor, openInnerDoor } from './inner-door.ts';
import type { TaskControl } from './task-control.ts';
import { type TaskDesk, createTaskDesk } from './task-desk.ts';
import { TaskRunner } from './task-runner.ts';

export type TaskWorkDeps = Readonly<{
  control: TaskControl;
  keys: Pick<KeyTable, 'identify' | 'lend'>;
  feed: FeedState;
  limiter: Limiter;
  /** What serves everybody. */
  handle: RequestListener;
  clock: Clock;
  log: Log;
}>;

export type TaskWork = Readonly<{
  desk: TaskDesk;
  running: () => number;
  start: () => Promise<void>;
  /** Lets runs end for up to `graceMs` and gives the rest back; the first call counts. */
  stop: (graceMs: number) => Promise<void>;
}>;

export function createTaskWork({ control, keys, handle, log, ...rest }: TaskWorkDeps): TaskWork {
  let door: InnerDoor | null = null;
  let runner: TaskRunner | null = null;
  let stopping: Promise<void> | null = null;
  const onCreated = (): void => runner?.wake();
  const end = async (graceMs: number): Promise<void> => {
    await runner?.stop(graceMs);
    await door?.stop();
  };
  return {
    desk: createTaskDesk({ control, keys, onCreated, ...rest }),
    running: () => runner?.running ?? 0,
    start: async () => {
      door = await openInnerDoor(handle);
      runner = new TaskRunner({ control, door, lend: (hash) => keys.lend(hash), log });
    },
    stop: (graceMs) => {
      stopping ??= end(graceMs);
      return stopping;
    },
  };
}
