/** DashScope as a provider behind us: its native paths, spoken to on behalf of any wire in front. */
import { serialize } from '../openai/request.ts';
import type { UpstreamDialect } from '../wire.ts';
import { openAiAnswer } from './upstream-answer.ts';
import { nativeRequest } from './upstream-request.ts';
import { DashScopeUpstreamStream } from './upstream-stream.ts';

export const dashScopeUpstream: UpstreamDialect = {
  name: 'dashscope',
  call: (request, { model, key }) => {
    const { path, body } = nativeRequest(request, model);
    const headers = ['content-type', 'application/json'];
    if (key !== null) headers.push('authorization', `Bearer ${key}`);
    if (request.isStream) headers.push('x-dashscope-sse', 'enable', 'accept', 'text/event-stream');
    return { path, headers, body: serialize(body) };
  },
  whole: openAiAnswer,
  stream: () => new DashScopeUpstreamStream(),
};
