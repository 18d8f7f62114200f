/**
 * External providers: another cloud's API, with a key of its own, as a deployment that serves a model's
 * name. Owns providers, their keys, the models they serve here and what those cost us. Promises: a key is
 * sealed before it is stored and is never shown, logged or put into the feed; a tenant's provider serves
 * that tenant alone and is reached on the public Internet only; what a call cost is computed from the
 * version in force when it was admitted. How a request is written in a provider's dialect is the
 * gateway's business; what callers pay is pricing's.
 */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type {
  CostAmounts,
  KeyRotation,
  Provider,
  ProviderCost,
  ProviderCreate,
  ProviderModel,
  ProviderModelCreate,
  ProviderTest,
  ProviderUpdate,
  UpstreamModel,
} from './api.ts';
import type { CostInForce, Costed } from './cost.ts';
import { costCalls } from './costs.ts';
import { type ProviderFeed, isOwnModelId, toProviderFeed } from './feed-rows.ts';
import { createKeyCabinet } from './key-cabinet.ts';
import type { MasterKeys } from '#vault/master-keys.ts';
import * as modelStore from './model-store.ts';
import { modelCalls } from './models.ts';
import * as store from './store.ts';
import { providerCalls } from './tenant-providers.ts';
import { type UpstreamClient, createUpstreamClient } from './upstream.ts';

/** Whose providers, and whether it runs this cloud. */
export type Owner = Readonly<{ tenantId: string; isOperator: boolean }>;

export type NamedModel = Readonly<{ id: string; visibility: 'private' | 'public' }>;

/** What providers ask of the hub and the fleet, so that one name never means two models. */
export type NameDirectory = Readonly<{
  /** The model of the hub that the tenant may see under this name. */
  findHubModel: (name: string, tenantId: string) => Promise<NamedModel | null>;
  /** Whether a deployment of the tenant's, or of the operator's, has this name for another model. */
  isDeployedName: (query: {
    name: string;
    tenantId: string;
    modelId: string | null;
  }) => Promise<boolean>;
}>;

export type ProvidersOptions = Readonly<{
  database: Database;
  masterKeys: MasterKeys;
  /** Seals anew what others keep under the master keys, before an old one is forgotten. */
  rewrapOthers?: () => Promise<number>;
  names: NameDirectory;
  upstream?: UpstreamClient;
  clock: Clock;
  log: Log;
}>;

/** A call as its cost is asked for. */
export type CostedCall = Costed & Readonly<{ deploymentId: string | null }>;

export type Providers = Readonly<{
  list: (
    owner: Owner,
    page: Readonly<{ afterId: string; limit: number }>,
  ) => Promise<readonly Provider[]>;
  /** Raises `provider.unknown`, also for another tenant's. So does all that takes an id. */
  get: (owner: Owner, id: string) => Promise<Provider>;
  /** Raises `provider.url_invalid`, `.address_denied`, `.name_taken` or `.too_many`. */
  create: (owner: Owner, wish: ProviderCreate) => Promise<Provider>;
  update: (owner: Owner, id: string, wish: ProviderUpdate) => Promise<Provider>;
  remove: (owner: Owner, id: string) => Promise<void>;
  /** Asks the provider for its models, and keeps how that ended. Never raises what the provider did. */
  test: (owner: Owner, id: string) => Promise<ProviderTest>;
  /** What the provider lists. Raises `provider.*` for what it did. */
  upstreamModels: (owner: Owner, id: string) => Promise<readonly UpstreamModel[]>;
  /** Raises `provider.name_taken`, `.public_denied`, `.cost_denied` or `.too_many`. */
  addModel: (owner: Owner, id: string, wish: ProviderModelCreate) => Promise<ProviderModel>;
  removeModel: (owner: Owner, id: string, modelId: string) => Promise<void>;
  /** A new version. Raises `provider.cost_denied`, `.cost_exists` and what prices are refused with. */
  addCost: (owner: Owner, model: ModelKey, cost: NewCostWish) => Promise<ProviderCost>;
  /** Every version of one model, oldest first; none for who is not the operator. */
  listCosts: (owner: Owner, model: ModelKey) => Promise<readonly ProviderCost[]>;
  /** A new master key, and every key sealed by it. */
  rotateMasterKey: () => Promise<KeyRotation>;
  /** For gateways. Raises `provider.unknown` or `provider.key_unreadable`. */
  openKey: (id: string) => Promise<Readonly<{ apiKey: string; keyVersion: number }>>;
  listForFeed: () => Promise<ProviderFeed>;
  /** Whether a provider serves this model of the hub. With a transaction, asked inside it. */
  isServed: (modelId: string, tx?: Database) => Promise<boolean>;
  /** Names that only providers serve, for the price book: public ones and the tenant's own. */
  listModelNames: (tenantId: string) => Promise<readonly Readonly<{ id: string; name: string }>[]>;
  /** In the order of the calls; null where nobody outside was paid or nobody said what it costs. */
  costsOf: (calls: readonly CostedCall[]) => Promise<readonly (CostInForce | null)[]>;
  stop: () => Promise<void>;
}>;

export type ModelKey = Readonly<{ providerId: string; modelId: string }>;

export type NewCostWish = CostAmounts &
  Readonly<{ effectiveFromMs: number | null; createdBy: string | null }>;

export function createProviders(options: ProvidersOptions): Providers {
  const { database } = options;
  const upstream = options.upstream ?? createUpstreamClient();
  const cabinet = createKeyCabinet(options);
  const parts = { ...options, upstream, cabinet };
  const costs = costCalls(parts);
  return {
    ...providerCalls(parts),
    ...modelCalls(parts, costs),
    addCost: costs.addCost,
    listCosts: costs.listCosts,
    costsOf: costs.costsOf,
    rotateMasterKey: cabinet.rotate,
    openKey: cabinet.openById,
    listForFeed: async () =>
      toProviderFeed(
        await store.selectServingProviders(database),
        await modelStore.selectServedModels(database),
      ),
    isServed: (modelId, tx = database) => modelStore.isModelServed(tx, modelId),
    listModelNames: async (tenantId) => {
      const models = await modelStore.selectServedModels(database);
      const seen = models.filter(
        (model) =>
          isOwnModelId(model.modelId) &&
          (model.tenantId === tenantId || model.visibility === 'public'),
      );
      return [
        ...new Map(seen.map(({ modelId: id, modelName: name }) => [id, { id, name }])).values(),
      ];
    },
    stop: () => upstream.stop(),
  };
}

export type ProviderParts = ProvidersOptions &
  Readonly<{ upstream: UpstreamClient; cabinet: ReturnType<typeof createKeyCabinet> }>;
