/**
 * Tells tenants of new prices of what they use: everybody who called the model in the last month and pays in
 * the currency of the price, once for each version. Said after it was published, in steps of a transaction
 * each, so that publishing waits for nobody and a control that dies goes on where it was.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import {
  type OpenAnnouncement,
  advanceAnnouncement,
  lockOpenAnnouncement,
} from './announce-store.ts';
import { toPerMillion } from './per-million.ts';
import { type StoredPrice, selectPricesById } from './store.ts';

/** Puts a notice into the outbox, in the caller's transaction. */
export type PriceOutbox = Readonly<{
  send: (
    tx: Database,
    notice: Readonly<{
      tenantId: string;
      kind: 'price.published';
      data: Readonly<Record<string, string | null>>;
      key: string;
    }>,
  ) => Promise<unknown>;
}>;

/** Tenants that called a model since then and the name they know it by, in the order of their ids. */
export type CallersOf = (
  tx: Database,
  query: Readonly<{
    modelId: string;
    currency: string;
    sinceMs: number;
    afterTenantId: string;
    limit: number;
  }>,
) => Promise<readonly Readonly<{ tenantId: string; modelName: string }>[]>;

export type AnnouncerParts = Readonly<{
  database: Database;
  outbox: PriceOutbox;
  callersOf: CallersOf;
  clock: Clock;
  log: Log;
}>;

export type Announcer = Readonly<{
  /** Says all there is to say; how many tenants were told. */
  tick: () => Promise<number>;
  start: () => Readonly<{ stop: () => Promise<void> }>;
}>;

const DAY_MS = 24 * 60 * 60_000;
/** Who did not call a model in a month plans nothing with it. */
const CALLED_WITHIN_MS = 30 * DAY_MS;
/** In one transaction: some notices and their letters each. */
const TENANTS_PER_STEP = 100;
/** Prices begin at once or days later; nobody waits for this mail by the second. */
const TICK_MS = 15_000;

export function createAnnouncer(parts: AnnouncerParts): Announcer {
  const tick = async (): Promise<number> => {
    let told = 0;
    for (;;) {
      const step = await tellSome(parts);
      if (step === null) return told;
      told += step;
    }
  };
  return {
    tick,
    start: () => {
      let last: Promise<unknown> = Promise.resolve();
      const timer = setInterval(() => {
        last = last
          .then(tick)
          .catch((error: unknown) => parts.log.warn('price.announcement_failed', { error }));
      }, TICK_MS);
      return {
        stop: async () => {
          clearInterval(timer);
          await last;
        },
      };
    },
  };
}

/** One step; null where nothing is left to be said. */
async function tellSome(parts: AnnouncerParts): Promise<number | null> {
  const { database, clock } = parts;
  return transaction(database, async (tx) => {
    const open = await lockOpenAnnouncement(tx);
    if (open === null) return null;
    const { priceId, modelId, currency, toldTo } = open;
    const callers = await parts.callersOf(tx, {
      modelId,
      currency,
      sinceMs: clock.nowMs() - CALLED_WITHIN_MS,
      afterTenantId: toldTo,
      limit: TENANTS_PER_STEP,
    });
    const [version] = await selectPricesById(tx, [priceId]);
    for (const { tenantId, modelName } of callers) {
      const data = noticeOf(open, { modelName, version });
      await parts.outbox.send(tx, { tenantId, kind: 'price.published', data, key: priceId });
    }
    const isOver = callers.length < TENANTS_PER_STEP;
    const endedAt = isOver ? new Date(clock.nowMs()) : null;
    await advanceAnnouncement(tx, { priceId, toldTo: callers.at(-1)?.tenantId ?? toldTo, endedAt });
    return callers.length;
  });
}

/** Prices of tokens in words; of other units, that there is a new one. */
function noticeOf(
  { priceId, currency, effectiveFrom }: OpenAnnouncement,
  { modelName, version }: Readonly<{ modelName: string; version: StoredPrice | undefined }>,
): Readonly<Record<string, string | null>> {
  const tokens = (version?.components ?? []).filter(({ unit }) => unit === 'token');
  const prices = tokens.length === 0 ? null : toPerMillion(tokens);
  return {
    priceId,
    model: modelName,
    currency,
    effectiveFrom: effectiveFrom.toISOString(),
    effectiveOn: effectiveFrom.toISOString().slice(0, 10),
    inputPerMillion: prices?.inputPerMillion ?? null,
    outputPerMillion: prices?.outputPerMillion ?? null,
  };
}
