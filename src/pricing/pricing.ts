/**
 * The price book: effective-dated versions that never change once published. Owns prices and the
 * arithmetic on them; a call is rated with the version pinned when it was admitted, so a new price never
 * reaches back. Versions cannot overlap: each holds until the next of its model and currency begins.
 */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type { Price, PriceTerms } from './api.ts';
import { lockRequiresApproval } from './draft-store.ts';
import { fail } from './errors.ts';
import { record } from './oversight.ts';
import { type PerMillion, toComponents } from './per-million.ts';
import type { PricedModel } from './price.ts';
import { selectPricesById, selectPricesOf, selectPricesSince } from './store.ts';
import { toVersionTerms } from './terms.ts';
import { insertVersion, newVersion, showPrice, toPricedModel } from './versions.ts';

/** Who is looking, as far as prices care: a price shows no more than its model does. */
export type Viewer = Readonly<{ tenantId: string; isOperator: boolean }>;

export type PricedName = Readonly<{ id: string; name: string }>;

/** What pricing asks of the hub. Both answer only with models that the viewer may see. */
export type ModelDirectory = Readonly<{
  find: (name: string, viewer: Viewer) => Promise<PricedName | null>;
  list: (viewer: Viewer) => Promise<readonly PricedName[]>;
}>;

export type NewPrice = (PerMillion | Readonly<{ terms: PriceTerms }>) &
  Readonly<{
    model: string;
    currency: string;
    /** Null starts now. */
    effectiveFromMs: number | null;
    /** A member or a key; null is the cloud itself, which needs nobody's approval. */
    createdBy: string | null;
  }>;

export type PriceQuery = Readonly<{
  /** Null lists every model's. */
  model: string | null;
  beforeId: string | null;
  limit: number;
}>;

export type Pricing = Readonly<{
  /**
   * Publishes a version. Raises `price.model_unknown`, `price.in_past`, `price.exists`,
   * `price.approval_required` and what the amounts are refused with.
   */
  publish: (viewer: Viewer, price: NewPrice) => Promise<Price>;
  /** The last published first; of one model, or of all the viewer may see. Raises `price.model_unknown`. */
  list: (viewer: Viewer, query: PriceQuery) => Promise<readonly Price[]>;
  /** Versions by id, for rating; ids that do not exist are left out. */
  byId: (ids: readonly string[]) => Promise<ReadonlyMap<string, PricedModel>>;
  /**
   * Every version a gateway may need, oldest first within a model. Includes the one that was in force an
   * hour ago, so that a gateway whose clock is slow never takes a priced model for a free one.
   */
  listForFeed: () => Promise<readonly PricedModel[]>;
}>;

/** Clocks of gateways may be this far behind; then they still find a version in force. */
const FEED_LOOKBACK_MS = 60 * 60_000;

/** Versions kept in memory for rating; they never change. A big price book has hundreds. */
const CACHE_MAX = 10_000;

export function createPricing(
  parts: Readonly<{ database: Database; models: ModelDirectory; clock: Clock; log: Log }>,
): Pricing {
  const { database, models, clock, log } = parts;
  const cache = new Map<string, PricedModel>();
  return {
    publish: async (viewer, price) => {
      const model = await models.find(price.model, viewer);
      if (model === null) throw unknownModel(price.model);
      const { currency, effectiveFromMs, createdBy } = price;
      const terms =
        'terms' in price ? toVersionTerms(price.terms) : { components: toComponents(price) };
      const nowMs = clock.nowMs();
      const stored = newVersion({ modelId: model.id, currency, effectiveFromMs, terms, nowMs });
      await transaction(database, async (tx) => {
        if (createdBy !== null && (await lockRequiresApproval(tx))) {
          throw fail(
            'price.approval_required',
            'Prices are published from a draft that a second member approved.',
          );
        }
        await insertVersion(tx, { ...stored, createdBy });
        const actor = createdBy === null ? null : { id: createdBy };
        const detail = { model: model.name, priceId: stored.priceId };
        await record(tx, { nowMs, actor, action: 'price.published', draftId: null, detail });
      });
      log.info('price.published', { priceId: stored.priceId, modelId: model.id });
      return showPrice(stored, model.name);
    },
    list: async (viewer, { model, beforeId, limit }) => {
      const visible = await visibleModels(models, viewer, model);
      const names = new Map(visible.map(({ id, name }) => [id, name]));
      const modelIds = [...names.keys()];
      const prices = await selectPricesOf(database, { modelIds, beforeId, limit });
      return prices.map((price) => showPrice(price, names.get(price.modelId) ?? price.modelId));
    },
    byId: async (ids) => {
      if (cache.size + ids.length > CACHE_MAX) cache.clear();
      const missing = [...new Set(ids)].filter((id) => !cache.has(id));
      if (missing.length > 0) {
        for (const price of await selectPricesById(database, missing)) {
          cache.set(price.priceId, toPricedModel(price));
        }
      }
      return new Map(
        ids.flatMap((id) => {
          const price = cache.get(id);
          return price === undefined ? [] : [[id, price] as const];
        }),
      );
    },
    listForFeed: async () => {
      const since = new Date(clock.nowMs() - FEED_LOOKBACK_MS);
      const prices = await selectPricesSince(database, since);
      return prices.map(toPricedModel);
    },
  };
}

async function visibleModels(
  models: ModelDirectory,
  viewer: Viewer,
  name: string | null,
): Promise<readonly PricedName[]> {
  if (name === null) return models.list(viewer);
  const model = await models.find(name, viewer);
  if (model === null) throw unknownModel(name);
  return [model];
}

function unknownModel(name: string) {
  return fail('price.model_unknown', `There is no model ${name}.`, { param: 'model' });
}
