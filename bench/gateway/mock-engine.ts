/** An engine that costs almost nothing: a whole answer at once, or a chunk every few milliseconds. */
import { createServer } from 'node:http';
import { measured } from './measured.ts';
import { CHUNKS, CHUNK_EVERY_MS, MODEL } from './scenario.ts';

const identity = {
  id: 'chatcmpl-0123456789',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: MODEL,
};
const usage = { prompt_tokens: 20, completion_tokens: CHUNKS, total_tokens: 20 + CHUNKS };
const event = (value: object): string => `data: ${JSON.stringify({ ...identity, ...value })}\n\n`;
const delta = (fields: object, finish: string | null = null): string =>
  event({
    choices: [{ index: 0, delta: fields, logprobs: null, finish_reason: finish }],
    usage: null,
  });

const TOKEN = Buffer.from(delta({ content: ' token' }));
const ROLE = Buffer.from(delta({ role: 'assistant', content: '' }));
const END = Buffer.from(`${delta({}, 'stop')}${event({ choices: [], usage })}data: [DONE]\n\n`);
const WHOLE = Buffer.from(
  JSON.stringify({
    ...identity,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'word '.repeat(100) },
        finish_reason: 'stop',
      },
    ],
    usage,
  }),
);

await measured(
  createServer((incoming, outgoing) => {
    let isStream = false;
    incoming.on('data', (part: Buffer) => {
      isStream ||= part.includes('"stream":true');
    });
    incoming.on('end', () => {
      if (!isStream) {
        outgoing.writeHead(200, {
          'content-type': 'application/json',
          'content-length': WHOLE.length,
        });
        outgoing.end(WHOLE);
        return;
      }
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.write(ROLE);
      let sent = 0;
      const timer = setInterval(() => {
        sent += 1;
        if (sent <= CHUNKS) {
          outgoing.write(TOKEN);
          return;
        }
        clearInterval(timer);
        outgoing.end(END);
      }, CHUNK_EVERY_MS);
      outgoing.on('close', () => clearInterval(timer));
    });
  }),
);
