/** What a request is told that gets no slot: why, and when to come back. */
import { failRequest } from './errors.ts';
import type { ServedModel } from './feed-view.ts';

/** What a caller is told to wait when a model starts: most small models load in this time. */
const RETRY_LOADING_MS = 5_000;
const RETRY_FULL_MS = 2_000;

/** Waiting helps while something loads, sleeps or is busy; null then. Else why nothing will come. */
export function hopeless({ model, deployments, replicas }: ServedModel): Error | null {
  if (deployments.length === 0) return notReady(model.name, 'is not deployed');
  if (replicas.some(({ state }) => state === 'ready')) return null;
  const failed = deployments.find(({ state }) => state === 'failed');
  if (failed === undefined || deployments.some(({ state }) => state !== 'failed')) return null;
  return notReady(model.name, 'could not be started');
}

export function stillLoading(modelName: string, served: ServedModel | null): Error {
  const isLoading = served?.deployments.some(({ state }) => state === 'loading') ?? false;
  return notReady(modelName, isLoading ? 'is still loading' : 'has no replica that is ready');
}

export function notReady(modelName: string, what: string): Error {
  return failRequest('model_not_ready', `The model ${modelName} ${what}. Please try again later.`, {
    retryAfterMs: RETRY_LOADING_MS,
  });
}

export function overloaded(modelName: string): Error {
  return failRequest(
    'server_is_overloaded',
    `Every replica of ${modelName} is busy. Please try again in a moment.`,
    { retryAfterMs: RETRY_FULL_MS },
  );
}
