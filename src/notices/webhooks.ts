/** Webhooks of tenants: made, changed, their secrets turned, tried out, and the log of their deliveries. */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { Principal } from '#tenancy/principal.ts';
import type { Vault } from '#vault/vault.ts';
import type { Webhook, WebhookCreate, WebhookCreated, WebhookUpdate } from './api.ts';
import { previousSecretId, shownSecretId } from './courier.ts';
import { fail } from './errors.ts';
import { type DeliveryLog, createDeliveryLog } from './delivery-log.ts';
import { createWebhookSecret } from './signature.ts';
import {
  type WebhookAddress,
  type WebhookRow,
  countWebhooksLocked,
  deleteWebhook,
  insertWebhook,
  selectWebhook,
  selectWebhooks,
  setPreviousSecretUntil,
  updateWebhook,
} from './store.ts';
import { parseWebhookUrl } from './webhook-url.ts';

export type Owner = Pick<Principal, 'tenantId' | 'tenantKind'>;

/** Each raises `webhook.unknown` for what is not the caller's. */
export type Webhooks = Readonly<{
  list: (owner: Owner) => Promise<readonly Webhook[]>;
  /** Raises `webhook.url_invalid`, `webhook.address_denied`, `webhook.private_denied`, `webhook.too_many`. */
  create: (owner: Owner, wish: WebhookCreate) => Promise<WebhookCreated>;
  update: (owner: Owner, id: string, change: WebhookUpdate) => Promise<Webhook>;
  /** The secret before signs too for a day, so that no message is refused while receivers change. */
  rotate: (owner: Owner, id: string) => Promise<WebhookCreated>;
  remove: (owner: Owner, id: string) => Promise<void>;
}> &
  DeliveryLog;

export const WEBHOOKS_PER_TENANT_MAX = 20;
const PREVIOUS_SECRET_MS = 24 * 60 * 60_000;

export type WebhookParts = Readonly<{ database: Database; clock: Clock; vault: Vault }>;

export function createWebhooks(parts: WebhookParts): Webhooks {
  const { database, clock, vault } = parts;
  const find = async (where: Database, address: WebhookAddress): Promise<WebhookRow> => {
    const row = await selectWebhook(where, address);
    if (row === null) throw fail('webhook.unknown', `There is no webhook ${address.id}.`);
    return row;
  };

  return {
    list: async ({ tenantId }) =>
      (
        await selectWebhooks(database, {
          tenantId,
          form: 'notice',
          limit: WEBHOOKS_PER_TENANT_MAX,
        })
      ).map(present),

    create: async (owner, wish) => {
      const { row, secret } = await createWebhook(parts, owner, { ...wish, form: 'notice' });
      return { ...present(row), secret };
    },

    update: async ({ tenantId }, id, change) =>
      transaction(database, async (tx) => {
        const row = await find(tx, { tenantId, id });
        const { name = row.name, kinds = row.kinds, state = row.state } = change;
        const problem = change.state === undefined ? row.problem : null;
        await updateWebhook(tx, { tenantId, id, name, kinds, state, problem });
        return present(await find(tx, { tenantId, id }));
      }),

    rotate: async ({ tenantId }, id) => {
      const secret = createWebhookSecret();
      const until = new Date(clock.nowMs() + PREVIOUS_SECRET_MS);
      const row = await transaction(database, async (tx) => {
        await find(tx, { tenantId, id });
        const before = await vault.read(tx, { tenantId, id });
        if (before !== null) await vault.put(tx, { tenantId, id: previousSecretId(id) }, before);
        await vault.put(tx, { tenantId, id }, secret);
        await setPreviousSecretUntil(tx, { tenantId, id, until });
        return find(tx, { tenantId, id });
      });
      return { ...present(row), secret };
    },

    remove: async ({ tenantId }, id) => {
      await transaction(database, async (tx) => {
        await find(tx, { tenantId, id });
        await vault.remove(tx, { tenantId, id });
        await vault.remove(tx, { tenantId, id: previousSecretId(id) });
        await vault.remove(tx, { tenantId, id: shownSecretId(id) });
        await deleteWebhook(tx, { tenantId, id });
      });
    },

    ...createDeliveryLog({ database, clock, find }),
  };
}

/** `within` writes what belongs to it, in its transaction. Raises what `Webhooks.create` names. */
export async function createWebhook(
  { database, clock, vault }: WebhookParts,
  { tenantId, tenantKind }: Owner,
  wish: WebhookCreate & Pick<WebhookRow, 'form'>,
  within: (tx: Database, id: string) => Promise<void> = async () => {},
): Promise<Readonly<{ row: WebhookRow; secret: string }>> {
  const { name, kinds = null, allowsPrivate = false } = wish;
  if (allowsPrivate && tenantKind !== 'operator') {
    throw fail('webhook.private_denied', 'Only the operator may name its own network.');
  }
  const url = parseWebhookUrl(wish.url, allowsPrivate);
  const secret = createWebhookSecret();
  const id = createId('whk', clock.nowMs());
  const row: WebhookRow = {
    tenantId,
    id,
    name,
    url,
    allowsPrivate,
    kinds: kinds === null ? null : [...new Set(kinds)],
    state: 'active',
    form: wish.form,
    problem: null,
    previousSecretUntil: null,
    createdAt: new Date(clock.nowMs()),
  };
  await transaction(database, async (tx) => {
    if ((await countWebhooksLocked(tx, tenantId)) >= WEBHOOKS_PER_TENANT_MAX) {
      throw fail('webhook.too_many', `A tenant has at most ${WEBHOOKS_PER_TENANT_MAX} webhooks.`);
    }
    await insertWebhook(tx, row);
    await vault.put(tx, { tenantId, id }, secret);
    await within(tx, id);
  });
  return { row, secret };
}

function present({
  tenantId,
  id,
  name,
  url,
  allowsPrivate,
  state,
  problem,
  ...row
}: WebhookRow): Webhook {
  return {
    tenantId,
    id,
    name,
    url,
    allowsPrivate,
    state,
    problem,
    kinds: row.kinds === null ? null : [...row.kinds],
    previousSecretUntil: row.previousSecretUntil?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}
