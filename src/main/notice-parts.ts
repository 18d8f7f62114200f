/** What tells tenants things, and the vault that keeps its secrets, from the settings of this control. */
import { createMailer } from '#notices/mailer.ts';
import { type Notices, createNotices } from '#notices/notices.ts';
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
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
