/**
 * DashScope's own addresses: what a caller sends there as a chat or embeddings of OpenAI's shape, and
 * the answers as DashScope gives them. Its headers that name a workspace, a plugin or a client change
 * nothing here and are let through.
 */
import { openAiDialect } from '../openai/dialect.ts';
import { convertedRequest, parseObject } from '../openai/request.ts';
import type { Call, CallInput, Dialect, Encoder, Endpoint, StreamEncoder } from '../wire.ts';
import { embeddingsAnswer, parseEmbeddings } from './embeddings.ts';
import { dashScopeError, dashScopeErrorEvent, dashScopeStatus } from './error.ts';
import { generationAnswer } from './generation-answer.ts';
import { type GenerationShape, parseGeneration } from './generation-request.ts';
import { GenerationStream } from './generation-stream.ts';
import { parseRerank, rerankAnswer } from './rerank.ts';
import { withThinking } from './thinking.ts';

/** Reading needs nothing of the caller but what it sent. */
export type NativeEndpoint = Omit<Endpoint, 'read'> &
  Readonly<{ read: (input: Pick<CallInput, 'bytes' | 'headers' | 'requestId'>) => Call }>;

export const dashScopeDialect: Dialect = {
  name: 'dashscope',
  headers: (requestId) => ['x-request-id', requestId],
  // It has no headers of its own for these; OpenAI's are known to every client.
  rateLimitHeaders: openAiDialect.rateLimitHeaders,
  error: (error, requestId) => ({
    status: dashScopeStatus(error),
    body: dashScopeError(error, requestId),
  }),
  errorEvent: (error, requestId) => dashScopeErrorEvent(error, requestId, 1),
  keepAlive: Buffer.from(': keep-alive\n\n'),
};

/** Text generation, and the multimodal one, whose content is a list of parts. */
export function generationEndpoint(isMultimodal: boolean): NativeEndpoint {
  return {
    dialect: dashScopeDialect,
    read: (input) => {
      const wantsEvents = asksForEvents(input.headers);
      const { chat, shape } = parseGeneration(parseObject(input.bytes), {
        isMultimodal,
        wantsEvents,
      });
      const request = convertedRequest('chat', {
        ...withThinking(chat),
        ...(shape.isStream && { stream: true }),
      });
      return { request, encoder: createEncoder(shape, input.requestId) };
    },
  };
}

export const embeddingsEndpoint: NativeEndpoint = {
  dialect: dashScopeDialect,
  read: ({ bytes, requestId }) => ({
    request: convertedRequest('embeddings', parseEmbeddings(parseObject(bytes))),
    encoder: {
      whole: (answer) => embeddingsAnswer(answer, requestId),
      stream: () => createStream(WHOLE, requestId),
    },
  }),
};

export const rerankEndpoint: NativeEndpoint = {
  dialect: dashScopeDialect,
  read: ({ bytes, requestId }) => ({
    request: convertedRequest('rerank', parseRerank(parseObject(bytes))),
    encoder: {
      whole: (answer) => rerankAnswer(answer, requestId),
      stream: () => createStream(WHOLE, requestId),
    },
  }),
};

/** Embeddings and reranking never stream; a shape is needed all the same. */
const WHOLE: GenerationShape = {
  isStream: false,
  isIncremental: false,
  format: 'message',
  isMultimodal: false,
};

function asksForEvents(headers: CallInput['headers']): boolean {
  if (headers['x-dashscope-sse'] === 'enable') return true;
  return headers.accept?.includes('text/event-stream') === true;
}

function createEncoder(shape: GenerationShape, requestId: string): Encoder {
  return {
    whole: (answer) => generationAnswer(answer, shape, requestId),
    stream: () => createStream(shape, requestId),
  };
}

function createStream(shape: GenerationShape, requestId: string): StreamEncoder {
  return new GenerationStream({ shape, requestId });
}
