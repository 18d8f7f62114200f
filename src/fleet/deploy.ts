/** Checks a wish for a deployment against the hub and writes it down. */
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import { type DeploymentCreate, deploymentCreateSchema } from './api.ts';
import { failFleet } from './errors.ts';
import type { FleetModels, ResolvedModel } from './models.ts';
import { estimateReplicaBytes } from './placement.ts';
import { NO_WEIGHTS } from './replica.ts';
import * as store from './store.ts';

/** Each costs control a little on every plan; nobody needs more by hand. */
const DEPLOYMENTS_PER_TENANT_MAX = 100;

export type DeployOptions = Readonly<{
  database: Database;
  models: FleetModels;
  clock: Clock;
  owner: { tenantId: string; isOperator: boolean };
  wish: DeploymentCreate;
  startsAsleep: boolean;
}>;

type Wish = ReturnType<typeof deploymentCreateSchema.parse>;

/** The new deployment's id. Raises `deployment.*`. */
export async function createDeployment(options: DeployOptions): Promise<string> {
  const { database, clock, owner } = options;
  const wish = deploymentCreateSchema.parse(options.wish);
  refuseImpossible(wish, owner);
  const model = await resolveModel(options.models, owner.tenantId, wish);
  refuseUnservable(wish, model);
  const modelName = wish.modelName ?? model.name;
  await refuseForeignName(options, { modelName, model });
  if ((await store.countDeployments(database, owner.tenantId)) >= DEPLOYMENTS_PER_TENANT_MAX) {
    throw failFleet(
      'deployment.too_many',
      `A tenant has at most ${DEPLOYMENTS_PER_TENANT_MAX} deployments; remove one first.`,
    );
  }
  const nowMs = clock.nowMs();
  const id = createId('dep', nowMs);
  const weights = wish.engine === 'llama' ? model.weights : NO_WEIGHTS;
  await store.insertDeployment(database, {
    tenantId: owner.tenantId,
    id,
    modelName,
    modelId: model.modelId,
    revisionId: model.revisionId,
    engine: wish.engine,
    replicasMin: wish.replicasMin,
    replicasMax: wish.replicasMax,
    replicasWanted: Math.max(options.startsAsleep ? 0 : 1, wish.replicasMin),
    parallel: wish.parallel,
    contextLength: wish.contextLength,
    baseUrl: wish.baseUrl ?? null,
    upstreamModel: wish.upstreamModel ?? null,
    weights,
    replicaBytes: estimateReplicaBytes({
      weights,
      parameters: model.parameters,
      contextLength: wish.contextLength,
      parallel: wish.parallel,
    }),
    lastWantedAtMs: nowMs,
    scaledAtMs: nowMs,
    createdAtMs: nowMs,
    isRemoved: false,
  });
  return id;
}

function refuseImpossible(wish: Wish, owner: DeployOptions['owner']): void {
  if (wish.replicasMin > wish.replicasMax) {
    throw failFleet(
      'deployment.replicas_invalid',
      `replicasMin (${wish.replicasMin}) is above replicasMax (${wish.replicasMax}).`,
      { param: 'replicasMin' },
    );
  }
  if (wish.engine !== 'openai') return;
  if (wish.baseUrl === undefined) {
    throw failFleet('deployment.base_url_missing', 'The engine openai needs a baseUrl.', {
      param: 'baseUrl',
    });
  }
  // A node calls this address from inside the operator's network.
  if (!owner.isOperator) {
    throw failFleet(
      'deployment.base_url_refused',
      'Only the operator attaches servers of its own; ask it to.',
      { param: 'baseUrl' },
    );
  }
}

async function resolveModel(
  models: FleetModels,
  tenantId: string,
  wish: Wish,
): Promise<ResolvedModel> {
  const revisionId = wish.revisionId ?? null;
  const found = await models.resolve({ tenantId, name: wish.model, revisionId });
  if (found.kind === 'resolved') return found.model;
  if (found.kind === 'revision_unknown') {
    const which = revisionId === null ? 'no revision yet' : `no revision ${revisionId}`;
    throw failFleet('deployment.revision_unknown', `The model ${wish.model} has ${which}.`, {
      param: 'revisionId',
    });
  }
  throw failFleet('deployment.model_unknown', `There is no model ${wish.model}.`, {
    param: 'model',
  });
}

function refuseUnservable(wish: Wish, model: ResolvedModel): void {
  if (wish.engine !== 'llama') return;
  if (model.weights.weights.length === 0) {
    throw failFleet(
      'deployment.weights_missing',
      `The engine llama needs a GGUF file, and ${model.name} has none in this revision.`,
      { param: 'model' },
    );
  }
  const { contextLength } = model;
  if (wish.contextLength !== null && contextLength !== null && wish.contextLength > contextLength) {
    throw failFleet(
      'deployment.context_too_long',
      `${model.name} was made for ${contextLength} tokens; ${wish.contextLength} is more.`,
      { param: 'contextLength' },
    );
  }
}

/** Requests are routed by name, so a name that means one model must never come to mean another. */
async function refuseForeignName(
  { models, database }: DeployOptions,
  name: { modelName: string; model: ResolvedModel },
): Promise<void> {
  const { modelName, model } = name;
  const isOther = modelName !== model.name && (await models.isName(modelName));
  const isTaken = await store.isNameTaken(database, { modelName, modelId: model.modelId });
  if (!isOther && !isTaken) return;
  throw failFleet('deployment.name_taken', `Another model is already called ${modelName}.`, {
    param: 'modelName',
  });
}
