/** Engines and providers that lie, in the three dialects: an honest answer of each, and what may be wrong with it. */
import type { ServerResponse } from 'node:http';

export type Tongue = 'openai' | 'anthropic' | 'dashscope';
export const TONGUES: readonly Tongue[] = ['openai', 'anthropic', 'dashscope'];

const WORDS = ['Hello', ' you', ' there'];
const TEXT = WORDS.join('');

/** What is used, or a lie about it; undefined says nothing. */
type Usage = Readonly<Record<string, unknown>> | null | undefined;

const HONEST: Readonly<Record<Tongue, Usage>> = {
  openai: { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 },
  anthropic: { input_tokens: 10, output_tokens: 3 },
  dashscope: { input_tokens: 10, output_tokens: 3, total_tokens: 13 },
};

function whole(tongue: Tongue, usage: Usage): object {
  if (tongue === 'anthropic') {
    const content = [{ type: 'text', text: TEXT }];
    return { id: 'm', type: 'message', role: 'assistant', content, stop_reason: 'end_turn', usage };
  }
  const choice = { finish_reason: 'stop', message: { role: 'assistant', content: TEXT } };
  if (tongue === 'dashscope') return { output: { choices: [choice] }, usage, request_id: 'r' };
  return { id: 'c', object: 'chat.completion', choices: [{ index: 0, ...choice }], usage };
}

function events(tongue: Tongue, usage: Usage): string[] {
  const data = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
  if (tongue === 'anthropic') {
    const event = (type: string, more: object): string =>
      `event: ${type}\n${data({ type, ...more })}`;
    return [
      event('message_start', { message: { id: 'm', role: 'assistant', content: [], usage } }),
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      ...WORDS.map((text) =>
        event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
      ),
      event('content_block_stop', { index: 0 }),
      event('message_delta', { delta: { stop_reason: 'end_turn' }, usage }),
      event('message_stop', {}),
    ];
  }
  if (tongue === 'dashscope') {
    return WORDS.map((content, at) => {
      const finish_reason = at === WORDS.length - 1 ? 'stop' : 'null';
      const choices = [{ finish_reason, message: { role: 'assistant', content } }];
      return data({ output: { choices }, usage, request_id: 'r' });
    });
  }
  const chunk = (delta: object, finish: string | null = null): string =>
    data({ id: 'c', choices: [{ index: 0, delta, finish_reason: finish }] });
  return [
    chunk({ role: 'assistant', content: '' }),
    ...WORDS.map((content) => chunk({ content })),
    chunk({}, 'stop'),
    ...(usage === undefined ? [] : [data({ id: 'c', choices: [], usage })]),
    'data: [DONE]\n\n',
  ];
}

type Asked = Readonly<{ tongue: Tongue; isStream: boolean; outgoing: ServerResponse }>;
export type Lie = (asked: Asked) => void;

/** The honest answer, but for its usage. */
const answering =
  (usageOf: (tongue: Tongue) => Usage): Lie =>
  ({ tongue, isStream, outgoing }) => {
    const usage = usageOf(tongue);
    outgoing.writeHead(200, {
      'content-type': isStream ? 'text/event-stream' : 'application/json',
    });
    if (isStream) outgoing.end(events(tongue, usage).join(''));
    else outgoing.end(JSON.stringify(whole(tongue, usage)));
  };

const saying =
  (names: Readonly<Record<string, unknown>>): Lie =>
  (asked) =>
    answering((tongue) => ({ ...HONEST[tongue], ...names }))(asked);

/** Bytes in the place of the answer, of the type that was asked for. */
const raw =
  (text: string, type?: string): Lie =>
  ({ isStream, outgoing }) => {
    const expected = isStream ? 'text/event-stream' : 'application/json';
    outgoing.writeHead(200, { 'content-type': type ?? expected });
    outgoing.end(text);
  };

export const HONESTLY: Lie = answering((tongue) => HONEST[tongue]);
/** Answers whose text is whole and whose count is missing or cannot be: they are counted by what was delivered. */
export const COUNTLESS: Readonly<Record<string, Lie>> = {
  'no usage': answering(() => undefined),
  'usage that is null': answering(() => null),
  'usage that is no object': answering(() => ({ usage: 'plenty' })),
  'usage below zero': saying({ prompt_tokens: -1, input_tokens: -1, total_tokens: -1 }),
  'usage beyond belief': saying({
    prompt_tokens: 1e15,
    input_tokens: 1e15,
    total_tokens: 1e15,
  }),
  'usage in halves': saying({ prompt_tokens: 1.5, input_tokens: 1.5, total_tokens: 1.5 }),
};
/** Answers whose parts are larger than their whole: cut by a rule, and counted. */
export const CLAMPED: Readonly<Record<string, Lie>> = {
  'more from the cache than was read': saying({
    prompt_tokens_details: { cached_tokens: 999 },
    cache_creation_input_tokens: 5,
    cache_creation: { ephemeral_1h_input_tokens: 999 },
  }),
};
/** What is no answer. */
export const BROKEN: Readonly<Record<string, Lie>> = {
  'a page': raw('<html>Bad Gateway</html>', 'text/html'),
  'a page that says it is an answer': raw('<html>Bad Gateway</html>'),
  nothing: raw(''),
  'half a document': raw('{"id":"c","choices":[{"index":0,"mess'),
  'events that are no JSON': raw('data: {nope}\n\ndata: [DONE]\n\n'),
  'an end without an answer': raw('data: [DONE]\n\n'),
  'another dialect': ({ tongue, isStream, outgoing }) => {
    const other = tongue === 'openai' ? 'anthropic' : 'openai';
    HONESTLY({ tongue: other, isStream, outgoing });
  },
  'a connection that breaks': ({ tongue, isStream, outgoing }) => {
    outgoing.writeHead(200, {
      'content-type': isStream ? 'text/event-stream' : 'application/json',
    });
    const text = isStream
      ? events(tongue, HONEST[tongue]).join('')
      : JSON.stringify(whole(tongue, HONEST[tongue]));
    outgoing.write(text.slice(0, text.length / 2), () => outgoing.destroy());
  },
  'a length that is too long': ({ isStream, outgoing }) => {
    outgoing.writeHead(200, {
      'content-type': isStream ? 'text/event-stream' : 'application/json',
      'content-length': '100000',
    });
    outgoing.write('{"id":', () => outgoing.destroy());
  },
};
