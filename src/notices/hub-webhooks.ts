/**
 * Webhooks that hear of repositories, in the shape of Hugging Face's hub: kept, guarded, delivered and tried
 * again like all others, but made by the hub, which says what they hear. Their secret is sent along as it is
 * (`x-webhook-secret`), as receivers of that hub expect it, beside the signature.
 */
import type { Database } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { shownSecretId } from './courier.ts';
import { fail } from './errors.ts';
import { insertDeliveries, insertNotice } from './outbox-store.ts';
import { toWebhook } from './send.ts';
import {
  type WebhookRow,
  deleteWebhook,
  selectWebhook,
  selectWebhooks,
  updateWebhook,
  updateWebhookUrl,
} from './store.ts';
import { previousSecretId } from './courier.ts';
import { parseWebhookUrl } from './webhook-url.ts';
import {
  type Owner,
  WEBHOOKS_PER_TENANT_MAX,
  type WebhookParts,
  createWebhook,
} from './webhooks.ts';

export type HubWebhook = Readonly<{ id: string; url: string; isActive: boolean }>;

export type HubWebhookCreate = Readonly<{
  url: string;
  secret: string | null;
  /** An address of the operator's own network; for the operator. */
  allowsPrivate: boolean;
}>;

export type HubWebhookChange = Readonly<{
  url?: string | undefined;
  secret?: string | undefined;
  isActive?: boolean | undefined;
}>;

type Within = (tx: Database, id: string) => Promise<void>;

/** `within` writes what the hub keeps of it, in the same transaction. Each raises `webhook.unknown`. */
export type HubWebhooks = Readonly<{
  list: (owner: Owner) => Promise<readonly HubWebhook[]>;
  /** Raises `webhook.url_invalid`, `webhook.address_denied`, `webhook.private_denied`, `webhook.too_many`. */
  create: (owner: Owner, wish: HubWebhookCreate, within: Within) => Promise<HubWebhook>;
  update: (
    owner: Owner,
    id: string,
    change: HubWebhookChange,
    within?: Within,
  ) => Promise<HubWebhook>;
  remove: (owner: Owner, id: string) => Promise<void>;
  /** Puts one message into the outbox, in the caller's transaction; nothing for one that is paused or gone. */
  send: (
    tx: Database,
    message: Readonly<{ tenantId: string; webhookId: string; payload: string }>,
  ) => Promise<void>;
}>;

/** A comment is cut before it comes here; what is larger was put together wrongly. */
const PAYLOAD_BYTES_MAX = 64 * 1024;

export function createHubWebhooks(parts: WebhookParts): HubWebhooks {
  const { database, clock, vault } = parts;
  const find = async (tx: Database, tenantId: string, id: string): Promise<WebhookRow> => {
    const row = await selectWebhook(tx, { tenantId, id });
    if (row === null || row.form !== 'hub') {
      throw fail('webhook.unknown', `There is no webhook ${id}.`);
    }
    return row;
  };
  return {
    list: async ({ tenantId }) => {
      const query = { tenantId, form: 'hub', limit: WEBHOOKS_PER_TENANT_MAX } as const;
      return (await selectWebhooks(database, query)).map(present);
    },
    create: async (owner, { url, secret, allowsPrivate }, within) => {
      const name = URL.parse(url)?.hostname.slice(0, 100) ?? 'hub';
      const wish = { name, url, allowsPrivate, form: 'hub' } as const;
      const { row } = await createWebhook(parts, owner, wish, async (tx, id) => {
        const place = { tenantId: owner.tenantId, id: shownSecretId(id) };
        if (secret !== null) await vault.put(tx, place, secret);
        await within(tx, id);
      });
      return present(row);
    },
    update: ({ tenantId }, id, { url, secret, isActive }, within) =>
      database.transaction().execute(async (tx) => {
        const row = await find(tx, tenantId, id);
        const address = { tenantId, id };
        if (url !== undefined) {
          await updateWebhookUrl(tx, { ...address, url: parseWebhookUrl(url, row.allowsPrivate) });
        }
        if (secret !== undefined) {
          await vault.put(tx, { tenantId, id: shownSecretId(id) }, secret);
        }
        if (isActive !== undefined) {
          const state = isActive ? 'active' : 'paused';
          await updateWebhook(tx, { ...row, state, problem: null });
        }
        await within?.(tx, id);
        return present(await find(tx, tenantId, id));
      }),
    remove: ({ tenantId }, id) =>
      database.transaction().execute(async (tx) => {
        await find(tx, tenantId, id);
        for (const kept of [id, previousSecretId(id), shownSecretId(id)]) {
          await vault.remove(tx, { tenantId, id: kept });
        }
        await deleteWebhook(tx, { tenantId, id });
      }),
    send: async (tx, { tenantId, webhookId, payload }) => {
      if (Buffer.byteLength(payload) > PAYLOAD_BYTES_MAX) {
        throw fail('notice.invalid', 'An event of a repository says too much.');
      }
      const row = await selectWebhook(tx, { tenantId, id: webhookId });
      if (row?.form !== 'hub' || row.state !== 'active') return;
      const nowMs = clock.nowMs();
      const notice = {
        tenantId,
        id: createId('ntc', nowMs),
        kind: 'hub.event' as const,
        key: null,
        data: { payload },
        createdAt: new Date(nowMs),
      };
      await insertNotice(tx, notice);
      await insertDeliveries(tx, notice, [toWebhook(webhookId, nowMs)]);
    },
  };
}

function present({ id, url, state }: WebhookRow): HubWebhook {
  return { id, url, isActive: state === 'active' };
}
