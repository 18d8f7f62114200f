/** Waits until a first call would be answered, by asking our own API as any client would. */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

/** A small model loads in a second; a large one must not keep the banner from people. */
const WAIT_MS = 20_000;
const LOOK_EVERY_MS = 100;
const TIMEOUT_MS = 5_000;
/** Right after the first start the bundled models are still being imported. */
const EMPTY_WAIT_MS = 5_000;

const listSchema = z.object({
  data: z.array(z.object({ modelName: z.string(), state: z.string(), replicasWanted: z.number() })),
});

/** The name of a model that answers, or null when there is none in time. */
export async function untilModelReady(options: {
  controlUrl: string;
  apiKey: string;
  isStopping: () => boolean;
  onReady: (modelName: string) => void;
}): Promise<string | null> {
  const startedAtMs = performance.now();
  while (!options.isStopping() && performance.now() - startedAtMs < WAIT_MS) {
    const wanted = await listWanted(options).catch(() => []);
    const ready = wanted.find(({ state }) => state === 'ready');
    if (ready !== undefined) {
      options.onReady(ready.modelName);
      return ready.modelName;
    }
    const isHopeless = wanted.length > 0 && wanted.every(({ state }) => state === 'failed');
    const isEmpty = wanted.length === 0 && performance.now() - startedAtMs > EMPTY_WAIT_MS;
    if (isHopeless || isEmpty) return null;
    await delay(LOOK_EVERY_MS);
  }
  return null;
}

async function listWanted(options: { controlUrl: string; apiKey: string }) {
  const response = await fetch(`${options.controlUrl}/cloud/v1/deployments`, {
    headers: { authorization: `Bearer ${options.apiKey}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) return [];
  const { data } = listSchema.parse(await response.json());
  return data.filter(({ replicasWanted }) => replicasWanted > 0);
}
