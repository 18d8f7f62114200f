/**
 * Who makes the calls: gateways take waiting tasks for a while, say again and again that they have them,
 * and say how each ended. What a gateway that is gone had goes back.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import {
  deleteEnded,
  endTask,
  failUnserved,
  lockOverdue,
  lockRunning,
  putBack,
  renewTasks,
  takeTasks,
} from './store.ts';
import {
  KEPT_MS,
  LEASE_MS,
  type TakenTask,
  type TaskEnd,
  WAIT_MAX_MS,
  failureAnswer,
  stepAfter,
} from './task.ts';

export type Runs = Readonly<{
  take: (request: Readonly<{ gatewayId: string; limit: number }>) => Promise<TakenTask[]>;
  /** Ids that the gateway still has; it lets go of the others. */
  renew: (request: Readonly<{ gatewayId: string; ids: readonly string[] }>) => Promise<string[]>;
  /** Whether the gateway still had it; the end of another run counts for nothing. */
  end: (run: Readonly<{ gatewayId: string; id: string }>, end: TaskEnd) => Promise<boolean>;
  /** Takes back what lost gateways had, gives up what waited too long, forgets what is a day old. */
  sweep: () => Promise<void>;
}>;

/** One sweep locks at most this many. */
const OVERDUE_MAX = 500;

const NO_ROOM = failureAnswer('upstream_timeout', 'The task found no room within three hours.');
const GATEWAY_LOST: TaskEnd = {
  kind: 'broke',
  status: 502,
  answer: failureAnswer('upstream_failed', 'What ran the task was lost, three times in a row.'),
};

export function createRuns({ database, clock }: { database: Database; clock: Clock }): Runs {
  const at = (offsetMs: number): Date => new Date(clock.nowMs() + offsetMs);

  async function apply(
    tx: Database,
    { id, failures, end }: Readonly<{ id: string; failures: number; end: TaskEnd }>,
  ): Promise<void> {
    const step = stepAfter(end, failures);
    if (step.kind === 'end') await endTask(tx, { id, ...step, now: at(0) });
    else await putBack(tx, { id, failures: step.failures, notBefore: at(step.pauseMs) });
  }

  return {
    take: ({ gatewayId, limit }) =>
      takeTasks(database, { gatewayId, limit, now: at(0), leasedUntil: at(LEASE_MS) }),

    renew: ({ gatewayId, ids }) =>
      renewTasks(database, { gatewayId, ids, leasedUntil: at(LEASE_MS) }),

    end: ({ gatewayId, id }, end) =>
      transaction(database, async (tx) => {
        const failures = await lockRunning(tx, { gatewayId, id });
        if (failures === null) return false;
        await apply(tx, { id, failures, end });
        return true;
      }),

    sweep: async () => {
      await failUnserved(database, {
        before: at(-WAIT_MAX_MS),
        now: at(0),
        status: 504,
        answer: NO_ROOM,
      });
      await deleteEnded(database, at(-KEPT_MS));
      await transaction(database, async (tx) => {
        for (const { id, failures } of await lockOverdue(tx, { now: at(0), limit: OVERDUE_MAX })) {
          await apply(tx, { id, failures, end: GATEWAY_LOST });
        }
      });
    },
  };
}
