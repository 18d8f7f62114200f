/**
 * A server that speaks the OpenAI dialect and always tells the same: what stands behind `open/chat`,
 * the sample of a model that another server serves. No picture shows an answer of it.
 */
import { type Server, type ServerResponse, createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const REASONING =
  'The person wants the idea, not the mathematics. Start with what a flywheel is, say how energy goes in and comes out, and give one table that can be remembered.';

const ANSWER = `A flywheel is a heavy wheel that stores energy **by spinning**: the faster it turns and the more mass sits at its rim, the more it holds.

| Step | What happens | Energy |
| --- | --- | --- |
| Charge | a motor spins it up | in |
| Hold | good bearings lose little | kept |
| Discharge | it drives a generator | out |

It wears out slowly, because nothing in it reacts; \`E = ½ I ω²\` says how much it carries. A business can turn like one too: more use pays for more machines, and more machines lower the price.`;

/** A pace at which one can read along. */
const WORD_MS = 9;

export async function startUpstream(): Promise<Readonly<{ url: string; stop: () => void }>> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => void answer(request.url ?? '', response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${portOf(server)}/v1`, stop: () => server.close() };
}

async function answer(url: string, response: ServerResponse): Promise<void> {
  if (!url.endsWith('/chat/completions')) {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ object: 'list', data: [{ id: 'sample', object: 'model' }] }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (chunk: object): boolean =>
    response.write(
      `data: ${JSON.stringify({ id: 'sample', object: 'chat.completion.chunk', created: 0, model: 'sample', ...chunk })}\n\n`,
    );
  const say = (delta: object, finishReason: string | null = null): boolean =>
    send({ choices: [{ index: 0, delta, finish_reason: finishReason }] });
  const reasoning = words(REASONING);
  const content = words(ANSWER);
  for (const word of reasoning) {
    say({ reasoning_content: word });
    await delay(WORD_MS);
  }
  for (const word of content) {
    say({ content: word });
    await delay(WORD_MS);
  }
  say({}, 'stop');
  send({
    choices: [],
    usage: {
      prompt_tokens: 24,
      completion_tokens: reasoning.length + content.length,
      total_tokens: 24 + reasoning.length + content.length,
      completion_tokens_details: { reasoning_tokens: reasoning.length },
    },
  });
  response.end('data: [DONE]\n\n');
}

function words(text: string): readonly string[] {
  return text.match(/\S+\s*/g) ?? [];
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
