/**
 * An engine for tests of clients: a real HTTP server that speaks OpenAI's dialect and says what a script
 * says. A model that is small enough for a test cannot be relied on to call a tool.
 */
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { listen } from '#platform/http.ts';

export type ChatMessage = Readonly<{ role: string; content?: unknown }>;
export type ChatBody = Readonly<{
  messages: readonly ChatMessage[];
  stream?: boolean;
  tools?: readonly { function: { name: string } }[];
  response_format?: unknown;
}>;

export type Said = Readonly<{
  reasoning?: string;
  text?: string;
  call?: Readonly<{ name: string; arguments: object }>;
}>;

export type ScriptedEngine = Readonly<{
  url: string;
  /** What it was asked, in order. */
  asked: ChatBody[];
  stop: () => Promise<void>;
}>;

const USAGE = {
  prompt_tokens: 20,
  completion_tokens: 9,
  total_tokens: 29,
  prompt_tokens_details: { cached_tokens: 8 },
  completion_tokens_details: { reasoning_tokens: 2 },
};

export async function startScriptedEngine(
  script: (body: ChatBody) => Said,
): Promise<ScriptedEngine> {
  const asked: ChatBody[] = [];
  const server = createServer((incoming, outgoing) => {
    readBody(incoming).then(
      (body) => {
        if (incoming.url === '/tokenize') return answer(outgoing, { count: 42 });
        asked.push(body);
        return body.stream === true
          ? stream(outgoing, script(body))
          : whole(outgoing, script(body));
      },
      () => outgoing.destroy(),
    );
  });
  const { url, stop } = await listen(server, { host: '127.0.0.1', port: 0 });
  return { url, asked, stop: () => stop(0) };
}

/** What the last message says, in text. */
export function lastText({ messages }: ChatBody): string {
  return textOf(messages.at(-1)?.content);
}

export function textOf(content: unknown): string {
  return typeof content === 'string' ? content : JSON.stringify(content ?? '');
}

async function readBody(incoming: IncomingMessage): Promise<ChatBody> {
  let text = '';
  incoming.setEncoding('utf8');
  for await (const part of incoming) text += String(part);
  return JSON.parse(text);
}

function answer(outgoing: ServerResponse, body: object): void {
  outgoing.writeHead(200, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify(body));
}

function toolCall(said: Said) {
  if (said.call === undefined) return null;
  const called = { name: said.call.name, arguments: JSON.stringify(said.call.arguments) };
  return { id: 'call_scripted', type: 'function', function: called };
}

function whole(outgoing: ServerResponse, said: Said): void {
  const call = toolCall(said);
  const message = {
    role: 'assistant',
    content: said.text ?? null,
    ...(said.reasoning === undefined ? {} : { reasoning_content: said.reasoning }),
    ...(call === null ? {} : { tool_calls: [call] }),
  };
  const finish_reason = call === null ? 'stop' : 'tool_calls';
  const choices = [{ index: 0, message, finish_reason }];
  const head = { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'qwen/tiny' };
  answer(outgoing, { ...head, choices, usage: USAGE });
}

/** A few characters at a time, as models write. */
const PIECE = /.{1,4}/gsu;

function stream(outgoing: ServerResponse, said: Said): void {
  const head = {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'qwen/tiny',
  };
  const send = (delta: object, finish_reason: string | null = null): void => {
    const choices = [{ index: 0, delta, finish_reason }];
    outgoing.write(`data: ${JSON.stringify({ ...head, choices })}\n\n`);
  };
  outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
  send({ role: 'assistant', content: '' });
  for (const piece of said.reasoning?.match(PIECE) ?? []) send({ reasoning_content: piece });
  for (const piece of said.text?.match(PIECE) ?? []) send({ content: piece });
  const call = toolCall(said);
  if (call !== null) {
    const { name, arguments: given } = call.function;
    send({ tool_calls: [{ index: 0, ...call, function: { name, arguments: '' } }] });
    for (const piece of given.match(PIECE) ?? []) {
      send({ tool_calls: [{ index: 0, function: { arguments: piece } }] });
    }
  }
  send({}, call === null ? 'stop' : 'tool_calls');
  outgoing.end(
    `data: ${JSON.stringify({ ...head, choices: [], usage: USAGE })}\n\ndata: [DONE]\n\n`,
  );
}
