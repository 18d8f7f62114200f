/**
 * The engine's own process. It receives its orders over the pipe from the node's process, loads the
 * model, serves it, and ends with its parent: a native crash costs this process and nothing else.
 */
import { messageOf, FlywheelError } from '#platform/error.ts';

import { createInference } from './inference.ts';
import { loadModel } from './load.ts';
import { toChildSchema } from './messages.ts';
import { createEngineServer } from './server.ts';
import type { EngineInfo } from '../engine.ts';
import type { LoadedModel } from './load.ts';
import type { FromChild, Launch } from './messages.ts';
import type { EngineServer } from './server.ts';

/** Progress is for people; ten messages a second are plenty. */
const PROGRESS_STEP = 0.01;

let serving: EngineServer | undefined;

process.on('disconnect', () => process.exit(0));
// The terminal sends these to the whole group; the parent decides when an engine ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

process.on('message', (message: unknown) => {
  const order = toChildSchema.parse(message);
  void (order.type === 'launch' ? launch(order) : stop(order.graceMs));
});

async function launch(order: Launch): Promise<void> {
  try {
    let reported = 0;
    const loaded = await loadModel(order, {
      progress: (fraction) => {
        if (fraction - reported < PROGRESS_STEP && fraction < 1) return;
        reported = fraction;
        tell({ type: 'progress', fraction });
      },
      // What matters of the library's complaints comes back as the reason of a failed load.
      log: (level, text) =>
        tell({ type: 'log', level: level === 'error' ? 'warn' : 'debug', message: text }),
    });
    const info = describe(order, loaded);
    serving = createEngineServer({
      key: order.key,
      info,
      inference: createInference(loaded, () => performance.now()),
      nowMs: () => Date.now(),
      onError: (error) => tell({ type: 'log', level: 'error', message: messageOf(error) }),
    });
    const { server } = serving;
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address !== 'object' || address === null) return;
      tell({ type: 'ready', port: address.port, info });
    });
  } catch (error) {
    const code = error instanceof FlywheelError ? error.code : 'engine.start_failed';
    process.send?.({ type: 'failed', code, message: messageOf(error) } satisfies FromChild, () =>
      process.exit(1),
    );
  }
}

async function stop(graceMs: number): Promise<void> {
  await serving?.drain(graceMs);
  process.exit(0);
}

function describe(order: Launch, loaded: LoadedModel): EngineInfo & { contextLength: number } {
  const { template, canGenerate } = loaded;
  const chat = canGenerate && template !== null;
  return {
    model: order.model,
    contextLength: loaded.contextLength,
    parallel: order.parallel,
    capabilities: {
      chat,
      completions: canGenerate,
      embeddings: true,
      tools: chat && template.usesTools,
      json: canGenerate,
      reasoning: chat && template.usesReasoning,
      logprobs: chat,
    },
  };
}

function tell(message: FromChild): void {
  process.send?.(message);
}
