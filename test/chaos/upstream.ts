/**
 * A server in OpenAI's dialect that answers as many words as it is asked for, a few milliseconds apart,
 * and says exactly what that used: the measure that usage is held against.
 */
import { type ServerResponse, createServer } from 'node:http';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { type ListeningServer, listen } from '#platform/http.ts';

/** What a prompt of the load asks for. */
export type Wish = Readonly<{ words: number }>;

const WORD_MS = 4;

/** Tokens of the prompt and of its cached part, by what was asked: different for different wishes. */
export function usageOf({
  words,
}: Wish): Readonly<{ input: number; cacheRead: number; output: number }> {
  return { input: 100 + words, cacheRead: words % 7, output: words };
}

/** `wordMs` between the words; 0 sends each in a turn of its own. */
export function startUpstream(wordMs = WORD_MS): Promise<ListeningServer> {
  const server = createServer((incoming, outgoing) => {
    let body = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (part: string) => (body += part));
    incoming.on('end', () => {
      if (incoming.method !== 'POST') {
        outgoing.setHeader('content-type', 'application/json');
        outgoing.end(
          JSON.stringify({ object: 'list', data: [{ id: 'upstream', object: 'model' }] }),
        );
        return;
      }
      const asked: { messages: readonly { content: string }[]; stream?: boolean } =
        JSON.parse(body);
      const wish: Wish = JSON.parse(asked.messages[0]?.content ?? '{"words":1}');
      void (asked.stream === true ? answer(outgoing, wish, wordMs) : answerWhole(outgoing, wish));
    });
  });
  return listen(server, { host: '127.0.0.1', port: 0 });
}

async function answer(outgoing: ServerResponse, wish: Wish, wordMs: number): Promise<void> {
  outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (chunk: object): void => {
    const common = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'upstream' };
    outgoing.write(`data: ${JSON.stringify({ ...common, ...chunk })}\n\n`);
  };
  for (let word = 0; word < wish.words && !outgoing.destroyed; word += 1) {
    send({ choices: [{ index: 0, delta: { content: ' word' }, finish_reason: null }] });
    await (wordMs === 0 ? nextTurn() : wait(wordMs));
  }
  send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  send({ choices: [], usage: openAiUsage(wish) });
  outgoing.end('data: [DONE]\n\n');
}

async function answerWhole(outgoing: ServerResponse, wish: Wish): Promise<void> {
  await wait(wish.words * WORD_MS);
  const message = { role: 'assistant', content: ' word'.repeat(wish.words) };
  outgoing.setHeader('content-type', 'application/json');
  outgoing.end(
    JSON.stringify({
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'upstream',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage: openAiUsage(wish),
    }),
  );
}

function openAiUsage(wish: Wish) {
  const { input, cacheRead, output } = usageOf(wish);
  return {
    prompt_tokens: input + cacheRead,
    completion_tokens: output,
    total_tokens: input + cacheRead + output,
    prompt_tokens_details: { cached_tokens: cacheRead },
  };
}
