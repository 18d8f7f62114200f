/** What a draft would change: compared with what is in force, and with what past calls were charged. */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { DEFAULT_CURRENCY } from '#tenancy/currency.ts';
import { formatAmount } from '#ledger/money.ts';
import type { PriceDiff, PriceDraft, PriceSimulation } from './api.ts';
import { diffTerms } from './diff.ts';
import { fail } from './errors.ts';
import { type PricedModel, priceInForce } from './price.ts';
import type { ModelDirectory } from './pricing.ts';
import {
  type Simulated,
  type UsageReplay,
  isApproximate,
  simulate,
  thresholdsOf,
} from './simulate.ts';
import { type StoredPrice, selectPricesOf } from './store.ts';
import { toTerms, toVersionTerms } from './terms.ts';

export type Studies = Readonly<{
  diff: (tenantId: string, draft: PriceDraft) => Promise<PriceDiff>;
  /** Raises `price.range_invalid`. */
  simulate: (
    tenantId: string,
    draft: PriceDraft,
    range: Readonly<{
      fromMs: number | null;
      toMs: number | null;
      /** Where a draft has prices in several; that of its first one. */
      currency?: string | undefined;
    }>,
  ) => Promise<PriceSimulation>;
}>;

export type StudyParts = Readonly<{
  database: Database;
  models: ModelDirectory;
  replay: UsageReplay;
  /** By id; those that nobody knows are left out. */
  tenantNames: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  clock: Clock;
}>;

const DAY_MS = 24 * 60 * 60_000;
/** Last month's usage, when nobody says which. */
const RANGE_DEFAULT_MS = 30 * DAY_MS;
/** A quarter with its ends; more is asked of reports. */
const RANGE_MAX_MS = 93 * DAY_MS;
/** Of the models of a draft; a model gets a new price a few times in a year. */
const VERSIONS_MAX = 10_000;

export function createStudies(parts: StudyParts): Studies {
  const { clock } = parts;
  return {
    diff: async (tenantId, { id, revision, items }) => {
      const ids = await modelIds(parts, tenantId);
      const versions = await readVersions(
        parts,
        items.flatMap(({ model }) => ids.get(model) ?? []),
      );
      const nowMs = clock.nowMs();
      return {
        draftId: id,
        revision,
        items: items.map((item) => {
          const { model, currency, effectiveFrom, terms } = item;
          const known = (versions.get(ids.get(model) ?? '') ?? []).filter(
            (version) => version.currency === currency,
          );
          const atMs = effectiveFrom === null ? nowMs : Date.parse(effectiveFrom);
          const before = priceInForce(known, atMs);
          const later = known
            .map(({ effectiveFromMs }) => effectiveFromMs)
            .filter((startMs) => startMs > atMs);
          return {
            model,
            currency,
            effectiveFrom,
            replaces:
              before === null
                ? null
                : { id: before.priceId, effectiveFrom: iso(before.effectiveFromMs) },
            until: later.length === 0 ? null : iso(Math.min(...later)),
            changes: [...diffTerms(before === null ? null : toTerms(before), terms)],
          };
        }),
      };
    },
    simulate: async (tenantId, draft, range) => {
      const toMs = range.toMs ?? clock.nowMs();
      const fromMs = range.fromMs ?? toMs - RANGE_DEFAULT_MS;
      if (toMs <= fromMs || toMs - fromMs > RANGE_MAX_MS) {
        throw fail('price.range_invalid', '`to` is after `from`, by at most 93 days.', {
          param: 'from',
        });
      }
      const ids = await modelIds(parts, tenantId);
      // One at a time, because amounts of two currencies have no sum.
      const currency = range.currency ?? draft.items[0]?.currency ?? DEFAULT_CURRENCY;
      const items = draft.items.filter((item) => item.currency === currency);
      const prices = pricesOf({ ...draft, items }, ids);
      const thresholds = thresholdsOf([...prices.values()]);
      const rows = await parts.replay({ fromMs, toMs, modelIds: [...prices.keys()], thresholds });
      const ofCurrency = rows.filter((row) => row.currency === currency);
      const simulated = simulate(ofCurrency, prices, thresholds);
      const tenants = await parts.tenantNames([...new Set(simulated.map((each) => each.tenantId))]);
      const models = new Map([...ids].map(([name, id]) => [id, name]));
      const approximated = [...prices.values()].filter(isApproximate);
      return {
        draftId: draft.id,
        revision: draft.revision,
        from: iso(fromMs),
        to: iso(toMs),
        currency,
        ...present(simulated, { tenants, models }),
        approximated: approximated.map(({ modelId }) => models.get(modelId) ?? modelId),
      };
    },
  };
}

/** Of several prices of one model the one that holds in the end. */
function pricesOf(draft: PriceDraft, ids: ReadonlyMap<string, string>): Map<string, PricedModel> {
  const byStart = draft.items.toSorted(
    (left, right) => startOf(left.effectiveFrom) - startOf(right.effectiveFrom),
  );
  return new Map(
    byStart.flatMap(({ model, currency, terms }) => {
      const modelId = ids.get(model);
      if (modelId === undefined) return [];
      const version = { priceId: draft.id, modelId, currency, effectiveFromMs: 0 };
      return [[modelId, { ...version, ...toVersionTerms(terms) }] as const];
    }),
  );
}

const startOf = (time: string | null): number => (time === null ? 0 : Date.parse(time));
const iso = (ms: number): string => new Date(ms).toISOString();

async function modelIds({ models }: StudyParts, tenantId: string): Promise<Map<string, string>> {
  const listed = await models.list({ tenantId, isOperator: true });
  return new Map(listed.map(({ id, name }) => [name, id]));
}

async function readVersions(
  { database }: StudyParts,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly StoredPrice[]>> {
  const versions = await selectPricesOf(database, {
    modelIds: [...new Set(ids)],
    beforeId: null,
    limit: VERSIONS_MAX,
  });
  return Map.groupBy(versions, ({ modelId }) => modelId);
}

type Names = Readonly<{
  tenants: ReadonlyMap<string, string>;
  models: ReadonlyMap<string, string>;
}>;

/** By tenant and model, by tenant, by model and in all; the largest difference first. */
function present(
  simulated: readonly Simulated[],
  { tenants, models }: Names,
): Pick<PriceSimulation, 'rows' | 'tenants' | 'models' | 'total'> {
  const tenantOf = (tenantId: string) => ({
    tenantId,
    tenantName: tenants.get(tenantId) ?? tenantId,
  });
  const modelOf = (modelId: string) => ({ model: models.get(modelId) ?? modelId });
  const sorted = simulated.toSorted(byDifference);
  const grouped = <Key>(keyOf: (each: Simulated) => string, nameOf: (key: string) => Key) =>
    [...Map.groupBy(sorted, keyOf)]
      .map(([key, group]) => ({ key, sum: sumOf(group) }))
      .toSorted((left, right) => byDifference(left.sum, right.sum))
      .map(({ key, sum }) => ({ ...nameOf(key), ...show(sum) }));
  return {
    rows: sorted.map((each) => ({
      ...tenantOf(each.tenantId),
      ...modelOf(each.modelId),
      ...show(each),
    })),
    tenants: grouped(({ tenantId }) => tenantId, tenantOf),
    models: grouped(({ modelId }) => modelId, modelOf),
    total: show(sumOf(sorted)),
  };
}

type Sum = Pick<Simulated, 'calls' | 'nowPico' | 'thenPico'>;

function sumOf(group: readonly Sum[]): Sum {
  const sum = { calls: 0, nowPico: 0n, thenPico: 0n };
  for (const { calls, nowPico, thenPico } of group) {
    sum.calls += calls;
    sum.nowPico += nowPico;
    sum.thenPico += thenPico;
  }
  return sum;
}

function byDifference(left: Sum, right: Sum): number {
  const size = ({ nowPico, thenPico }: Sum): bigint =>
    thenPico > nowPico ? thenPico - nowPico : nowPico - thenPico;
  const difference = size(right) - size(left);
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

function show({ calls, nowPico, thenPico }: Sum) {
  return {
    calls,
    nowAmount: formatAmount(nowPico),
    thenAmount: formatAmount(thenPico),
    difference: formatAmount(thenPico - nowPico),
  };
}
