/**
 * What an engine can do is known while it runs. A model that sleeps keeps what was last seen of it, so that
 * a list of models does not change its mind with every night; a control that starts anew sees it again at
 * the first wake.
 */
import type { FeedModel } from './feed.ts';

type Seen = Pick<FeedModel, 'capabilities' | 'contextLength'>;

export function createCapabilityMemory(): (models: readonly FeedModel[]) => FeedModel[] {
  let seen = new Map<string, Seen>();
  return (models) => {
    const now = new Map<string, Seen>();
    const known = models.map((model) => {
      const key = `${model.modelId} ${model.name}`;
      const before = model.capabilities.length > 0 ? model : (seen.get(key) ?? model);
      const { capabilities } = before;
      const contextLength = model.contextLength ?? before.contextLength;
      now.set(key, { capabilities, contextLength });
      return { ...model, capabilities, contextLength };
    });
    seen = now;
    return known;
  };
}
