/** Anthropic's API as a provider behind us, spoken to on behalf of any wire in front. */
import { OPERATIONS } from '../operations.ts';
import type { UpstreamDialect } from '../wire.ts';
import { openAiAnswer } from './upstream-answer.ts';
import { messagesRequest } from './upstream-request.ts';
import { AnthropicUpstreamStream } from './upstream-stream.ts';

/** The one version that there is; it names the shapes, not the models. */
const API_VERSION = '2023-06-01';

export const anthropicUpstream: UpstreamDialect = {
  name: 'anthropic',
  call: (request, { model, key }) => {
    const fields = messagesRequest(request, model);
    const isFree = OPERATIONS[request.operation].isFree === true;
    const headers = ['content-type', 'application/json', 'anthropic-version', API_VERSION];
    if (key !== null) headers.push('x-api-key', key);
    return {
      path: isFree ? '/v1/messages/count_tokens' : '/v1/messages',
      headers,
      body: Buffer.from(JSON.stringify(fields)),
    };
  },
  whole: openAiAnswer,
  stream: () => new AnthropicUpstreamStream(),
};
