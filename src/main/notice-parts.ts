/** What tells tenants things, and the vault that keeps its secrets, from the settings of this control. */
import { createMailer } from '#notices/mailer.ts';
import { type Notices, createNotices } from '#notices/notices.ts';
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import { readOperatorId } from '#tenancy/operator.ts';
import type { Vault } from '#vault/vault.ts';
import type { ProcessOptions } from './options.ts';

export function buildNotices(
  parts: Readonly<{
    options: ProcessOptions;
    database: Database;
    clock: Clock;
    log: Log;
    vault: Vault;
  }>,
): Notices {
  const { options, ...rest } = parts;
  const { publicUrl, settings } = options;
  const { FLYWHEEL_SMTP_URL: url, FLYWHEEL_MAIL_FROM: from } = settings;
  // Without a mail server nobody is written to.
  const mailer = url === null ? null : createMailer({ url, from });
  return createNotices({ ...rest, mailer, publicUrl });
}

/** Says once, in the caller's transaction, what the scrub of the hub found. */
export async function tellOfDamage(
  tx: Database,
  notices: Pick<Notices, 'send'>,
  found: Readonly<{ faults: number; first: string }>,
): Promise<void> {
  const tenantId = await readOperatorId(tx);
  if (tenantId !== null) await notices.send(tx, { tenantId, kind: 'hub.damaged', data: found });
}

/** What delivers to webhooks that watch repositories; asked for when it is used, for it is built later. */
export function hubHooks(notices: () => Pick<Notices, 'hubWebhooks'>): Notices['hubWebhooks'] {
  return {
    list: (owner) => notices().hubWebhooks.list(owner),
    create: (owner, wish, within) => notices().hubWebhooks.create(owner, wish, within),
    update: (owner, id, change, within) => notices().hubWebhooks.update(owner, id, change, within),
    remove: (owner, id) => notices().hubWebhooks.remove(owner, id),
    send: (tx, message) => notices().hubWebhooks.send(tx, message),
  };
}
