/** What engines can be asked, in OpenAI's dialect: where each lies, and what an answer to it looks like. */
import type { Operation } from './openai/request.ts';
import type { Counted } from '../usage/disjoint.ts';
import { passThroughUsage } from './openai/pass-through.ts';
import { fieldOf } from './field.ts';

export type OperationForm = Readonly<{
  /** Beneath the engine's address. */
  path: string;
  /** Whether a whole answer is one; anything else with status 200 is a fault of the engine. */
  isAnswer: (answer: object) => boolean;
  /** Asking costs nothing, whatever the price of the model. */
  isFree?: true;
  /** Bytes of a body that make at most one token of input; one, where it is text. */
  bytesPerToken?: number;
  /** Where it is not said as for a chat. */
  usage?: (answer: object) => Counted | null;
  /** The answer is bytes of one of these types, handed on as they come. */
  bytesOf?: RegExp;
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
  rerank: { path: '/v1/rerank', isAnswer: hasList('results'), usage: passThroughUsage },
  moderations: { path: '/v1/moderations', isAnswer: hasList('results'), usage: passThroughUsage },
  images: { path: '/v1/images/generations', isAnswer: hasList('data'), usage: passThroughUsage },
  videos: { path: '/v1/videos/generations', isAnswer: hasList('data'), usage: passThroughUsage },
  ocr: { path: '/v1/ocr', isAnswer: hasList('pages'), usage: passThroughUsage },
  speech: {
    path: '/v1/audio/speech',
    isAnswer: () => false,
    bytesOf: /^(?:audio\/|application\/octet-stream)/,
  },
  transcriptions: {
    path: '/v1/audio/transcriptions',
    // The thinnest speech codecs have 1,000 bytes a second, and models hear at most 50 tokens in one.
    bytesPerToken: 20,
    isAnswer: () => false,
    bytesOf: /^(?:application\/json|text\/(?:plain|vtt|srt)|application\/x-subrip)/,
  },
};
