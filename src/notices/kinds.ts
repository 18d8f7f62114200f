/** Every kind of notice. A module that tells tenants something adds its line here, and its mail in templates/. */

export const NOTICE_KINDS = [
  'payment.succeeded',
  'payment.failed',
  'payment.refunded',
  'payment.disputed',
  'payment.quarantined',
  'top_up.failed',
  'budget.reached',
  'budget.forecast',
  'spend.anomaly',
  'invoice.issued',
  'invoice.paid',
  'invoice.overdue',
  'invoice.voided',
  'credit_note.issued',
  'tenant.warned',
  'tenant.restricted',
  'tenant.stopped',
  'tenant.restored',
  'balance.low',
  'grant.expiring',
  'quota.used_up',
  'plan.changed',
  'plan.unpaid',
  'plan.ended',
  'payout.recorded',
  'price.approval_wanted',
  'price.published',
  'books.broken',
  'hub.damaged',
  // Of a repository; for webhooks that watch it, in another shape (hub-webhooks.ts).
  'hub.event',
  'webhook.failed',
  'webhook.test',
] as const;

export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** Told by e-mail only: a webhook that fails cannot say so of itself. */
export const MAIL_ONLY_KINDS: readonly NoticeKind[] = ['webhook.failed'];

/** Flat, so that every receiver reads it with one look and every template names a field. */
export type NoticeData = Readonly<Record<string, string | number | boolean | null>>;
