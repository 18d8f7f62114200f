import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { messagesRequest } from './anthropic/upstream-request.ts';
import { messagesEndpoint } from './anthropic/endpoints.ts';
import { withThinking } from './dashscope/thinking.ts';
import { dashScopeUpstream } from './dashscope/upstream.ts';
import { fieldOf } from './field.ts';
import { type Fields, convertedRequest } from './openai/request.ts';
import { chatFields } from './anthropic/request.ts';

const messages = [{ role: 'user', content: 'Why?' }];
const chat = (fields: Fields) => convertedRequest('chat', { model: 'm', messages, ...fields });

const toAnthropic = (fields: Fields): unknown => messagesRequest(chat(fields), null)['thinking'];
const toDashScope = (fields: Fields): unknown => {
  const { body } = dashScopeUpstream.call(chat(fields), { model: 'm', key: null });
  const parameters = fieldOf(JSON.parse(body.toString('utf8')), 'parameters');
  return [fieldOf(parameters, 'enable_thinking'), fieldOf(parameters, 'thinking_budget')];
};
const fromAnthropic = (thinking: object): Fields =>
  chatFields({ model: 'm', messages, max_tokens: 10_000, thinking });

describe('a budget for thinking', () => {
  it('of Anthropic’s passes to those who count as it is, and in a word to those who do not', () => {
    const fields = fromAnthropic({ type: 'enabled', budget_tokens: 5_500 });

    assert.deepEqual([fields['thinking_budget'], fields['reasoning_effort']], [5_500, 'medium']);
    assert.deepEqual(toAnthropic(fields), { type: 'enabled', budget_tokens: 5_500 });
    assert.deepEqual(toDashScope(fields), [true, 5_500]);
  });

  it('of DashScope’s passes on too', () => {
    const fields = withThinking({
      enable_thinking: true,
      thinking_budget: 7_000,
      max_tokens: 8_000,
    });

    assert.deepEqual(fields['reasoning_effort'], 'high');
    assert.deepEqual(toAnthropic(fields), { type: 'enabled', budget_tokens: 7_000 });
    assert.deepEqual(toDashScope(fields), [true, 7_000]);
    assert.deepEqual(withThinking({ thinking_budget: 100 })['reasoning_effort'], 'low');
  });

  it('in OpenAI’s words is a share of the answer', () => {
    const fields = { reasoning_effort: 'medium', max_completion_tokens: 10_000 };

    assert.deepEqual(toAnthropic(fields), { type: 'enabled', budget_tokens: 5_000 });
    assert.deepEqual(toDashScope(fields), [true, 5_000]);
  });

  it('is never more than the answer nor less than Anthropic takes', () => {
    const limited = (thinking_budget: number, max_tokens: number) =>
      toAnthropic({ thinking_budget, max_tokens });

    assert.deepEqual(limited(9_000, 4_000), { type: 'enabled', budget_tokens: 3_999 });
    assert.deepEqual(limited(10, 4_000), { type: 'enabled', budget_tokens: 1_024 });
    assert.deepEqual(limited(10, 1_000), undefined);
  });

  it('is nothing where it is turned off or not spoken of', () => {
    assert.deepEqual(toAnthropic({ reasoning_effort: 'none' }), { type: 'disabled' });
    assert.deepEqual(toDashScope(fromAnthropic({ type: 'disabled' })), [false, undefined]);
    assert.deepEqual([toAnthropic({}), toDashScope({})], [undefined, [undefined, undefined]]);
    assert.deepEqual(withThinking({ a: 1 }), { a: 1 });
  });
});

it('is read from a request to /v1/messages', async () => {
  const bytes = Buffer.from(
    JSON.stringify({
      model: 'm',
      messages,
      max_tokens: 4_000,
      thinking: { type: 'enabled', budget_tokens: 3_000 },
    }),
  );
  const input = { bytes, headers: {}, requestId: 'req_1' };
  const { request } = await messagesEndpoint.read(Object(input));

  assert.deepEqual(request.fields['thinking_budget'], 3_000);
});
