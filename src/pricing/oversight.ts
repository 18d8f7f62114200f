/** Who did what to prices, and whether a second member looks before they are published. */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { Actor, ActorDirectory } from './actors.ts';
import type { PriceEvent } from './api.ts';
import {
  insertEvent,
  selectEvents,
  selectRequiresApproval,
  updateRequiresApproval,
} from './draft-store.ts';

export type Oversight = Readonly<{
  requiresApproval: () => Promise<boolean>;
  setRequiresApproval: (actor: Actor, isRequired: boolean) => Promise<void>;
  /** The last first. */
  events: (
    tenantId: string,
    query: Readonly<{ draftId: string | null; beforeId: string | null; limit: number }>,
  ) => Promise<readonly PriceEvent[]>;
}>;

export function createOversight({
  database,
  actors,
  clock,
}: Readonly<{ database: Database; actors: ActorDirectory; clock: Clock }>): Oversight {
  return {
    requiresApproval: () => selectRequiresApproval(database),
    setRequiresApproval: async (actor, requiresApproval) => {
      const nowMs = clock.nowMs();
      await transaction(database, async (tx) => {
        await updateRequiresApproval(tx, requiresApproval);
        const detail = { requiresApproval };
        await record(tx, { nowMs, actor, action: 'settings.changed', draftId: null, detail });
      });
    },
    events: async (tenantId, query) => {
      const rows = await selectEvents(database, query);
      const ids = rows.flatMap(({ actor }) => actor ?? []);
      const names = await actors.namesOf(tenantId, [...new Set(ids)]);
      return rows.map(({ at, actor, ...rest }) => ({
        ...rest,
        at: at.toISOString(),
        actor: actor === null ? null : { id: actor, name: names.get(actor) ?? actor },
      }));
    },
  };
}

/** In the transaction of what was done. */
export async function record(
  tx: Database,
  event: Readonly<{
    nowMs: number;
    actor: Pick<Actor, 'id'> | null;
    action: PriceEvent['action'];
    draftId: string | null;
    detail: PriceEvent['detail'];
  }>,
): Promise<void> {
  const { nowMs, actor, action, draftId, detail } = event;
  const at = new Date(nowMs);
  const id = createId('pev', nowMs);
  await insertEvent(tx, { id, at, actor: actor?.id ?? null, action, draftId, detail });
}
