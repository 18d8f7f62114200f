/**
 * The baseline: node-llama-cpp alone, generating on as many sequences of one context as the engine
 * has places. Runs as a child of `engine.ts` so that both have a process of their own.
 */
import { LlamaLogLevel, getLlama } from 'node-llama-cpp';
import type { LlamaContextSequence, LlamaModel } from 'node-llama-cpp';
import { z } from 'zod';

const setupSchema = z.object({
  weightsPath: z.string(),
  threads: z.number(),
  parallel: z.number(),
  contextLength: z.number(),
  prompt: z.string(),
});

const roundSchema = z.object({ streams: z.number(), tokens: z.number() });

type Setup = z.infer<typeof setupSchema>;

async function load(
  setup: Setup,
): Promise<{ model: LlamaModel; sequences: LlamaContextSequence[] }> {
  const llama = await getLlama({
    gpu: 'auto',
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    maxThreads: setup.threads,
    logLevel: LlamaLogLevel.error,
  });
  const model = await llama.loadModel({ modelPath: setup.weightsPath });
  const context = await model.createContext({
    sequences: setup.parallel,
    contextSize: setup.contextLength,
    threads: setup.threads,
  });
  return { model, sequences: Array.from({ length: setup.parallel }, () => context.getSequence()) };
}

async function generate(
  sequence: LlamaContextSequence,
  options: { model: LlamaModel; prompt: string; tokens: number; seed: number },
): Promise<void> {
  await sequence.clearHistory();
  const prompt = options.model.tokenize(options.prompt, true);
  const steps = sequence.evaluate(prompt, {
    temperature: 0.7,
    topK: 40,
    topP: 0.95,
    seed: options.seed,
    yieldEogToken: true,
  });
  let count = 0;
  for await (const token of steps) {
    count += token >= 0 ? 1 : 0;
    if (count === options.tokens) return;
  }
}

async function serve(setup: Setup): Promise<void> {
  const { model, sequences } = await load(setup);
  process.on('message', (message: unknown) => {
    const { streams, tokens } = roundSchema.parse(message);
    const startMs = performance.now();
    const startCpu = process.cpuUsage();
    const { prompt } = setup;
    const runs = sequences
      .slice(0, streams)
      .map((sequence, seed) => generate(sequence, { model, prompt, tokens, seed }));
    void Promise.all(runs).then(() => {
      const { user, system } = process.cpuUsage(startCpu);
      return process.send?.({ ms: performance.now() - startMs, cpuMs: (user + system) / 1_000 });
    });
  });
  process.send?.('ready');
}

process.on('disconnect', () => process.exit(0));
process.once('message', (message: unknown) => void serve(setupSchema.parse(message)));
