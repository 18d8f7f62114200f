import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { tinyChatTemplate } from '../../../test/tiny-gguf-template.ts';
import { parseChatBody, templateMessages, templateVariables } from './chat-request.ts';
import { createChatTemplate } from './template.ts';

const template = createChatTemplate({ source: tinyChatTemplate, beginToken: '', endToken: '' });

function render(body: object): string {
  const chat = parseChatBody(body);
  return template.render({
    messages: templateMessages(chat),
    tools: chat.tools ?? null,
    variables: templateVariables(chat),
  }).text;
}

describe("the model's chat template", () => {
  it('renders a conversation as Qwen3 was trained on it', () => {
    const text = render({
      messages: [
        { role: 'developer', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: '你' },
            { type: 'text', text: '好' },
          ],
        },
        { role: 'assistant', content: '<think>\nhm\n</think>\n\nHi' },
        { role: 'user', content: 'Bye' },
      ],
    });

    assert.equal(
      text,
      '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n你好<|im_end|>\n' +
        '<|im_start|>assistant\nHi<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n',
    );
  });

  it('turns thinking off by any of the fields that clients use', () => {
    const messages = [{ role: 'user', content: 'a' }];
    const off = render({ messages, chat_template_kwargs: { enable_thinking: false } });

    assert.ok(off.endsWith('<think>\n\n</think>\n\n'));
    assert.equal(render({ messages, enable_thinking: false }), off);
    assert.equal(render({ messages, reasoning_effort: 'none' }), off);
    assert.ok(render({ messages }).endsWith('<|im_start|>assistant\n'));
  });

  it('shows tools and earlier calls with their answers', () => {
    const text = render({
      messages: [
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            {
              id: 'c1',
              type: 'function',
              function: { name: 'get', arguments: '{"city":"Paris"}' },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'sunny' },
      ],
      tools: [{ type: 'function', function: { name: 'get', parameters: { type: 'object' } } }],
    });

    assert.ok(
      text.includes(
        '<tools>\n{"type": "function", "function": {"name": "get", "parameters": {"type": "object"}}}\n</tools>',
      ),
    );
    assert.ok(
      text.includes('<tool_call>\n{"name": "get", "arguments": {"city": "Paris"}}\n</tool_call>'),
    );
    assert.ok(
      text.includes('<|im_start|>user\n<tool_response>\nsunny\n</tool_response><|im_end|>'),
    );
  });

  it('knows when it opened the reasoning itself', () => {
    const source = '{{ messages[0].content }}<think>\n';
    const thinking = createChatTemplate({ source, beginToken: '', endToken: '' });
    const input = { messages: [{ role: 'user', content: 'a' }], tools: null, variables: {} };

    assert.equal(thinking.render(input).reasoningPrefilled, true);
    assert.equal(template.render(input).reasoningPrefilled, false);
  });

  it('passes on why it refuses a conversation', () => {
    const source = "{{ raise_exception('roles must alternate') }}";
    const strict = createChatTemplate({ source, beginToken: '', endToken: '' });

    assert.throws(() => strict.render({ messages: [], tools: null, variables: {} }), {
      code: 'invalid_value',
      message: /roles must alternate/,
    });
  });
});
