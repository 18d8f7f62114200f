/**
 * Drives the unmodified `@anthropic-ai/sdk` for Node and prints what it saw as JSON, in the shape of
 * anthropic_client.py.
 *
 * Usage: anthropic-client.mjs URL KEY MODEL
 */
import Anthropic from '@anthropic-ai/sdk';

const [baseURL, apiKey, model] = process.argv.slice(2);
const client = new Anthropic({ baseURL, apiKey, maxRetries: 0, timeout: 30_000 });

const TOOL = {
  name: 'get_weather',
  description: 'Current weather of a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const hello = { model, max_tokens: 64, messages: [{ role: 'user', content: 'Hello' }] };

async function errorOf(pending) {
  try {
    await pending;
    return ['none'];
  } catch (error) {
    return [
      error.constructor.name,
      error.status,
      error.error?.error?.type,
      error.requestID !== null,
    ];
  }
}

async function streamed(body) {
  const stream = client.messages.stream(body);
  let text = '';
  stream.on('text', (piece) => (text += piece));
  const message = await stream.finalMessage();
  return { text, message };
}

const plain = await client.messages.create({ ...hello, system: 'Be kind.' });
const { text, message } = await streamed(hello);
const question = { role: 'user', content: 'What is the weather in Paris?' };
const asking = { ...hello, messages: [question], tools: [TOOL] };
const { message: calling } = await streamed(asking);
const call = calling.content.find((block) => block.type === 'tool_use');
const result = { type: 'tool_result', tool_use_id: call.id, content: 'rain' };
const told = await client.messages.create({
  ...asking,
  messages: [
    question,
    { role: 'assistant', content: calling.content },
    { role: 'user', content: [result] },
  ],
});
const stranger = new Anthropic({ baseURL, apiKey: 'sk-fw-wrong', maxRetries: 0 });
const bearer = new Anthropic({ baseURL, apiKey: null, authToken: apiKey, maxRetries: 0 });
const { max_tokens: _, ...countable } = asking;

console.log(
  JSON.stringify({
    plain: {
      kinds: plain.content.map((block) => block.type),
      text: plain.content.at(-1).text,
      stop: plain.stop_reason,
      usage: [
        plain.usage.input_tokens,
        plain.usage.cache_read_input_tokens,
        plain.usage.output_tokens,
      ],
    },
    stream: {
      same: text === message.content.at(-1).text,
      text,
      kinds: message.content.map((block) => block.type),
      usage: [message.usage.input_tokens, message.usage.output_tokens],
    },
    call: { name: call.name, input: call.input, stop: calling.stop_reason },
    told: told.content.at(-1).text,
    bearer: (await bearer.messages.create(hello)).role,
    tokens: (await client.messages.countTokens(countable)).input_tokens,
    errors: [
      await errorOf(stranger.messages.create(hello)),
      await errorOf(client.messages.create({ ...hello, model: 'nobody/nothing' })),
      await errorOf(client.messages.create({ ...hello, messages: [] })),
    ],
  }),
);
