/** Puts a notice into the outbox, in the caller's transaction, with one delivery for each who will hear it. */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { Role } from '#tenancy/api.ts';
import { listRecipients } from '#tenancy/recipients.ts';
import { fail } from './errors.ts';
import { MAIL_ONLY_KINDS, type NoticeData, type NoticeKind } from './kinds.ts';
import { type NewDelivery, insertDeliveries, insertNotice } from './outbox-store.ts';
import { selectListeningWebhookIds } from './store.ts';
import { ENGLISH } from './templates/en.ts';

export type NewNotice = Readonly<{
  tenantId: string;
  kind: NoticeKind;
  data: NoticeData;
  /** The same key of the same kind is sent to a tenant once, ever. */
  key?: string;
  /** Whom to write to: owners and finance unless it says otherwise. */
  audience?: Audience;
}>;

export type Audience = 'billing' | 'owners' | 'nobody';

/** Null when this key was sent before. */
export type Send = (
  tx: Database,
  notice: NewNotice,
) => Promise<Readonly<{ noticeId: string | null }>>;

const ROLES: Readonly<Record<Audience, readonly Role[]>> = {
  billing: ['owner', 'finance'],
  owners: ['owner', 'admin'],
  nobody: [],
};

/** A notice names things; what it is about is read at its source. */
const DATA_BYTES_MAX = 8 * 1024;

export function createSend(parts: Readonly<{ clock: Clock; sendsMail: boolean }>): Send {
  const { clock, sendsMail } = parts;
  return async (tx, notice) => {
    const { tenantId, kind, data, key = null, audience = 'billing' } = notice;
    if (Buffer.byteLength(JSON.stringify(data)) > DATA_BYTES_MAX) {
      throw fail('notice.invalid', `A notice of the kind ${kind} says too much.`);
    }
    const nowMs = clock.nowMs();
    const id = createId('ntc', nowMs);
    const row = { tenantId, id, kind, key, data, createdAt: new Date(nowMs) };
    if (!(await insertNotice(tx, row))) return { noticeId: null };
    const deliveries: NewDelivery[] = [];
    if (!MAIL_ONLY_KINDS.includes(kind)) {
      for (const webhookId of await selectListeningWebhookIds(tx, { tenantId, kind })) {
        deliveries.push(toWebhook(webhookId, nowMs));
      }
    }
    const roles = ROLES[audience];
    if (sendsMail && roles.length > 0 && ENGLISH[kind] !== undefined) {
      for (const { email, locale } of await listRecipients(tx, { tenantId, roles })) {
        const id = createId('dlv', nowMs);
        deliveries.push({ id, channel: 'email', webhookId: null, recipient: email, locale });
      }
    }
    await insertDeliveries(tx, row, deliveries);
    return { noticeId: id };
  };
}

export function toWebhook(webhookId: string, nowMs: number): NewDelivery {
  const id = createId('dlv', nowMs);
  return { id, channel: 'webhook', webhookId, recipient: null, locale: null };
}
