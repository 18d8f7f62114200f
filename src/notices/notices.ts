/**
 * What tenants are told: an outbox that is written in the transaction of what happened, delivered
 * afterwards as signed webhooks (Standard Webhooks) and as e-mail in the reader's language. Promises that
 * what was committed is delivered at least once, always under the same id, that two controls never
 * deliver the same at once, that an attempt is bounded in time and tried again for some days, and that a
 * webhook leads to the public Internet only. What a notice says is its sender's affair.
 */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type { Vault } from '#vault/vault.ts';
import { type CourierParts, deliverDue, sweepNotices } from './courier.ts';
import { type HubWebhooks, createHubWebhooks } from './hub-webhooks.ts';
import type { Mailer } from './mailer.ts';
import { type WebhookPoster, createWebhookPoster } from './post-webhook.ts';
import { type Send, createSend } from './send.ts';
import { type Webhooks, createWebhooks } from './webhooks.ts';

export type NoticesOptions = Readonly<{
  database: Database;
  clock: Clock;
  log: Log;
  vault: Vault;
  /** Null where no mail server is configured; then nobody is written to. */
  mailer: Mailer | null;
  /** Where the links of letters lead. */
  publicUrl: string;
  poster?: WebhookPoster;
}>;

export type Notices = Readonly<{
  send: Send;
  webhooks: Webhooks;
  /** Those that watch repositories. */
  hubWebhooks: HubWebhooks;
  /** One round of what is due now; says how many deliveries were tried. */
  deliver: () => Promise<number>;
  start: () => Readonly<{ stop: () => Promise<void> }>;
}>;

const TICK_MS = 1_000;
const SWEEP_EVERY_MS = 60_000;

export function createNotices(options: NoticesOptions): Notices {
  const { clock, database, log, vault } = options;
  const poster = options.poster ?? createWebhookPoster();
  const send = createSend({ clock, sendsMail: options.mailer !== null });
  const parts: CourierParts = { ...options, poster, send };
  return {
    send,
    webhooks: createWebhooks({ database, clock, vault }),
    hubWebhooks: createHubWebhooks({ database, clock, vault }),
    deliver: () => deliverDue(parts),
    start: () => {
      const courier = new Courier(parts, log);
      const ended = courier.run();
      return {
        stop: async () => {
          courier.stop();
          await ended;
          await poster.stop();
          options.mailer?.stop();
        },
      };
    },
  };
}

class Courier {
  readonly #parts: CourierParts;
  readonly #log: Log;
  readonly #stopped = Promise.withResolvers<void>();
  #isStopped = false;
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(parts: CourierParts, log: Log) {
    this.#parts = parts;
    this.#log = log;
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopped.resolve();
  }

  async run(): Promise<void> {
    while (!this.#isStopped) {
      let tried = 0;
      try {
        tried = await deliverDue(this.#parts);
        await this.#sweep();
      } catch (error) {
        // The database is away; it is asked again at the next tick.
        this.#log.warn('notices.tick_failed', { error });
      }
      if (tried === 0) await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, TICK_MS);
    await Promise.race([promise, this.#stopped.promise]);
    clearTimeout(timer);
  }

  async #sweep(): Promise<void> {
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs - this.#sweptMs < SWEEP_EVERY_MS) return;
    this.#sweptMs = nowMs;
    await sweepNotices(this.#parts);
  }
}
