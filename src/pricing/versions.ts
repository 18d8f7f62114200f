/** How a price becomes a version: its start, its checks, and how it is shown. */
import { type Database, isUniqueViolation } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { insertAnnouncement } from './announce-store.ts';
import type { Price } from './api.ts';
import { fail } from './errors.ts';
import { toPerMillion } from './per-million.ts';
import type { PricedModel } from './price.ts';
import { type StoredPrice, insertPrice } from './store.ts';
import { type VersionTerms, toTerms } from './terms.ts';

/** A client that says "from now" is a moment behind by the time it is read. */
const PAST_TOLERANCE_MS = 60_000;

/** Raises `price.in_past`. */
export function newVersion(
  given: Readonly<{
    modelId: string;
    currency: string;
    /** Null starts now. */
    effectiveFromMs: number | null;
    terms: VersionTerms;
    nowMs: number;
  }>,
): StoredPrice {
  const { modelId, currency, terms, nowMs } = given;
  const effectiveFromMs = given.effectiveFromMs ?? nowMs;
  if (effectiveFromMs < nowMs - PAST_TOLERANCE_MS) {
    throw fail(
      'price.in_past',
      'A price begins now or later: what was served before was sold at the price of its day.',
      { param: 'effectiveFrom' },
    );
  }
  return {
    priceId: createId('prc', nowMs),
    modelId,
    currency,
    // Never before now, so that no call already admitted could have been sold at it.
    effectiveFromMs: Math.max(effectiveFromMs, nowMs),
    createdAtMs: nowMs,
    ...terms,
  };
}

/** Raises `price.exists`. The transaction is lost with it. */
export async function insertVersion(
  tx: Database,
  price: StoredPrice & Readonly<{ createdBy: string | null }>,
): Promise<void> {
  try {
    await insertPrice(tx, price);
    await insertAnnouncement(tx, price.priceId);
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw fail('price.exists', 'Another price of this model begins at the very same instant.', {
      param: 'effectiveFrom',
      cause: error,
    });
  }
}

export function toPricedModel({ createdAtMs: _created, ...price }: StoredPrice): PricedModel {
  return price;
}

export function showPrice(price: StoredPrice, modelName: string): Price {
  return {
    id: price.priceId,
    modelId: price.modelId,
    modelName,
    currency: price.currency,
    effectiveFrom: new Date(price.effectiveFromMs).toISOString(),
    ...toPerMillion(price.components),
    ...toTerms(price),
    createdAt: new Date(price.createdAtMs).toISOString(),
  };
}
