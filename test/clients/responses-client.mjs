/**
 * Drives `responses` of the unmodified `openai` package for Node and prints what it saw as JSON, in the
 * shape of responses_client.py.
 *
 * Usage: responses-client.mjs URL KEY MODEL
 */
import OpenAI from 'openai';

const [url, apiKey, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0, timeout: 30_000 });

const TOOL = {
  type: 'function',
  name: 'get_weather',
  description: 'Current weather of a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: true,
};

async function errorOf(pending) {
  try {
    await pending;
    return 'none';
  } catch (error) {
    return `${error.constructor.name} ${error.code}`;
  }
}

const plain = await client.responses.create({ model, input: 'Hello', instructions: 'Be kind.' });
const stream = client.responses.stream({ model, input: 'Hello' });
let text = '';
stream.on('response.output_text.delta', (event) => (text += event.delta));
const streamed = await stream.finalResponse();
const next = await client.responses.create({
  model,
  input: 'Repeat what I said first.',
  previous_response_id: plain.id,
});
const calling = await client.responses.create({
  model,
  input: 'What is the weather in Paris?',
  tools: [TOOL],
});
const call = calling.output.find((item) => item.type === 'function_call');
const told = await client.responses.create({
  model,
  previous_response_id: calling.id,
  tools: [TOOL],
  input: [{ type: 'function_call_output', call_id: call.call_id, output: 'rain' }],
});
const got = await client.responses.retrieve(plain.id);
const items = await client.responses.inputItems.list(plain.id);
await client.responses.delete(plain.id);

console.log(
  JSON.stringify({
    plain: {
      text: plain.output_text,
      status: plain.status,
      kinds: plain.output.map((item) => item.type),
      usage: [
        plain.usage.input_tokens,
        plain.usage.input_tokens_details.cached_tokens,
        plain.usage.output_tokens,
        plain.usage.output_tokens_details.reasoning_tokens,
      ],
    },
    stream: {
      text,
      same: text === streamed.output.at(-1).content[0].text,
      status: streamed.status,
    },
    next: next.output_text,
    call: { name: call.name, arguments: JSON.parse(call.arguments) },
    told: told.output_text,
    got: got.id === plain.id && got.output_text === plain.output_text,
    items: items.data.map((item) => item.content),
    errors: [
      await errorOf(client.responses.retrieve(plain.id)),
      await errorOf(client.responses.create({ model, input: 'x', previous_response_id: plain.id })),
      await errorOf(client.responses.create({ model, input: 'x', background: true })),
    ],
  }),
);
