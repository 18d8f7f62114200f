import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createId } from '#platform/id.ts';
import { FlywheelError } from '#platform/error.ts';
import { generationAnswer } from './generation-answer.ts';
import { type GenerationShape, parseGeneration } from './generation-request.ts';
import { GenerationStream } from './generation-stream.ts';
import { idOfUuid, uuidOf } from './request-id.ts';

const REQUEST_ID = createId('req');
const UUID = uuidOf(REQUEST_ID);

const parse = (fields: object, options = {}) =>
  parseGeneration(
    { model: 'qwen/tiny', ...fields },
    { isMultimodal: false, wantsEvents: false, ...options },
  );

const shapeOf = (changes: Partial<GenerationShape> = {}): GenerationShape => ({
  isStream: true,
  isIncremental: false,
  format: 'message',
  isMultimodal: false,
  ...changes,
});

describe('the id of a request', () => {
  it('is the same 128 bits in both forms', () => {
    fc.assert(
      fc.property(fc.nat(4_102_444_800_000), (nowMs) => {
        const id = createId('req', nowMs);
        const uuid = uuidOf(id);
        assert.match(uuid, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
        assert.equal(idOfUuid('req', uuid), id);
      }),
    );
    assert.equal(uuidOf('not-one-of-ours'), 'not-one-of-ours');
    assert.equal(idOfUuid('req', 'not-a-uuid'), null);
  });
});

describe('a native request', () => {
  it('becomes a chat, with a prompt and its history as messages', () => {
    const { chat, shape } = parse({
      input: { prompt: 'And now?', history: [{ user: 'Hi', bot: 'Hello' }] },
    });
    assert.deepEqual(chat.messages, [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
      { role: 'user', content: 'And now?' },
    ]);
    assert.deepEqual(shape, shapeOf({ isStream: false, format: 'text' }));
  });

  it('hands every parameter on under its own name, and keeps back only what shapes the answer', () => {
    const passed = fc.dictionary(fc.stringMatching(/^x_[a-z]{1,12}$/), fc.jsonValue(), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(passed, (extra) => {
        const { chat } = parse({
          input: { messages: [{ role: 'user', content: 'Hi' }] },
          parameters: { result_format: 'message', incremental_output: true, stop: ['a'], ...extra },
        });
        const { model: _model, messages: _messages, stop, ...rest } = chat;
        assert.deepEqual(rest, extra);
        assert.deepEqual(stop, ['a']);
      }),
    );
  });

  it('names parts of content as engines do', () => {
    const content = [{ text: 'What is this?' }, { image: 'https://example.com/a.png' }];
    const { chat, shape } = parse(
      { input: { messages: [{ role: 'user', content }] } },
      { isMultimodal: true },
    );
    assert.deepEqual(chat.messages[0]?.['content'], [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
    ]);
    assert.equal(shape.isMultimodal && shape.format, 'message');
  });

  it('answers as messages where text has no place for the answer', () => {
    const input = { prompt: 'Hi' };
    assert.equal(parse({ input, parameters: { enable_thinking: true } }).shape.format, 'message');
    assert.equal(parse({ input, parameters: { tools: [{}] } }).shape.format, 'message');
    assert.equal(parse({ input, parameters: { result_format: 'text' } }).shape.format, 'text');
  });

  it('refuses what it would have to leave out', () => {
    const wrong: [object, string][] = [
      [{}, 'input'],
      [{ input: { messages: [] } }, 'input.messages'],
      [
        { input: { messages: [{ role: 'user', content: [{ video: 'x' }] }] } },
        'input.messages.0.content.0',
      ],
      [{ input: { prompt: 'x' }, parameters: { stop: [1, 2] } }, 'parameters.stop'],
      [{ input: { prompt: 'x' }, parameters: { enable_search: true } }, 'parameters.enable_search'],
      [{ input: { prompt: 'x' }, parameters: { messages: [] } }, 'parameters.messages'],
      [
        { input: { prompt: 'x' }, parameters: { result_format: 'xml' } },
        'parameters.result_format',
      ],
      [{ input: { prompt: 'x' }, parameters: 7 }, 'parameters'],
    ];
    for (const [fields, param] of wrong) {
      assert.throws(() => parse(fields), { code: 'invalid_value', param });
    }
  });
});

const ANSWER = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'qwen/tiny',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: 'Hello',
        reasoning_content: 'A greeting.',
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      finish_reason: 'tool_calls',
    },
  ],
  usage: {
    prompt_tokens: 10,
    completion_tokens: 5,
    total_tokens: 15,
    prompt_tokens_details: { cached_tokens: 4 },
    completion_tokens_details: { reasoning_tokens: 2 },
  },
};

const USAGE = {
  input_tokens: 10,
  output_tokens: 5,
  total_tokens: 15,
  prompt_tokens_details: { cached_tokens: 4 },
  output_tokens_details: { reasoning_tokens: 2 },
};

describe('a whole answer', () => {
  it('is a message with thoughts, calls and usage', () => {
    assert.deepEqual(generationAnswer(ANSWER, shapeOf(), REQUEST_ID), {
      output: {
        choices: [
          {
            message: {
              role: 'assistant',
              content: 'Hello',
              reasoning_content: 'A greeting.',
              tool_calls: [
                {
                  index: 0,
                  id: 'call_1',
                  type: 'function',
                  function: { name: 'f', arguments: '{}' },
                },
              ],
            },
            finish_reason: 'tool_calls',
          },
        ],
      },
      usage: USAGE,
      request_id: UUID,
    });
  });

  it('is a text, or a list of parts, where that was asked for', () => {
    const text = generationAnswer(ANSWER, shapeOf({ format: 'text' }), REQUEST_ID);
    assert.deepEqual(text['output'], { finish_reason: 'tool_calls', text: 'Hello' });
    const parts = JSON.stringify(
      generationAnswer(ANSWER, shapeOf({ isMultimodal: true }), REQUEST_ID),
    );
    assert.match(parts, /"content":\[\{"text":"Hello"\}\]/);
  });
});

const delta = (given: object, finish: string | null = null, index = 0) => ({
  choices: [{ index, delta: given, finish_reason: finish }],
});
const USAGE_CHUNK = { choices: [], usage: ANSWER.usage };

type Event = Readonly<{
  id: string;
  event: string;
  comment: string;
  data: Record<string, unknown>;
}>;

function eventsOf(text: string): Event[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const [id = '', event = '', comment = '', data = ''] = block.split('\n');
      return { id, event, comment, data: JSON.parse(data.replace(/^data:/, '')) };
    });
}

function streamed(shape: GenerationShape, chunks: readonly object[]): Event[] {
  const stream = new GenerationStream({ shape, requestId: REQUEST_ID });
  return eventsOf(chunks.map((chunk) => stream.push(chunk)).join('') + stream.end());
}

const contents = (events: readonly Event[]) =>
  events.map(({ data }) => /"content":"([^"]*)"/.exec(JSON.stringify(data))?.[1]);

const CHUNKS = [
  delta({ role: 'assistant', content: '' }),
  delta({ content: 'Hel' }),
  delta({ content: 'lo' }),
  delta({}, 'stop'),
  USAGE_CHUNK,
];

describe('a stream', () => {
  it('is framed to the letter', () => {
    const stream = new GenerationStream({
      shape: shapeOf({ format: 'text' }),
      requestId: REQUEST_ID,
    });
    assert.equal(stream.push(CHUNKS[0] ?? {}), '');
    assert.equal(
      stream.push(CHUNKS[1] ?? {}),
      'id:1\nevent:result\n:HTTP_STATUS/200\n' +
        'data:{"output":{"finish_reason":"null","text":"Hel"},' +
        `"usage":{"input_tokens":0,"output_tokens":1,"total_tokens":1},"request_id":"${UUID}"}\n\n`,
    );
  });

  it('carries everything so far, and the end with the whole usage once', () => {
    const events = streamed(shapeOf(), CHUNKS);
    assert.deepEqual(contents(events), ['Hel', 'Hello', 'Hello']);
    assert.deepEqual(
      events.map(({ id }) => id),
      ['id:1', 'id:2', 'id:3'],
    );
    assert.match(JSON.stringify(events[1]?.data), /"finish_reason":"null"/);
    assert.match(JSON.stringify(events[2]?.data), /"finish_reason":"stop"/);
    assert.deepEqual(events[2]?.data['usage'], USAGE);
  });

  it('carries only what is new where increments were asked for', () => {
    assert.deepEqual(contents(streamed(shapeOf({ isIncremental: true }), CHUNKS)), [
      'Hel',
      'lo',
      '',
    ]);
  });

  it('says thoughts before the answer and puts calls together by their index', () => {
    const call = (index: number, words: string, id?: string) => ({
      index,
      ...(id !== undefined && { id, type: 'function' }),
      function: { ...(id !== undefined && { name: `f${index}` }), arguments: words },
    });
    const [...events] = streamed(shapeOf(), [
      delta({ reasoning_content: 'Hm.' }),
      delta({ tool_calls: [call(0, '{"a', 'call_a')] }),
      delta({ tool_calls: [call(1, '', 'call_b')] }),
      delta({ tool_calls: [call(0, '":1}'), call(1, '{}')] }),
      delta({}, 'tool_calls'),
    ]);
    assert.match(JSON.stringify(events[0]), /"content":"","reasoning_content":"Hm\."/);
    const last = JSON.stringify(events.at(-1)?.data);
    assert.match(
      last,
      /"id":"call_a","type":"function","function":\{"name":"f0","arguments":"\{\\"a\\":1\}"/,
    );
    assert.match(last, /"index":1,"id":"call_b"/);
  });

  it('joins to the same text for any cut, incremental or not, and stays linear in size', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { maxLength: 50 }), (pieces) => {
        const chunks = [...pieces.map((content) => delta({ content })), delta({}, 'stop')];
        const whole = pieces.join('');
        const textOf = ({ data }: Event): string => JSON.parse(JSON.stringify(data)).output.text;
        const increments = streamed(shapeOf({ format: 'text', isIncremental: true }), chunks);
        assert.equal(increments.map(textOf).join(''), whole);
        const growing = streamed(shapeOf({ format: 'text' }), chunks);
        assert.equal(growing.map(textOf).at(-1) ?? '', whole);
      }),
    );
    const stream = new GenerationStream({ shape: shapeOf(), requestId: REQUEST_ID });
    let bytes = 0;
    for (let token = 0; token < 32_768; token += 1)
      bytes += stream.push(delta({ content: 'word ' })).length;
    // Every token in an event of its own would be 2.7 GB.
    assert.ok(bytes < 80_000_000, `${bytes} bytes`);
  });

  it('says an error in the stream and nothing after it', () => {
    const stream = new GenerationStream({ shape: shapeOf(), requestId: REQUEST_ID });
    stream.push(delta({ content: 'Hel' }));
    const failed = stream.fail(new FlywheelError('upstream_failed', 'It broke.', { status: 502 }));
    assert.equal(
      failed,
      'id:2\nevent:error\n:HTTP_STATUS/502\n' +
        `data:{"code":"InternalError","message":"It broke.","request_id":"${UUID}"}\n\n`,
    );
    assert.equal(stream.end(), '');
  });
});
