/**
 * What the node's process and the engine's child process say to each other over their pipe. The
 * spec travels here and not in arguments or environment, because both are visible to other users.
 */
import { z } from 'zod';

export const launchSchema = z.object({
  type: z.literal('launch'),
  key: z.string(),
  model: z.string(),
  weightsPath: z.string(),
  adapterPath: z.string().optional(),
  adapterScale: z.number().optional(),
  contextLength: z.number().int().positive().optional(),
  parallel: z.number().int().positive(),
  threads: z.number().int().positive().optional(),
});

export type Launch = z.infer<typeof launchSchema>;

export const toChildSchema = z.discriminatedUnion('type', [
  launchSchema,
  z.object({ type: z.literal('stop'), graceMs: z.number().nonnegative() }),
]);

export type ToChild = z.infer<typeof toChildSchema>;

export const fromChildSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), fraction: z.number() }),
  z.object({
    type: z.literal('ready'),
    port: z.number().int(),
    info: z.object({
      model: z.string(),
      contextLength: z.number().int(),
      parallel: z.number().int(),
      capabilities: z.object({
        chat: z.boolean(),
        completions: z.boolean(),
        embeddings: z.boolean(),
        tools: z.boolean(),
        json: z.boolean(),
        reasoning: z.boolean(),
        logprobs: z.boolean(),
      }),
    }),
  }),
  z.object({ type: z.literal('failed'), code: z.string(), message: z.string() }),
  z.object({
    type: z.literal('log'),
    level: z.enum(['error', 'warn', 'debug']),
    message: z.string(),
  }),
]);

export type FromChild = z.infer<typeof fromChildSchema>;
