import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FlywheelError } from '#platform/error.ts';
import { EncodedStream } from '../encoded-stream.ts';
import { anthropicMessage } from './answer.ts';
import { MessageStream } from './stream.ts';

const IDENTITY = { requestId: 'req_1', model: 'qwen/tiny' };

type Event = Readonly<Record<string, unknown>> & Readonly<{ type: string }>;

const chunk = (delta: object, finish: string | null = null, extra: object = {}): object => ({
  id: 'c1',
  model: 'qwen/tiny',
  choices: [{ index: 0, delta, finish_reason: finish, ...extra }],
});
const call = (index: number, piece: object): object => chunk({ tool_calls: [{ index, ...piece }] });
const USAGE = {
  choices: [],
  usage: {
    prompt_tokens: 10,
    completion_tokens: 7,
    total_tokens: 17,
    prompt_tokens_details: { cached_tokens: 4 },
    completion_tokens_details: { reasoning_tokens: 2 },
  },
};

const wire = (chunks: readonly object[]): Buffer =>
  Buffer.from(
    [...chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`), 'data: [DONE]\n\n'].join(''),
  );

async function encode(pieces: readonly Buffer[]): Promise<string> {
  const options = { model: 'qwen/tiny', wantsUsage: true, deliveredMax: 1000, upstream: null };
  const stream = new EncodedStream({ ...options, encoder: new MessageStream(IDENTITY) });
  const out = pieces.map((piece) => stream.push(piece)?.toString('utf8') ?? '');
  out.push(stream.end()?.toString('utf8') ?? '');
  assert.equal(stream.isDone, true);
  return out.join('') + ((await stream.closing())?.toString('utf8') ?? '');
}

function eventsOf(text: string): Event[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const [name = '', data = ''] = block.split('\n');
      const event: Event = JSON.parse(data.slice('data: '.length));
      assert.equal(name, `event: ${event.type}`);
      return event;
    });
}

const events = async (...chunks: object[]): Promise<Event[]> =>
  eventsOf(await encode([wire([...chunks, USAGE])]));

/** What a client makes of the events: the blocks, in full. Fails where they are out of order. */
function blocksOf(all: readonly Event[]): object[] {
  const blocks: Record<string, unknown>[] = [];
  let open = -1;
  for (const event of all) {
    if (event.type === 'content_block_start') {
      assert.equal(open, -1, 'one block at a time');
      assert.equal(event['index'], blocks.length);
      open = blocks.length;
      blocks.push({ ...(event['content_block'] as object), json: '' });
    }
    if (event.type === 'content_block_delta') {
      assert.equal(event['index'], open);
      const block = blocks[open];
      assert(block !== undefined);
      for (const [name, piece] of Object.entries(event['delta'] as object)) {
        if (name === 'type') continue;
        const key = name === 'partial_json' ? 'json' : name;
        block[key] = textOf(block[key]) + textOf(piece);
      }
    }
    if (event.type === 'content_block_stop') {
      assert.equal(event['index'], open);
      open = -1;
    }
  }
  assert.equal(open, -1, 'every block is closed');
  return blocks.map(({ json, ...block }) =>
    block['type'] === 'tool_use' ? { ...block, input: JSON.parse(textOf(json) || '{}') } : block,
  );
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

describe('a streamed message', () => {
  it('has thoughts, text and calls in blocks of their own, and its usage at the end', async () => {
    const all = await events(
      chunk({ role: 'assistant', content: '' }),
      chunk({ reasoning_content: 'Hm' }),
      chunk({ reasoning_content: 'm.' }),
      chunk({ content: 'Let me ' }),
      chunk({ content: 'look.' }),
      call(0, { id: 't1', type: 'function', function: { name: 'f', arguments: '' } }),
      call(0, { function: { arguments: '{"a":' } }),
      call(0, { function: { arguments: '1}' } }),
      chunk({}, 'tool_calls'),
    );

    assert.equal(all[0]?.type, 'message_start');
    assert.deepEqual(blocksOf(all), [
      { type: 'thinking', thinking: 'Hmm.', signature: 'unsigned' },
      { type: 'text', text: 'Let me look.' },
      { type: 'tool_use', id: 't1', name: 'f', input: { a: 1 } },
    ]);
    assert.deepEqual(all.slice(-2), [
      {
        type: 'message_delta',
        delta: { stop_reason: 'tool_use', stop_sequence: null },
        usage: {
          input_tokens: 6,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 4,
          output_tokens: 7,
        },
      },
      { type: 'message_stop' },
    ]);
  });

  it('keeps calls apart that the engine writes at once', async () => {
    const all = await events(
      call(0, { id: 't1', type: 'function', function: { name: 'f', arguments: '{"a":' } }),
      call(1, { id: 't2', type: 'function', function: { name: 'g', arguments: '{"b":' } }),
      call(0, { function: { arguments: '1}' } }),
      call(1, { function: { arguments: '2}' } }),
      chunk({ content: 'done' }),
      chunk({}, 'stop'),
    );

    assert.deepEqual(blocksOf(all), [
      { type: 'tool_use', id: 't1', name: 'f', input: { a: 1 } },
      { type: 'tool_use', id: 't2', name: 'g', input: { b: 2 } },
      { type: 'text', text: 'done' },
    ]);
    assert.deepEqual(all.at(-2)?.['delta'], { stop_reason: 'tool_use', stop_sequence: null });
  });

  it('says why it stopped', async () => {
    const reason = async (finish: string, extra: object = {}): Promise<unknown> =>
      (await events(chunk({ content: 'x' }), chunk({}, finish, extra))).at(-2)?.['delta'];

    assert.deepEqual(await reason('stop'), { stop_reason: 'end_turn', stop_sequence: null });
    assert.deepEqual(await reason('length'), { stop_reason: 'max_tokens', stop_sequence: null });
    assert.deepEqual(await reason('content_filter'), {
      stop_reason: 'refusal',
      stop_sequence: null,
    });
    assert.deepEqual(await reason('stop', { stop_reason: 'END' }), {
      stop_reason: 'stop_sequence',
      stop_sequence: 'END',
    });
  });

  it('is the same wherever the engine is cut, at every byte of it', async () => {
    const bytes = wire([
      chunk({ role: 'assistant', content: '' }),
      chunk({ reasoning: '思考' }),
      chunk({ content: '你好 👋🏽' }),
      call(0, { id: 't', type: 'function', function: { name: 'f', arguments: '{"城":"京"}' } }),
      chunk({}, 'tool_calls'),
      USAGE,
    ]);
    const whole = await encode([bytes]);
    for (let at = 0; at <= bytes.length; at += 1) {
      assert.equal(await encode([bytes.subarray(0, at), bytes.subarray(at)]), whole);
    }
  });

  it('is what the whole message is', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(text), fc.array(text), async (thoughts, words) => {
        const chunks = [
          ...thoughts.map((reasoning_content) => chunk({ reasoning_content })),
          ...words.map((content) => chunk({ content })),
          chunk({}, 'stop'),
        ];
        const message = anthropicMessage(
          {
            choices: [
              {
                finish_reason: 'stop',
                message: { reasoning_content: thoughts.join(''), content: words.join('') },
              },
            ],
          },
          IDENTITY,
        );
        assert.deepEqual(
          blocksOf(await events(...chunks)),
          JSON.parse(JSON.stringify(message)).content,
        );
      }),
    );
  });

  it('that fails has an error event and no end', () => {
    const stream = new MessageStream(IDENTITY);
    stream.push(chunk({ content: 'half' }));
    const text = stream.fail(new FlywheelError('upstream_failed', 'It broke.', { status: 502 }));
    assert.deepEqual(eventsOf(text), [
      {
        type: 'error',
        error: { type: 'api_error', message: 'It broke.' },
        request_id: 'req_1',
      },
    ]);
  });
});

describe('a whole message', () => {
  it('shows what a model wrote in the place of arguments', () => {
    const tool_calls = [{ id: 't', function: { name: 'f', arguments: '{oops' } }];
    const message = anthropicMessage(
      { choices: [{ finish_reason: 'stop', message: { content: null, tool_calls } }] },
      IDENTITY,
    );
    assert.partialDeepStrictEqual(message, {
      id: 'msg_1',
      content: [{ type: 'tool_use', id: 't', name: 'f', input: { invalid_json: '{oops' } }],
      stop_reason: 'tool_use',
    });
  });
});
