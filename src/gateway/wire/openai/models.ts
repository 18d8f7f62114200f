/** `GET /v1/models` in OpenAI's shape, with what callers of open models ask for beside it. */
import type { FeedModel } from '../../feed.ts';

export type OpenAiModel = Readonly<{
  id: string;
  object: 'model';
  created: number;
  owned_by: string;
  context_length: number | null;
  capabilities: readonly string[];
  /** Whether a prompt to it may leave this cloud, because an external provider answers for it. */
  leaves_cloud: boolean;
}>;

export function openAiModel(model: FeedModel): OpenAiModel {
  const slash = model.name.indexOf('/');
  return {
    id: model.name,
    object: 'model',
    created: Math.floor(model.createdAtMs / 1000),
    owned_by: slash === -1 ? 'flywheel' : model.name.slice(0, slash),
    context_length: model.contextLength,
    capabilities: model.capabilities,
    leaves_cloud: model.leavesCloud ?? false,
  };
}

export function openAiModelList(models: readonly FeedModel[]) {
  return { object: 'list', data: models.map(openAiModel) } as const;
}
