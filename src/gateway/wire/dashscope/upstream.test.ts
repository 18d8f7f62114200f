import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createId } from '#platform/id.ts';
import { convertedRequest } from '../openai/request.ts';
import { AnswerStream } from '../openai/stream.ts';
import { parseGeneration } from './generation-request.ts';
import { GenerationStream } from './generation-stream.ts';
import { dashScopeUpstream } from './upstream.ts';

const MODEL = 'qwen/tiny';
const MESSAGES = [{ role: 'user', content: 'Hi' }];

function callOf(
  fields: object,
  operation: 'chat' | 'embeddings' | 'completions' | 'rerank' = 'chat',
) {
  const request = convertedRequest(operation, { model: MODEL, messages: MESSAGES, ...fields });
  const call = dashScopeUpstream.call(request, { model: 'qwen-plus', key: 'sk-1' });
  const body: Record<string, Record<string, unknown>> = JSON.parse(call.body.toString());
  return { ...call, body };
}

describe('a request to DashScope', () => {
  it('is a text generation, asked for in increments by the header', () => {
    const { path, headers, body } = callOf({ stream: true, max_completion_tokens: 5, top_k: 3 });
    assert.equal(path, '/api/v1/services/aigc/text-generation/generation');
    assert.ok(headers.includes('x-dashscope-sse') && headers.includes('Bearer sk-1'));
    assert.deepEqual(body, {
      model: 'qwen-plus',
      input: { messages: MESSAGES },
      parameters: { top_k: 3, max_tokens: 5, result_format: 'message', incremental_output: true },
    });
  });

  it('joins parts that are text, and takes pictures to the multimodal address', () => {
    const text = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } };
    const joined = callOf({ messages: [{ role: 'developer', content: text }] }).body;
    assert.deepEqual(joined['input'], { messages: [{ role: 'system', content: 'ab' }] });
    const shown = callOf({ messages: [{ role: 'user', content: [...text, image] }] });
    assert.match(shown.path, /multimodal-generation/);
    assert.deepEqual(shown.body['input'], {
      messages: [
        { role: 'user', content: [{ text: 'a' }, { text: 'b' }, { image: image.image_url.url }] },
      ],
    });
  });

  it('comes back to the same chat when it is read as one', () => {
    const fields = {
      temperature: 0.5,
      stop: ['x'],
      chat_template_kwargs: { enable_thinking: true },
    };
    const { body } = callOf(fields);
    const read = parseGeneration(body, { isMultimodal: false, wantsEvents: false });
    const { model: _model, ...chat } = read.chat;
    assert.deepEqual(chat, {
      messages: MESSAGES,
      temperature: 0.5,
      stop: ['x'],
      enable_thinking: true,
    });
  });

  it('reranks in its own words', () => {
    const { path, body } = callOf({ query: 'q', documents: ['a'], top_n: 1 }, 'rerank');
    assert.match(path, /text-rerank$/);
    assert.deepEqual(body['input'], { query: 'q', documents: ['a'] });
    const results = [{ index: 0, relevance_score: 0.5 }];
    const answer = whole({ output: { results }, usage: { total_tokens: 3 }, request_id: 'r' });
    assert.match(JSON.stringify(answer), /"relevance_score":0.5.*"prompt_tokens":3/);
  });

  it('is refused where DashScope has no word for it', () => {
    assert.throws(() => callOf({ prompt: 'x' }, 'completions'), { code: 'unsupported_operation' });
    assert.throws(() => callOf({ input: [[1, 2]] }, 'embeddings'), { code: 'invalid_value' });
    assert.throws(() => callOf({ chat_template_kwargs: { x: 1 } }), { code: 'invalid_value' });
  });
});

const whole = (value: object): unknown => {
  const bytes = dashScopeUpstream.whole?.(Buffer.from(JSON.stringify(value))) ?? null;
  return bytes === null ? null : JSON.parse(bytes.toString());
};

describe('an answer of DashScope', () => {
  it('is a completion with usage under its own names', () => {
    const message = { role: 'assistant', content: 'Hello', reasoning_content: 'Hm.' };
    const answer = whole({
      output: { choices: [{ finish_reason: 'stop', message }] },
      usage: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
      request_id: 'r1',
    });
    assert.deepEqual(
      { ...Object(answer), created: 0 },
      {
        id: 'chatcmpl-r1',
        object: 'chat.completion',
        created: 0,
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage: {
          prompt_tokens: 3,
          completion_tokens: 2,
          total_tokens: 5,
          prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
        },
      },
    );
  });

  it('is a list of vectors, or nothing where it is something else', () => {
    const answer = whole({
      output: { embeddings: [{ text_index: 0, embedding: [1] }] },
      usage: { total_tokens: 4 },
    });
    assert.match(JSON.stringify(answer), /"embedding":\[1\].*"prompt_tokens":4/);
    assert.equal(whole({ code: 'Throttling', message: 'slow' }), null);
    assert.equal(dashScopeUpstream.whole?.(Buffer.from('<html>')), null);
  });
});

/** Our own wire in front writes what the upstream's reads: a round trip through both. */
function nativeStream(chunks: readonly object[]): Buffer {
  const stream = new GenerationStream({
    shape: { isStream: true, isIncremental: true, format: 'message', isMultimodal: false },
    requestId: createId('req'),
  });
  return Buffer.from(chunks.map((chunk) => stream.push(chunk)).join('') + stream.end());
}

const delta = (given: object, finish: string | null = null) => ({
  choices: [{ index: 0, delta: given, finish_reason: finish }],
});

const NATIVE = nativeStream([
  delta({ role: 'assistant', content: '' }),
  delta({ reasoning_content: '想' }),
  delta({ content: '你好' }),
  delta({ content: '🙂' }),
  delta({
    tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '' } }],
  }),
  delta({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }),
  delta({}, 'tool_calls'),
  { choices: [], usage: { prompt_tokens: 4, completion_tokens: 7, total_tokens: 11 } },
]);

function translated(pieces: readonly Buffer[]): string {
  const stream = dashScopeUpstream.stream?.();
  const parts = [...pieces.map((piece) => stream?.push(piece)), stream?.end()];
  return parts.map((part) => part?.toString() ?? '').join('');
}

describe('a stream of DashScope', () => {
  it("is OpenAI's, cut at any byte", () => {
    const known = translated([NATIVE]);
    assert.match(known, /"role":"assistant".*"reasoning_content":"想"/);
    assert.match(known, /"content":"🙂"/);
    assert.match(
      known,
      /"tool_calls":\[\{"index":0,"type":"function","id":"c1","function":\{"name":"f","arguments":""\}\}\]/,
    );
    assert.match(
      known,
      /"tool_calls":\[\{"index":0,"type":"function","function":\{"arguments":"\{\}"\}\}\]/,
    );
    assert.match(
      known,
      /"choices":\[\],"usage":\{"prompt_tokens":4,"completion_tokens":7[^\n]*\n\ndata: \[DONE\]\n\n$/,
    );
    for (let at = 1; at < NATIVE.length; at += 1) {
      assert.equal(translated([NATIVE.subarray(0, at), NATIVE.subarray(at)]), known);
    }
    const reader = new AnswerStream({ model: MODEL, wantsUsage: true, deliveredMax: 100 });
    reader.push(Buffer.from(known));
    assert.deepEqual([reader.isDone, reader.fault, reader.counted?.usage?.output], [true, null, 7]);
  });

  it('has no end where DashScope broke off or said an error', () => {
    assert.doesNotMatch(translated([NATIVE.subarray(0, NATIVE.length / 2)]), /DONE/);
    const error =
      'id:1\nevent:error\n:HTTP_STATUS/429\ndata:{"code":"Throttling","message":"slow"}\n\n';
    const said = translated([Buffer.from(error)]);
    assert.match(said, /^data: \{"error":\{"message":"slow",.*"code":"Throttling"\}\}\n\n$/);
  });
});
