/** `GET /v1/models` for programs that name a version of Anthropic's API. */
import type { FeedModel } from '../../feed.ts';

export function anthropicModel(model: FeedModel) {
  const created_at = new Date(model.createdAtMs).toISOString();
  return { type: 'model', id: model.name, display_name: model.name, created_at } as const;
}

export function anthropicModelList(models: readonly FeedModel[]) {
  const data = models.map(anthropicModel);
  const [first_id, last_id] = [data.at(0)?.id ?? null, data.at(-1)?.id ?? null];
  return { data, first_id, last_id, has_more: false } as const;
}
