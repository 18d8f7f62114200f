/** The models that a provider serves here: what it lists, adding one under a name, removing one. */
import { isUniqueViolation, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { providerModelCreateSchema } from './api.ts';
import { versionInForce } from './cost.ts';
import type { costCalls } from './costs.ts';
import { insertCost } from './cost-store.ts';
import { fail } from './errors.ts';
import { isOwnModelId } from './feed-rows.ts';
import {
  type ProviderModelRow,
  countModels,
  insertModel,
  removeModels,
  selectModelIdByName,
  selectModels,
} from './model-store.ts';
import type { NamedModel, Owner, ProviderParts, Providers } from './providers.ts';
import { findProvider } from './tenant-providers.ts';
import { showModel } from './view.ts';

/** Every gateway holds each of them in its feed, so that no tenant makes it long for all the others. */
const MODELS_MAX = { operator: 5_000, tenant: 200 } as const;

export function modelCalls(parts: ProviderParts, costs: ReturnType<typeof costCalls>) {
  const { database, clock, cabinet, upstream } = parts;

  const upstreamModels: Providers['upstreamModels'] = async (owner, id) => {
    const provider = await findProvider(parts, owner, id);
    const { apiKey } = await cabinet.openById(id);
    const listed = (await upstream.listModels({ ...provider, apiKey })) ?? [];
    const served = await selectModels(database, { tenantId: owner.tenantId, providerIds: [id] });
    const names = new Map(served.map((model) => [model.upstreamModel, model.modelName]));
    return listed.map((model) => ({ ...model, servedAs: names.get(model.id) ?? null }));
  };

  const addModel: Providers['addModel'] = async (owner, providerId, asked) => {
    const wish = providerModelCreateSchema.parse(asked);
    await findProvider(parts, owner, providerId);
    const { tenantId } = owner;
    const modelName = wish.modelName ?? wish.upstreamModel;
    const identity = await identify(parts, owner, { modelName, visibility: wish.visibility });
    const modelsMax = owner.isOperator ? MODELS_MAX.operator : MODELS_MAX.tenant;
    if ((await countModels(database, tenantId)) >= modelsMax) {
      throw fail('provider.too_many', `A tenant has at most ${modelsMax} models of providers.`);
    }
    const model: ProviderModelRow = {
      tenantId,
      id: createId('dep', clock.nowMs()),
      providerId,
      modelId: identity.id,
      modelName,
      upstreamModel: wish.upstreamModel,
      contextLength: wish.contextLength,
      capabilities: wish.capabilities,
      visibility: identity.visibility,
      createdAt: new Date(clock.nowMs()),
    };
    const whole = { effectiveFromMs: null, createdBy: null };
    const cost =
      wish.cost === null
        ? null
        : { ...costs.prepare(owner, { ...wish.cost, ...whole }), providerModelId: model.id };
    await unlessServed(modelName, () =>
      transaction(database, async (tx) => {
        await insertModel(tx, model);
        if (cost === null) return;
        const { createdBy } = whole;
        await insertCost(tx, { ...cost, tenantId, createdBy, createdAtMs: clock.nowMs() });
      }),
    );
    return showModel(model, cost === null ? null : versionInForce([cost], clock.nowMs()));
  };

  return {
    upstreamModels,
    addModel,
    removeModel: async (owner, providerId, id) => {
      const { tenantId } = owner;
      const at = new Date(clock.nowMs());
      if ((await removeModels(database, { tenantId, providerId, id }, at)) > 0) return;
      throw fail('provider.model_unknown', `This provider serves no model ${id} here.`);
    },
  } satisfies Partial<Providers>;
}

/**
 * Which model the name means. The operator's providers may add to a model of the hub; a tenant's never
 * do, or the prompts of everyone who calls that model would go to the tenant's address.
 */
async function identify(
  { database, names, clock }: ProviderParts,
  owner: Owner,
  wish: Readonly<{ modelName: string; visibility: 'private' | 'public' }>,
): Promise<NamedModel> {
  const { modelName: name, visibility } = wish;
  const { tenantId, isOperator } = owner;
  if (visibility === 'public' && !isOperator) {
    throw fail('provider.public_denied', 'Only the operator serves a model to everybody.', {
      param: 'visibility',
    });
  }
  const ofHub = await names.findHubModel(name, tenantId);
  if (ofHub !== null && !isOperator) throw nameTaken(name);
  const modelId = ofHub?.id ?? null;
  if (await names.isDeployedName({ name, tenantId, modelId })) throw nameTaken(name);
  if (ofHub !== null) return ofHub;
  const known = await selectModelIdByName(database, { tenantId, modelName: name });
  // The same name again is the same model, with its prices.
  if (known !== null && isOwnModelId(known)) return { id: known, visibility };
  return { id: createId('ext', clock.nowMs()), visibility };
}

async function unlessServed(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw fail('provider.name_taken', `This provider serves ${name} already.`, {
      param: 'modelName',
      cause: error,
    });
  }
}

function nameTaken(name: string): Error {
  return fail('provider.name_taken', `Another model is already called ${name}.`, {
    param: 'modelName',
  });
}
