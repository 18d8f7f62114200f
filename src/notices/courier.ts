/**
 * Delivers what is due: takes deliveries for a while that nobody else may take them in, tries each once,
 * writes down what came of it. All it knows lies in the database, so any number of controls work beside
 * each other, and one that dies leaves a claim that runs out.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type { Vault } from '#vault/vault.ts';
import type { Mailer } from './mailer.ts';
import { renderMail } from './mail.ts';
import {
  type DueDelivery,
  claimAllDue,
  deleteAllNoticesBefore,
  endAttempt,
  insertAttempt,
} from './outbox-store.ts';
import type { WebhookPoster } from './post-webhook.ts';
import { nextDelayMs } from './schedule.ts';
import type { Send } from './send.ts';
import { signMessage } from './signature.ts';
import { pauseWebhook, selectWebhook } from './store.ts';

export type CourierParts = Readonly<{
  database: Database;
  clock: Clock;
  log: Log;
  vault: Vault;
  poster: WebhookPoster;
  /** Null where no mail server is configured. */
  mailer: Mailer | null;
  publicUrl: string;
  send: Send;
}>;

/** The longest attempt is 20 s of SMTP; a claim must outlive it, and a dead control should not hold things up. */
const CLAIM_MS = 90_000;
const AT_ONCE_MAX = 32;
/** Of one webhook, and of one tenant's letters. */
const PER_RECEIVER_MAX = 4;
/** What was told is kept for a month, as the log of deliveries. */
const KEPT_MS = 30 * 24 * 60 * 60_000;
const SWEEP_MAX = 1_000;
/** RFC 9110: whoever was there wants no more. */
const GONE = 410;

type Outcome = Readonly<{
  kind: 'delivered' | 'later' | 'never';
  status: number | null;
  problem: string | null;
}>;

/** One round; says how many deliveries were tried. */
export async function deliverDue(parts: CourierParts): Promise<number> {
  const nowMs = parts.clock.nowMs();
  const claim = randomBytes(12).toString('hex');
  const due = await claimAllDue(parts.database, {
    claim,
    now: new Date(nowMs),
    until: new Date(nowMs + CLAIM_MS),
    limit: AT_ONCE_MAX,
    perReceiverMax: PER_RECEIVER_MAX,
  });
  await Promise.all(due.map((delivery) => deliverOne(parts, delivery, claim)));
  return due.length;
}

export async function sweepNotices({ database, clock }: CourierParts): Promise<void> {
  const before = new Date(clock.nowMs() - KEPT_MS);
  await deleteAllNoticesBefore(database, { before, limit: SWEEP_MAX });
}

/** Never rejects: what cannot even be written down is tried again when the claim runs out. */
async function deliverOne(parts: CourierParts, due: DueDelivery, claim: string): Promise<void> {
  const { clock, log } = parts;
  try {
    const startedMs = clock.monotonicMs();
    const outcome = await (due.channel === 'webhook' ? postOne(parts, due) : mailOne(parts, due));
    await writeDown(parts, { due, claim, outcome, tookMs: clock.monotonicMs() - startedMs });
  } catch (error) {
    log.error('notice.delivery_broke', { deliveryId: due.id, error });
  }
}

async function postOne(parts: CourierParts, due: DueDelivery): Promise<Outcome> {
  const { clock, database, poster, vault } = parts;
  const { tenantId } = due;
  const id = due.webhookId ?? '';
  const webhook = await selectWebhook(database, { tenantId, id });
  const secret = await vault.read(database, { tenantId, id });
  if (webhook === null || secret === null) {
    return { kind: 'never', status: null, problem: 'removed' };
  }
  const until = webhook.previousSecretUntil;
  const previous =
    until !== null && until.getTime() > clock.nowMs()
      ? await vault.read(database, { tenantId, id: previousSecretId(id) })
      : null;
  const timestampSeconds = Math.floor(clock.nowMs() / 1_000);
  const body = bodyOf(due);
  const secrets = previous === null ? [secret] : [secret, previous];
  const signed = signMessage({ id: due.noticeId, timestampSeconds, body }, secrets);
  // Of a webhook for repositories, whose receivers compare it instead of a signature.
  const shown = await vault.read(database, { tenantId, id: shownSecretId(id) });
  const headers = { ...signed, ...(shown !== null && { 'x-webhook-secret': shown }) };
  const { status, problem } = await poster.post(webhook, { headers, body });
  if (problem === null) return { kind: 'delivered', status, problem };
  return { kind: status === GONE ? 'never' : 'later', status, problem };
}

/** What happens at a repository is said in the words that its receivers know. */
function bodyOf(due: DueDelivery): string {
  if (due.kind === 'hub.event') return String(due.data['payload']);
  return JSON.stringify({
    type: due.kind,
    timestamp: due.noticedAt.toISOString(),
    data: { tenantId: due.tenantId, ...due.data },
  });
}

async function mailOne(parts: CourierParts, due: DueDelivery): Promise<Outcome> {
  const { mailer, publicUrl } = parts;
  const mail = renderMail(due, { locale: due.locale ?? 'en', publicUrl });
  if (mail === null) return { kind: 'never', status: null, problem: 'no_letter' };
  if (mailer === null) return { kind: 'later', status: null, problem: 'no_mail_server' };
  const sent = await mailer.send({ id: due.id, to: due.recipient ?? '', mail });
  if (sent.kind === 'sent') return { kind: 'delivered', status: null, problem: null };
  const kind = sent.kind === 'refused' ? 'never' : 'later';
  return { kind, status: null, problem: sent.problem };
}

type Result = Readonly<{ due: DueDelivery; claim: string; outcome: Outcome; tookMs: number }>;

async function writeDown(parts: CourierParts, result: Result): Promise<void> {
  const { due, claim, outcome, tookMs } = result;
  const { tenantId, id } = due;
  const nowMs = parts.clock.nowMs();
  const now = new Date(nowMs);
  const delayMs = outcome.kind === 'later' ? nextDelayMs(due.attempts - due.attemptsBefore) : null;
  const state = stateAfter(outcome.kind, delayMs);
  await transaction(parts.database, async (tx) => {
    const nextAt = new Date(nowMs + (delayMs ?? 0));
    if (!(await endAttempt(tx, { tenantId, id, claim, state, nextAt, now }))) return;
    await insertAttempt(tx, {
      tenantId,
      deliveryId: id,
      attempt: due.attempts,
      at: now,
      status: outcome.status,
      problem: outcome.problem,
      durationMs: Math.round(tookMs),
    });
    if (state === 'dead' && due.webhookId !== null) await giveUp(parts, tx, result);
  });
  if (state === 'dead') {
    parts.log.warn('notice.given_up', { deliveryId: id, tenantId, problem: outcome.problem });
  }
}

function stateAfter(
  kind: Outcome['kind'],
  delayMs: number | null,
): 'delivered' | 'pending' | 'dead' {
  if (kind === 'delivered') return 'delivered';
  return delayMs === null ? 'dead' : 'pending';
}

/** Its people hear of it once a day, by mail; an address that says it is gone is asked no more. */
async function giveUp(parts: CourierParts, tx: Database, result: Result): Promise<void> {
  const { due, outcome } = result;
  const { tenantId } = due;
  const id = due.webhookId ?? '';
  const webhook = await selectWebhook(tx, { tenantId, id });
  if (webhook === null) return;
  if (outcome.status === GONE) await pauseWebhook(tx, { tenantId, id, problem: 'gone' });
  const day = new Date(parts.clock.nowMs()).toISOString().slice(0, 10);
  await parts.send(tx, {
    tenantId,
    kind: 'webhook.failed',
    key: `${id}/${day}`,
    audience: 'owners',
    data: {
      webhook: webhook.name,
      notice: due.kind,
      attempts: due.attempts,
      problem: outcome.status ?? outcome.problem,
    },
  });
}

/** Where the vault keeps what a webhook for repositories shows as it is. */
export function shownSecretId(webhookId: string): string {
  return `${webhookId}/shown`;
}

/** Where the vault keeps the secret before the last rotation. */
export function previousSecretId(webhookId: string): string {
  return `${webhookId}/previous`;
}
