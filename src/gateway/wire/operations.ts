/** What engines can be asked, in OpenAI's dialect: where each lies, and what an answer to it looks like. */
import type { Operation } from './openai/request.ts';
import { fieldOf } from './openai/usage.ts';

export type OperationForm = Readonly<{
  /** Beneath the engine's address. */
  path: string;
  /** Whether a whole answer is one; anything else with status 200 is a fault of the engine. */
  isAnswer: (answer: object) => boolean;
  /** Asking costs nothing, whatever the price of the model. */
  isFree?: true;
}>;

const hasList =
  (name: string) =>
  (answer: object): boolean =>
    Array.isArray(fieldOf(answer, name));

export const OPERATIONS: Readonly<Record<Operation, OperationForm>> = {
  chat: { path: '/v1/chat/completions', isAnswer: hasList('choices') },
  completions: { path: '/v1/completions', isAnswer: hasList('choices') },
  embeddings: { path: '/v1/embeddings', isAnswer: hasList('data') },
  // As vLLM has it, beside /v1 and not beneath.
  tokenize: {
    path: '/tokenize',
    isFree: true,
    isAnswer: (answer) => Number.isSafeInteger(fieldOf(answer, 'count')),
  },
};
