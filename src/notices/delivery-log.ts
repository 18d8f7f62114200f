/** What was sent to a webhook, with every attempt; a test for it, and once more what did not arrive. */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { Delivery } from './api.ts';
import { fail } from './errors.ts';
import {
  type Attempt,
  type DeliveryRow,
  insertDeliveries,
  insertNotice,
  restartDelivery,
  selectAttempts,
  selectDeliveries,
} from './outbox-store.ts';
import { toWebhook } from './send.ts';
import type { WebhookAddress, WebhookRow } from './store.ts';

type Owner = Readonly<{ tenantId: string }>;
type Page = Readonly<{ cursor: string | null; limit: number }>;

export type DeliveryLog = Readonly<{
  /** Sends it a notice of the kind `webhook.test`. */
  test: (owner: Owner, id: string) => Promise<Delivery>;
  deliveries: (
    owner: Owner,
    id: string,
    page: Page,
  ) => Promise<Readonly<{ data: Delivery[]; nextCursor: string | null }>>;
  /** Raises `webhook.delivery_unknown`. */
  redeliver: (owner: Owner, id: string, deliveryId: string) => Promise<Delivery>;
}>;

export function createDeliveryLog(
  parts: Readonly<{
    database: Database;
    clock: Clock;
    /** Raises `webhook.unknown`. */
    find: (where: Database, address: WebhookAddress) => Promise<WebhookRow>;
  }>,
): DeliveryLog {
  const { database, clock, find } = parts;

  const findDelivery = async (address: WebhookAddress, deliveryId: string): Promise<Delivery> => {
    const { tenantId, id: webhookId } = address;
    const query = { tenantId, webhookId, id: deliveryId, cursor: null, limit: 1 };
    const [row] = await selectDeliveries(database, query);
    if (row === undefined) {
      throw fail('webhook.delivery_unknown', `This webhook has no delivery ${deliveryId}.`);
    }
    const attempts = await selectAttempts(database, { tenantId, deliveryIds: [row.id] });
    return presentDelivery(row, attempts);
  };

  return {
    test: async ({ tenantId }, id) => {
      const nowMs = clock.nowMs();
      const { name } = await find(database, { tenantId, id });
      const delivery = toWebhook(id, nowMs);
      const notice = {
        tenantId,
        id: createId('ntc', nowMs),
        kind: 'webhook.test' as const,
        key: null,
        data: { webhook: name },
        createdAt: new Date(clock.nowMs()),
      };
      await transaction(database, async (tx) => {
        await insertNotice(tx, notice);
        await insertDeliveries(tx, notice, [delivery]);
      });
      return findDelivery({ tenantId, id }, delivery.id);
    },

    deliveries: async ({ tenantId }, id, { cursor, limit }) => {
      await find(database, { tenantId, id });
      const query = { tenantId, webhookId: id, id: null, cursor, limit };
      const rows = await selectDeliveries(database, query);
      const shown = rows.slice(0, limit);
      const deliveryIds = shown.map((row) => row.id);
      const attempts = await selectAttempts(database, { tenantId, deliveryIds });
      const byDelivery = Map.groupBy(attempts, (attempt) => attempt.deliveryId);
      return {
        data: shown.map((row) => presentDelivery(row, byDelivery.get(row.id) ?? [])),
        nextCursor: rows.length > limit ? (shown.at(-1)?.id ?? null) : null,
      };
    },

    redeliver: async ({ tenantId }, id, deliveryId) => {
      await find(database, { tenantId, id });
      const request = { tenantId, webhookId: id, id: deliveryId, now: new Date(clock.nowMs()) };
      await restartDelivery(database, request);
      return findDelivery({ tenantId, id }, deliveryId);
    },
  };
}

function presentDelivery(row: DeliveryRow, attempts: readonly Attempt[]): Delivery {
  return {
    ...row,
    attempts: attempts.map(({ at, status, problem, durationMs }) => ({
      at: at.toISOString(),
      status,
      problem,
      durationMs,
    })),
    nextAt: row.state === 'pending' ? row.nextAt.toISOString() : null,
    createdAt: row.createdAt.toISOString(),
  };
}
