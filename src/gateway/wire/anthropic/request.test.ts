import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FlywheelError } from '#platform/error.ts';
import { UNMETERED } from '../../body-budget.ts';
import { createMapMemory } from '../../responses/memory-fixture.ts';
import { countTokensEndpoint, messagesEndpoint } from './endpoints.ts';

const SMALLEST = {
  model: 'qwen/tiny',
  max_tokens: 64,
  messages: [{ role: 'user', content: 'Hi' }],
};

async function translate(changes: object, endpoint = messagesEndpoint) {
  const bytes = Buffer.from(JSON.stringify({ ...SMALLEST, ...changes }));
  const caller = { tenantId: 'ten_1', projectId: 'prj_1' };
  const input = {
    bytes,
    headers: {},
    url: '',
    requestId: 'req_1',
    caller,
    nowMs: 0,
    room: UNMETERED,
  };
  const { request } = await endpoint.read({ ...input, responses: createMapMemory() });
  return request.fields;
}

async function refusal(changes: object): Promise<[string | null, number]> {
  try {
    await translate(changes);
  } catch (error) {
    if (error instanceof FlywheelError) return [error.param, error.status];
  }
  return ['nothing', 0];
}

const TOOL = {
  name: 'get_weather',
  description: 'Current weather',
  input_schema: { type: 'object', properties: { city: { type: 'string' } } },
  cache_control: { type: 'ephemeral' },
};

describe('a request for a message', () => {
  it('becomes a chat with the same words', async () => {
    assert.deepEqual(await translate({}), SMALLEST);
  });

  it('has its system prompt as the first message, whether text or blocks', async () => {
    const system = [
      { type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'Be brief.' },
    ];
    const blocks = (await translate({ system })).messages;
    const text = (await translate({ system: 'Be kind.\n\nBe brief.' })).messages;

    assert.deepEqual(blocks, [
      { role: 'system', content: 'Be kind.\n\nBe brief.' },
      { role: 'user', content: 'Hi' },
    ]);
    assert.deepEqual(text, blocks);
  });

  it('asks for usage where it streams', async () => {
    assert.deepEqual((await translate({ stream: true })).stream_options, { include_usage: true });
  });

  it('keeps what an engine understands and what we do not know', async () => {
    const fields = await translate({
      temperature: 0.5,
      top_k: 20,
      repetition_penalty: 1.1,
      stop_sequences: ['\n\n'],
      metadata: { user_id: 'u1' },
      service_tier: 'standard_only',
    });

    assert.equal(fields.temperature, 0.5);
    assert.equal(fields.top_k, 20);
    assert.equal(fields.repetition_penalty, 1.1);
    assert.deepEqual(fields.stop, ['\n\n']);
    assert.equal(fields.user, 'u1');
    assert.equal(fields.service_tier, 'default');
    assert.equal('stop_sequences' in fields, false);
  });

  it('brings its tools and the choice of one', async () => {
    const fields = await translate({
      tools: [TOOL],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    });
    const named = await translate({ tools: [TOOL], tool_choice: { type: 'tool', name: 'x' } });

    assert.deepEqual(JSON.parse(JSON.stringify(fields.tools)), [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          description: 'Current weather',
          parameters: TOOL.input_schema,
        },
      },
    ]);
    assert.equal(fields.tool_choice, 'required');
    assert.equal(fields.parallel_tool_calls, false);
    assert.deepEqual(named.tool_choice, { type: 'function', function: { name: 'x' } });
  });

  it('turns a conversation with tools round: calls with the assistant, results before the user', async () => {
    const messages = [
      { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Paris, they mean.', signature: 'x' },
          { type: 'text', text: 'Let me look.' },
          { type: 'tool_use', id: 't1', name: 'get_weather', input: { city: 'Paris' } },
          { type: 'tool_use', id: 't2', name: 'get_time', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'And be quick.' },
          { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'rain' }] },
          { type: 'tool_result', tool_use_id: 't2', content: 'no clock', is_error: true },
        ],
      },
    ];

    assert.deepEqual((await translate({ messages })).messages, [
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: 'Let me look.',
        reasoning_content: 'Paris, they mean.',
        tool_calls: [
          {
            id: 't1',
            type: 'function',
            function: { name: 'get_weather', arguments: '{"city":"Paris"}' },
          },
          { id: 't2', type: 'function', function: { name: 'get_time', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 't1', content: 'rain' },
      { role: 'tool', tool_call_id: 't2', content: 'Error: no clock' },
      { role: 'user', content: 'And be quick.' },
    ]);
  });

  it('passes pictures on, those of a tool included', async () => {
    const source = { type: 'base64', media_type: 'image/png', data: 'AAAA' };
    const image = { type: 'image', source };
    const messages = [
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 't1', content: [image] },
          { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
          { type: 'document', title: 'Notes', source: { type: 'text', data: 'milk' } },
        ],
      },
    ];

    assert.deepEqual((await translate({ messages })).messages, [
      { role: 'tool', tool_call_id: 't1', content: '' },
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
          { type: 'text', text: 'Notes\n\nmilk' },
        ],
      },
    ]);
  });

  it('turns thinking on and off only where it says so', async () => {
    const thinking = { type: 'enabled', budget_tokens: 2048 };
    assert.deepEqual((await translate({ thinking })).chat_template_kwargs, {
      enable_thinking: true,
    });
    assert.deepEqual((await translate({ thinking: { type: 'disabled' } })).chat_template_kwargs, {
      enable_thinking: false,
    });
    assert.equal((await translate({})).chat_template_kwargs, undefined);
  });

  it('names what is wrong with it', async () => {
    assert.deepEqual(await refusal({ max_tokens: undefined }), ['max_tokens', 400]);
    assert.deepEqual(await refusal({ messages: [] }), ['messages', 400]);
    assert.deepEqual(await refusal({ messages: [{ role: 'bot', content: '' }] }), [
      'messages.0.role',
      400,
    ]);
    assert.deepEqual(
      await refusal({ messages: [{ role: 'user', content: [{ type: 'video' }] }] }),
      ['messages.0.content.0.type', 400],
    );
    assert.deepEqual(await refusal({ system: [{ type: 'image' }] }), ['system.0.type', 400]);
    assert.deepEqual(await refusal({ stream: 'yes' }), ['stream', 400]);
  });

  it("refuses by name what only Anthropic's servers have", async () => {
    const search = { type: 'web_search_20250305', name: 'web_search' };
    assert.deepEqual(await refusal({ tools: [search] }), ['tools.0.type', 400]);
    assert.deepEqual(await refusal({ mcp_servers: [{ url: 'x' }] }), ['mcp_servers', 400]);
    assert.deepEqual(await refusal({ mcp_servers: [] }), ['nothing', 0]);
  });
});

describe('a request to count tokens', () => {
  it('sends the prompt and nothing else', async () => {
    const fields = await translate({ system: 'Be kind.', tools: [TOOL] }, countTokensEndpoint);
    assert.deepEqual(Object.keys(fields), ['model', 'messages', 'tools', 'add_generation_prompt']);
  });
});
