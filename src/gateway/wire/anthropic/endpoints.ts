/** Anthropic's addresses: messages, whole and streamed, and how many tokens a message would take. */
import type { IncomingHttpHeaders } from 'node:http';
import { askedTier } from '../../queue/service-tier.ts';
import { type ParsedRequest, convertedRequest, parseObject } from '../openai/request.ts';
import { fieldOf } from '../field.ts';
import type { Encoder, Endpoint } from '../wire.ts';
import { anthropicMessage } from './answer.ts';
import { anthropicDialect } from './dialect.ts';
import { chatFields, promptFields } from './request.ts';
import { MessageStream } from './stream.ts';

export const messagesEndpoint: Endpoint = {
  dialect: anthropicDialect,
  read: ({ bytes, requestId, headers }) => {
    const request = convertedRequest('chat', chatFields(parseObject(bytes)));
    return { request, encoder: messageEncoder(request, requestId, headers) };
  },
};

/** Nothing is generated and nothing charged; the engine that would answer counts with its own tokenizer. */
export const countTokensEndpoint: Endpoint = {
  dialect: anthropicDialect,
  read: ({ bytes }) => {
    const fields = { ...promptFields(parseObject(bytes)), add_generation_prompt: true };
    return { request: convertedRequest('tokenize', fields), encoder: countEncoder };
  },
};

function messageEncoder(
  { model, fields }: ParsedRequest,
  requestId: string,
  headers: IncomingHttpHeaders,
): Encoder {
  const identity = { requestId, model, tier: askedTier(headers, fields) };
  return {
    whole: (answer) => anthropicMessage(answer, identity),
    stream: () => new MessageStream(identity),
  };
}

const countEncoder: Encoder = {
  whole: (answer) => ({ input_tokens: fieldOf(answer, 'count') }),
  stream: () => new MessageStream({ requestId: '', model: '' }),
};
