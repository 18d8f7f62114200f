import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FlywheelError } from '#platform/error.ts';
import { UNMETERED } from '../../body-budget.ts';
import { createMapMemory } from '../../responses/memory-fixture.ts';
import type { ResponseMemory } from '../../responses/kept-response.ts';
import { EncodedStream } from '../encoded-stream.ts';
import type { Call } from '../wire.ts';
import { responsesEndpoint } from './endpoint.ts';

type Event = Readonly<Record<string, unknown>> &
  Readonly<{ type: string; sequence_number: number }>;
type Shown = Readonly<Record<string, unknown>> &
  Readonly<{ id: string; output: readonly Readonly<Record<string, unknown>>[] }>;

const CALLER = { tenantId: 'ten_1', projectId: 'prj_1' };
let asked = 0;

async function read(body: object, responses: ResponseMemory = createMapMemory()): Promise<Call> {
  asked += 1;
  return responsesEndpoint.read({
    bytes: Buffer.from(JSON.stringify({ model: 'qwen/tiny', input: 'Hi', ...body })),
    headers: {},
    url: '/v1/responses',
    requestId: `req_${asked}`,
    caller: CALLER,
    responses,
    room: UNMETERED,
    nowMs: 1_800_000_000_000,
  });
}

const fieldsOf = async (body: object): Promise<Readonly<Record<string, unknown>>> =>
  (await read(body)).request.fields;

async function refusal(body: object, memory?: ResponseMemory): Promise<unknown[]> {
  try {
    await read(body, memory);
  } catch (error) {
    if (error instanceof FlywheelError) return [error.code, error.param];
  }
  return ['nothing'];
}

const chunk = (delta: object, finish: string | null = null): object => ({
  id: 'c1',
  model: 'qwen/tiny',
  choices: [{ index: 0, delta, finish_reason: finish }],
});
const USAGE = {
  prompt_tokens: 10,
  completion_tokens: 7,
  total_tokens: 17,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 2 },
};
const wire = (chunks: readonly object[]): Buffer =>
  Buffer.from(
    [...chunks, { choices: [], usage: USAGE }]
      .map((each) => `data: ${JSON.stringify(each)}\n\n`)
      .join('') + 'data: [DONE]\n\n',
  );

async function encode(call: Call, pieces: readonly Buffer[]): Promise<string> {
  assert(call.encoder !== null);
  const options = { model: 'qwen/tiny', wantsUsage: true, deliveredMax: 1000, upstream: null };
  const stream = new EncodedStream({ ...options, encoder: call.encoder.stream() });
  const out = pieces.map((piece) => stream.push(piece)?.toString('utf8') ?? '');
  out.push(stream.end()?.toString('utf8') ?? '');
  return out.join('') + ((await stream.closing())?.toString('utf8') ?? '');
}

function eventsOf(text: string): Event[] {
  const blocks = text.split('\n\n').filter((block) => block !== '');
  return blocks.map((block, index) => {
    const [name = '', data = ''] = block.split('\n');
    const event: Event = JSON.parse(data.slice('data: '.length));
    assert.equal(name, `event: ${event.type}`);
    assert.equal(event.sequence_number, index, 'numbers follow each other');
    return event;
  });
}

async function events(body: object, ...chunks: object[]): Promise<Event[]> {
  return eventsOf(await encode(await read({ stream: true, ...body }), [wire(chunks)]));
}

const shown = (event: Event | undefined): Shown => event?.['response'] as Shown;
const names = (all: readonly Event[]): string[] =>
  all.map(({ type }) => type.replace('response.', ''));

const WEATHER = { type: 'function', name: 'weather', parameters: { type: 'object' }, strict: true };
const PATCH = { type: 'custom', name: 'patch', description: 'Changes files' };
const AGENTS = { type: 'namespace', name: 'agents', tools: [{ ...WEATHER, name: 'close' }] };

describe('a request for a response', () => {
  it('becomes a chat', async () => {
    const fields = await fieldsOf({
      instructions: 'Be kind.',
      input: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
      ],
      max_output_tokens: 50,
      reasoning: { effort: 'low' },
      text: { format: { type: 'json_schema', name: 'a', schema: { type: 'object' } } },
      temperature: 0.2,
      repetition_penalty: 1.1,
    });

    assert.deepEqual(JSON.parse(JSON.stringify(fields)), {
      model: 'qwen/tiny',
      temperature: 0.2,
      repetition_penalty: 1.1,
      messages: [
        { role: 'system', content: 'Be kind.\n\nBe brief.' },
        { role: 'user', content: 'Hi' },
      ],
      max_tokens: 50,
      reasoning_effort: 'low',
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'a', schema: { type: 'object' } },
      },
    });
  });

  it('puts what one turn left into one message', async () => {
    const { messages } = await fieldsOf({
      input: [
        { role: 'user', content: 'Weather?' },
        {
          type: 'reasoning',
          id: 'rs',
          summary: [],
          content: [{ type: 'reasoning_text', text: 'Hm' }],
        },
        { role: 'assistant', content: [{ type: 'output_text', text: 'Let me look.' }] },
        { type: 'function_call', call_id: 'a', name: 'weather', arguments: '{"city":"Paris"}' },
        { type: 'custom_tool_call', call_id: 'b', name: 'patch', input: 'text' },
        { type: 'function_call_output', call_id: 'a', output: 'rain' },
        {
          type: 'custom_tool_call_output',
          call_id: 'b',
          output: [
            { type: 'input_text', text: 'seen' },
            { type: 'input_image', image_url: 'data:image/png;base64,AA' },
          ],
        },
      ],
    });

    assert.deepEqual(JSON.parse(JSON.stringify(messages)), [
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: 'Let me look.',
        reasoning_content: 'Hm',
        tool_calls: [
          {
            id: 'a',
            type: 'function',
            function: { name: 'weather', arguments: '{"city":"Paris"}' },
          },
          { id: 'b', type: 'function', function: { name: 'patch', arguments: '{"input":"text"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: 'rain' },
      { role: 'tool', tool_call_id: 'b', content: 'seen' },
      {
        role: 'user',
        content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }],
      },
    ]);
  });

  it('offers functions, custom tools and namespaces, and leaves a web search out for all to see', async () => {
    const tools = [WEATHER, PATCH, AGENTS, { type: 'web_search' }];
    const call = await read({ stream: true, tools });
    const offered = call.request.fields['tools'] as { function: { name: string } }[];
    assert.deepEqual(
      offered.map((tool) => tool.function.name),
      ['weather', 'patch', 'agents__close'],
    );
    const [created] = eventsOf(await encode(call, [wire([chunk({ content: 'x' }, 'stop')])]));
    assert.deepEqual(shown(created)['tools'], [WEATHER, PATCH, AGENTS]);
  });

  it("refuses by name what only OpenAI's servers have", async () => {
    assert.deepEqual(await refusal({ tools: [{ type: 'mcp', server_url: 'x' }] }), [
      'invalid_value',
      'tools[0].type',
    ]);
    assert.deepEqual(await refusal({ background: true }), ['invalid_value', 'background']);
    assert.deepEqual(await refusal({ conversation: 'conv_1' }), ['invalid_value', 'conversation']);
    assert.deepEqual(await refusal({ input: [] }), ['invalid_value', 'input']);
    assert.deepEqual(await refusal({ input: [{ type: 'computer_call' }] }), [
      'invalid_value',
      'input[0].type',
    ]);
  });
});

describe('a streamed response', () => {
  it('has thoughts, text and calls as items of their own', async () => {
    const all = await events(
      { tools: [WEATHER] },
      chunk({ role: 'assistant', content: '' }),
      chunk({ reasoning_content: 'Hm' }),
      chunk({ content: 'Let me ' }),
      chunk({ content: 'look.' }),
      chunk({
        tool_calls: [
          { index: 0, id: 'a', type: 'function', function: { name: 'weather', arguments: '' } },
        ],
      }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }),
      chunk({}, 'tool_calls'),
    );

    assert.deepEqual(names(all), [
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'reasoning_text.delta',
      'reasoning_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'completed',
    ]);
    const response = shown(all.at(-1));
    assert.deepEqual(
      response.output,
      all.filter(({ type }) => type === 'response.output_item.done').map((event) => event['item']),
    );
    assert.deepEqual(
      response.output.map((item) => item['type']),
      ['reasoning', 'message', 'function_call'],
    );
    assert.deepEqual(response['usage'], {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 17,
    });
  });

  it('gives a caller that asks for a summary its thoughts as one', async () => {
    const all = await events(
      { reasoning: { summary: 'auto' } },
      chunk({ reasoning: 'Hm' }),
      chunk({ content: 'Hi' }, 'stop'),
    );
    assert.ok(names(all).includes('reasoning_summary_text.delta'));
    assert.deepEqual(shown(all.at(-1)).output[0]?.['summary'], [
      { type: 'summary_text', text: 'Hm' },
    ]);
  });

  it('brings calls back under the names that the caller gave its tools', async () => {
    const call = (index: number, name: string, given: object): object => {
      const called = { name, arguments: JSON.stringify(given) };
      return chunk({
        tool_calls: [{ index, id: `c${index}`, type: 'function', function: called }],
      });
    };
    const all = await events(
      { tools: [PATCH, AGENTS] },
      call(0, 'patch', { input: '*** Begin' }),
      call(1, 'agents__close', { id: 1 }),
      chunk({}, 'tool_calls'),
    );
    assert.partialDeepStrictEqual(shown(all.at(-1)).output, [
      { type: 'custom_tool_call', call_id: 'c0', name: 'patch', input: '*** Begin' },
      {
        type: 'function_call',
        call_id: 'c1',
        name: 'close',
        namespace: 'agents',
        arguments: '{"id":1}',
      },
    ]);
  });

  it('that was cut short says so', async () => {
    const all = await events({}, chunk({ content: 'half' }), chunk({}, 'length'));
    assert.equal(all.at(-1)?.type, 'response.incomplete');
    assert.deepEqual(shown(all.at(-1))['incomplete_details'], { reason: 'max_output_tokens' });
    assert.equal(shown(all.at(-1)).output[0]?.['status'], 'incomplete');
  });

  it('that fails ends in response.failed with the next number, also before its first event', async () => {
    const error = new FlywheelError('upstream_failed', 'It broke.', { status: 502 });
    const broken = (await read({ stream: true })).encoder?.stream();
    assert(broken !== undefined);
    const all = eventsOf(broken.push(chunk({ content: 'half' })) + broken.fail(error));
    assert.equal(all.at(-1)?.type, 'response.failed');
    assert.partialDeepStrictEqual(shown(all.at(-1)), {
      status: 'failed',
      error: { code: 'server_error', message: 'It broke.' },
    });
    const early = (await read({ stream: true })).encoder?.stream().fail(error) ?? '';
    assert.deepEqual(names(eventsOf(early)), ['created', 'in_progress', 'failed']);
  });

  it('gives its signs of life as events with numbers, over several attempts', async () => {
    const { encoder } = await read({ stream: true });
    const [first, second] = [encoder?.stream(), encoder?.stream()];
    assert(first !== undefined && second !== undefined);
    const text = `${first.keepAlive?.()}${first.keepAlive?.()}${second.push(chunk({ content: 'x' }))}`;
    assert.deepEqual(names(eventsOf(text)).slice(0, 4), [
      'created',
      'in_progress',
      'in_progress',
      'output_item.added',
    ]);
  });

  it('is the same wherever the engine is cut, and the same as the whole answer', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(text), fc.array(text), fc.nat(), async (thoughts, words, at) => {
        const bytes = wire([
          ...thoughts.map((reasoning_content) => chunk({ reasoning_content })),
          ...words.map((content) => chunk({ content })),
          chunk({}, 'stop'),
        ]);
        const call = await read({ stream: true, store: false });
        const again = { ...call };
        const cut = at % (bytes.length + 1);
        const last = eventsOf(await encode(call, [bytes.subarray(0, cut), bytes.subarray(cut)])).at(
          -1,
        );
        const message = { reasoning_content: thoughts.join(''), content: words.join('') };
        const whole = await again.encoder?.whole({
          choices: [{ index: 0, message, finish_reason: 'stop' }],
          usage: USAGE,
        });
        assert.deepEqual(shown(last), JSON.parse(JSON.stringify(whole)));
      }),
    );
  });
});

const BLUE = { choices: [{ message: { content: 'Blue.' }, finish_reason: 'stop' }] };

async function answered({ encoder }: Call): Promise<Shown> {
  assert(encoder !== null);
  return (await encoder.whole(BLUE)) as Shown;
}

describe('a response that goes on from another', () => {
  it('has the conversation so far before its own items', async () => {
    const memory = createMapMemory();
    const first = await read({ input: 'My colour?', instructions: 'Old rule.' }, memory);
    const { id } = await answered(first);

    const second = await read({ input: 'Sure?', previous_response_id: id }, memory);

    assert.deepEqual(second.request.fields['messages'], [
      { role: 'user', content: 'My colour?' },
      { role: 'assistant', content: 'Blue.' },
      { role: 'user', content: 'Sure?' },
    ]);
    const third = await answered(second);
    const last = await read({ previous_response_id: third.id }, memory);
    assert.equal((last.request.fields['messages'] as unknown[]).length, 5);
  });

  it('may refer to single items of it', async () => {
    const memory = createMapMemory();
    const { output } = await answered(await read({}, memory));
    const reference = { type: 'item_reference', id: output[0]?.['id'] };
    const { request } = await read(
      { input: [reference, { role: 'user', content: 'Sure?' }] },
      memory,
    );

    assert.deepEqual(request.fields['messages'], [
      { role: 'assistant', content: 'Blue.' },
      { role: 'user', content: 'Sure?' },
    ]);
    const unknown = [{ type: 'item_reference', id: 'msg_nobody_0' }];
    assert.deepEqual(await refusal({ input: unknown }, memory), ['invalid_value', 'input']);
  });

  it('is refused where the other is not there, or was not to be kept', async () => {
    const memory = createMapMemory();
    const { id } = await answered(await read({ store: false }, memory));
    assert.deepEqual(await refusal({ previous_response_id: id }, memory), [
      'previous_response_not_found',
      'previous_response_id',
    ]);
  });

  it('says that it is not kept where it could not be', async () => {
    const memory = { ...createMapMemory(), keep: () => Promise.resolve(false) };
    const response = await answered(await read({}, memory));
    assert.equal(response['store'], false);
  });
});
