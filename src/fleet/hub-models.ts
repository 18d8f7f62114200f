/** The hub as the fleet sees it. */
import type { Hub } from '#hub/hub.ts';
import type { ResolvedWeights } from '#hub/serving.ts';
import { FlywheelError } from '#platform/error.ts';
import type { FleetModels } from './models.ts';
import { type DeploymentWeights, NO_WEIGHTS } from './replica.ts';

export function createHubModels(
  hub: Pick<Hub, 'findModel' | 'getRevision' | 'resolveWeights' | 'listPublished'>,
): FleetModels {
  return {
    resolve: async ({ tenantId, name, revisionId }) => {
      const model = await hub.findModel(name, tenantId);
      if (model === null) return { kind: 'model_unknown' };
      try {
        const revision = await hub.getRevision(model.id, revisionId);
        const resolved = await weightsOf(hub, model.id, revision.id);
        return {
          kind: 'resolved',
          model: {
            modelId: model.id,
            name: model.name,
            revisionId: revision.id,
            weights: resolved === null ? NO_WEIGHTS : toWeights(resolved),
            parameters: revision.weights?.parameters ?? null,
            contextLength: resolved?.contextLength ?? null,
          },
        };
      } catch (error) {
        if (hasCode(error, 'revision.unknown')) return { kind: 'revision_unknown' };
        throw error;
      }
    },
    isName: async (name) => (await hub.listPublished()).some((model) => model.name === name),
  };
}

/** Null for a revision without weights; an adapter whose base is not here raises, and says which. */
async function weightsOf(
  hub: Pick<Hub, 'resolveWeights'>,
  modelId: string,
  revisionId: string,
): Promise<ResolvedWeights | null> {
  try {
    return await hub.resolveWeights(modelId, revisionId);
  } catch (error) {
    if (hasCode(error, 'weights.missing')) return null;
    throw error;
  }
}

function toWeights({ format, parts, weights, adapterOf }: ResolvedWeights): DeploymentWeights {
  if (format !== 'gguf') return NO_WEIGHTS;
  if (adapterOf === null) return { weights: parts, adapter: null };
  return adapterOf.format === 'gguf' ? { weights: adapterOf.parts, adapter: weights } : NO_WEIGHTS;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof FlywheelError && error.code === code;
}
