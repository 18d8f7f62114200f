import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FlywheelError } from '#platform/error.ts';
import { UNMETERED } from '../../body-budget.ts';
import { createMapMemory } from '../../responses/memory-fixture.ts';
import { EncodedStream } from '../encoded-stream.ts';
import { parseAnswer } from '../openai/answer.ts';
import { convertedRequest } from '../openai/request.ts';
import { messagesEndpoint } from './endpoints.ts';
import { MessageStream } from './stream.ts';
import { anthropicUpstream } from './upstream.ts';

const SMALLEST = { model: 'claude', messages: [{ role: 'user', content: 'Hi' }] };

function sent(fields: object, operation: 'chat' | 'tokenize' = 'chat') {
  const request = convertedRequest(operation, { ...SMALLEST, ...fields });
  const call = anthropicUpstream.call(request, { model: 'claude-x', key: 'secret' });
  return { ...call, body: JSON.parse(call.body.toString()) };
}

/** As their API streams it. */
const STREAM = [
  {
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-x',
      content: [],
      usage: { input_tokens: 12, cache_read_input_tokens: 0, output_tokens: 1 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
  { type: 'ping' },
  { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: '思考' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'Eq' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: '你好 👋🏽' } },
  { type: 'content_block_stop', index: 1 },
  {
    type: 'content_block_start',
    index: 2,
    content_block: { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} },
  },
  { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '' } },
  {
    type: 'content_block_delta',
    index: 2,
    delta: { type: 'input_json_delta', partial_json: '{"city":"Paris"}' },
  },
  { type: 'content_block_stop', index: 2 },
  {
    type: 'message_delta',
    delta: { stop_reason: 'tool_use', stop_sequence: null },
    usage: {
      input_tokens: 12,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 8,
      output_tokens: 20,
    },
  },
  { type: 'message_stop' },
];
const wire = (events: readonly { type: string }[]): Buffer =>
  Buffer.from(
    events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
  );

function decode(pieces: readonly Buffer[]): { text: string; stream: EncodedStream } {
  const options = { model: 'our/claude', wantsUsage: true, deliveredMax: 1000, encoder: null };
  const upstream = anthropicUpstream.stream?.() ?? null;
  const stream = new EncodedStream({ ...options, upstream });
  const out = pieces.map((piece) => stream.push(piece)?.toString('utf8') ?? '');
  out.push(stream.end()?.toString('utf8') ?? '');
  return { text: out.join('').replaceAll(/"created":\d+/g, '"created":1'), stream };
}

describe("a chat for Anthropic's API", () => {
  it('has the key, the version and a limit', () => {
    const { path, headers, body } = sent({});
    assert.equal(path, '/v1/messages');
    assert.deepEqual(headers, [
      'content-type',
      'application/json',
      'anthropic-version',
      '2023-06-01',
      'x-api-key',
      'secret',
    ]);
    assert.deepEqual(body, {
      model: 'claude-x',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
      max_tokens: 8192,
    });
  });

  it('is what a caller of messages sent, there and back', async () => {
    const given = {
      model: 'our/claude',
      max_tokens: 4000,
      system: 'Be kind.',
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Let me look.' },
            { type: 'tool_use', id: 't1', name: 'weather', input: { city: 'Paris' } },
            { type: 'tool_use', id: 't2', name: 'weather', input: { city: 'Rome' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'rain' }] },
            { type: 'tool_result', tool_use_id: 't2', content: [{ type: 'text', text: 'sun' }] },
            { type: 'text', text: 'So?' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA' } },
          ],
        },
      ],
      tools: [{ name: 'weather', description: 'It', input_schema: { type: 'object' } }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      stop_sequences: ['END'],
      temperature: 0.3,
      top_k: 5,
      metadata: { user_id: 'u' },
      thinking: { type: 'enabled', budget_tokens: 2000 },
    };
    const { request } = await messagesEndpoint.read({
      bytes: Buffer.from(JSON.stringify(given)),
      headers: {},
      url: '',
      requestId: 'req_1',
      caller: { tenantId: 't', projectId: 'p' },
      responses: createMapMemory(),
      room: UNMETERED,
      nowMs: 0,
    });
    const { body } = anthropicUpstream.call(request, { model: null, key: null });
    assert.deepEqual(JSON.parse(body.toString()), given);
  });

  it('asks for the count of its tokens elsewhere, without a limit', () => {
    const { path, body } = sent({}, 'tokenize');
    assert.equal(path, '/v1/messages/count_tokens');
    assert.deepEqual(Object.keys(body), ['model', 'messages']);
  });

  it('is refused where the answer would not be what was asked for', () => {
    for (const field of [{ n: 2 }, { logprobs: true }, { frequency_penalty: 1 }]) {
      assert.throws(() => sent(field), FlywheelError);
    }
    assert.doesNotThrow(() => sent({ n: 1, logprobs: false, frequency_penalty: 0 }));
  });
});

describe("a stream of Anthropic's API", () => {
  it("is OpenAI's, wherever it is cut", () => {
    const bytes = wire(STREAM);
    const whole = decode([bytes]);
    assert.ok(whole.text.endsWith('data: [DONE]\n\n'));
    assert.ok(whole.text.includes('"model":"our/claude"'));
    assert.deepEqual(whole.stream.counted?.usage, {
      input: 12,
      cacheRead: 100,
      cacheWrite: 8,
      output: 20,
      reasoning: 0,
    });
    for (let at = 0; at <= bytes.length; at += 1) {
      assert.equal(decode([bytes.subarray(0, at), bytes.subarray(at)]).text, whole.text);
    }
  });

  it('comes out of both ways as it went in', async () => {
    const options = { model: 'our/claude', wantsUsage: true, deliveredMax: 1000 };
    const encoder = new MessageStream({ requestId: 'req_1', model: 'our/claude' });
    const upstream = anthropicUpstream.stream?.() ?? null;
    const stream = new EncodedStream({ ...options, encoder, upstream });
    const begun = stream.push(wire(STREAM))?.toString() ?? '';
    const text = begun + ((await stream.closing())?.toString() ?? '');
    const deltas = (all: string): string[] =>
      all.match(/"(?:text|thinking|partial_json)":"[^"].*?"\}/g) ?? [];
    assert.deepEqual(deltas(text), deltas(wire(STREAM).toString()));
    assert.match(text, /"stop_reason":"tool_use"/);
    assert.match(text, /"cache_creation_input_tokens":8,"cache_read_input_tokens":100/);
  });

  it('that breaks off or fails never looks whole', () => {
    const cut = decode([wire(STREAM.slice(0, -1))]);
    assert.equal(cut.stream.fault, null);
    const failed = decode([
      wire([
        ...STREAM.slice(0, 8),
        { type: 'error', error: { message: 'Overloaded' } } as { type: string },
      ]),
    ]);
    assert.equal(failed.stream.fault?.message, 'Overloaded');
    assert.ok(!failed.text.includes('[DONE]'));
  });
});

describe("a message of Anthropic's API", () => {
  it("is an answer in OpenAI's shape", () => {
    const message = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-x',
      content: [
        { type: 'thinking', thinking: 'Hm', signature: 'Eq' },
        { type: 'text', text: 'Look:' },
        { type: 'tool_use', id: 't1', name: 'weather', input: { city: 'Paris' } },
      ],
      stop_reason: 'tool_use',
      usage: { input_tokens: 5, cache_read_input_tokens: 7, output_tokens: 9 },
    };
    const bytes = anthropicUpstream.whole?.(Buffer.from(JSON.stringify(message)));
    assert(bytes instanceof Buffer);
    const answer = parseAnswer(bytes, { model: 'our/claude', operation: 'chat' });
    assert.partialDeepStrictEqual(answer?.value, {
      model: 'our/claude',
      choices: [
        {
          message: {
            content: 'Look:',
            reasoning_content: 'Hm',
            tool_calls: [
              { id: 't1', function: { name: 'weather', arguments: '{"city":"Paris"}' } },
            ],
          },
          finish_reason: 'tool_calls',
        },
      ],
    });
    assert.deepEqual(answer?.counted?.usage, {
      input: 5,
      cacheRead: 7,
      cacheWrite: 0,
      output: 9,
      reasoning: 0,
    });
    assert.equal(anthropicUpstream.whole?.(Buffer.from('<html>')), null);
  });
});
