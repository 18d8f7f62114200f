/**
 * Loads a model file into memory through node-llama-cpp and says in plain words why it cannot. The
 * only file that decides how the library is set up: never built, never downloaded, threads bounded.
 */
import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { InsufficientMemoryError, LlamaLogLevel, getLlama } from 'node-llama-cpp';
import type {
  Llama,
  LlamaContext,
  LlamaContextSequence,
  LlamaModel,
  LlamaOptions,
} from 'node-llama-cpp';
import { z } from 'zod';

import { FlywheelError, messageOf } from '#platform/error.ts';

import { failEngine } from '../errors.ts';
import { createBatching } from './batching.ts';
import { defaultThreads } from './cpu-quota.ts';
import { DEFAULT_SAMPLING } from './sampling.ts';
import { createChatTemplate } from './template.ts';
import type { Launch } from './messages.ts';
import type { SamplingDefaults } from './sampling.ts';
import type { ChatTemplate } from './template.ts';

export type LoadedModel = Readonly<{
  llama: Llama;
  model: LlamaModel;
  context: LlamaContext;
  sequences: readonly LlamaContextSequence[];
  contextLength: number;
  threads: number;
  template: ChatTemplate | null;
  samplingDefaults: SamplingDefaults;
  canGenerate: boolean;
}>;

export type LoadHooks = Readonly<{
  progress: (fraction: number) => void;
  log: (level: 'error' | 'warn' | 'debug', message: string) => void;
}>;

/** Where neither the deployment nor the model asks for less: enough for a chat, affordable in memory. */
const DEFAULT_CONTEXT_LENGTH = 4_096;

/** Native log lines arrive from another thread, a little after the failure they explain. */
const LOG_DELAY_MS = 100;

/** Native error lines kept to explain a failed load; the first one names the cause. */
const LOG_LINES_MAX = 8;

export async function loadModel(launch: Launch, hooks: LoadHooks): Promise<LoadedModel> {
  const nativeErrors: string[] = [];
  const threads = launch.threads ?? (await defaultThreads());
  const llama = await startLibrary(threads, (level, message) => {
    if (level === 'error' && nativeErrors.length < LOG_LINES_MAX) nativeErrors.push(message);
    hooks.log(level, message);
  });
  const model = await explain(nativeErrors, () =>
    llama.loadModel({ modelPath: launch.weightsPath, onLoadProgress: hooks.progress }),
  );
  const contextLength = chooseContextLength(launch, model);
  const context = await explain(nativeErrors, () =>
    model.createContext({
      sequences: launch.parallel,
      contextSize: contextLength,
      threads,
      batching: { itemPrioritizationStrategy: createBatching() },
      ...loraOptions(launch),
    }),
  );
  return {
    llama,
    model,
    context,
    sequences: Array.from({ length: launch.parallel }, () => context.getSequence()),
    contextLength,
    threads,
    template: readTemplate(model, hooks),
    samplingDefaults: readSamplingDefaults(model),
    canGenerate: model.fileInsights.hasDecoder,
  };
}

async function startLibrary(threads: number, log: LoadHooks['log']): Promise<Llama> {
  const options: LlamaOptions = {
    gpu: 'auto',
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    maxThreads: threads,
    logLevel: LlamaLogLevel.warn,
    logger: (level, message) => {
      const isError = level === LlamaLogLevel.error || level === LlamaLogLevel.fatal;
      log(isError ? 'error' : 'warn', message.trim());
    },
  };
  return getLlama(options).catch((error: unknown) => {
    throw failEngine(
      'engine.start_failed',
      `The llama.cpp library could not be loaded: ${messageOf(error)}`,
      { cause: error },
    );
  });
}

function chooseContextLength(launch: Launch, model: LlamaModel): number {
  const trained = model.trainContextSize;
  const wanted = launch.contextLength;
  if (wanted !== undefined && wanted > trained) {
    throw failEngine(
      'engine.context_too_long',
      `A context of ${wanted} tokens was asked for, but the model was trained for ${trained}.`,
    );
  }
  return wanted ?? Math.min(trained, DEFAULT_CONTEXT_LENGTH);
}

function loraOptions(
  launch: Launch,
): Pick<Parameters<LlamaModel['createContext']>[0] & {}, 'lora'> {
  if (launch.adapterPath === undefined) return {};
  return {
    lora: { adapters: [{ filePath: launch.adapterPath, scale: launch.adapterScale ?? 1 }] },
  };
}

async function explain<T>(nativeErrors: readonly string[], load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof FlywheelError) throw error;
    if (error instanceof InsufficientMemoryError) {
      throw failEngine(
        'engine.memory_short',
        'There is too little free memory for the model with this context length and parallelism.',
        { cause: error },
      );
    }
    await setTimeout(LOG_DELAY_MS);
    const reason = nativeErrors.map(plainReason).find((line) => line !== '') ?? messageOf(error);
    throw failEngine('engine.weights_corrupt', `The model file cannot be loaded: ${reason}`, {
      cause: error,
    });
  }
}

/** llama.cpp's own words without its function names and without the path of the file. */
function plainReason(line: string): string {
  const reason = line.replace(/^[\w ]+: (error loading model: )?/, '');
  return reason.replace(/\/\S+/g, (path) => basename(path));
}

function readTemplate(model: LlamaModel, hooks: LoadHooks): ChatTemplate | null {
  const source = model.fileInfo.metadata.tokenizer?.chat_template;
  if (typeof source !== 'string' || source.trim() === '') return null;
  try {
    return createChatTemplate({
      source,
      beginToken: model.tokens.bosString ?? '',
      endToken: model.tokens.eosString ?? '',
    });
  } catch (error) {
    // The model still completes plain prompts, so this costs it chat and nothing else.
    hooks.log('error', `the chat template cannot be parsed: ${messageOf(error)}`);
    return null;
  }
}

const samplingMetadata = z.object({
  general: z.object({
    sampling: z.object({
      temp: z.number().optional(),
      top_p: z.number().optional(),
      top_k: z.number().optional(),
      min_p: z.number().optional(),
    }),
  }),
});

/** Model authors may store recommended values in the file (`general.sampling.*`). */
function readSamplingDefaults(model: LlamaModel): SamplingDefaults {
  const found = samplingMetadata.safeParse(model.fileInfo.metadata);
  if (!found.success) return DEFAULT_SAMPLING;
  const given = found.data.general.sampling;
  return {
    temperature: given.temp ?? DEFAULT_SAMPLING.temperature,
    topP: given.top_p ?? DEFAULT_SAMPLING.topP,
    topK: given.top_k ?? DEFAULT_SAMPLING.topK,
    minP: given.min_p ?? DEFAULT_SAMPLING.minP,
  };
}
