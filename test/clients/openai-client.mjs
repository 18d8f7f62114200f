/**
 * Drives the unmodified `openai` package for Node against a running cloud and prints what it saw as
 * JSON, in the shape of openai_client.py.
 *
 * Usage: openai-client.mjs URL KEY MODEL
 */
import OpenAI from 'openai';

const [url, apiKey, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0, timeout: 60_000 });
const stranger = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-fw-wrong', maxRetries: 0 });

const QUESTION = [{ role: 'user', content: 'What is 2 + 3?' }];

const TOOL = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Current weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

const SCHEMA = {
  type: 'json_schema',
  json_schema: {
    name: 'answer',
    strict: true,
    schema: {
      type: 'object',
      properties: { answer: { type: 'integer' }, sure: { type: 'boolean' } },
      required: ['answer', 'sure'],
      additionalProperties: false,
    },
  },
};

const ask = (options = {}, by = client) =>
  by.chat.completions.create({ model, messages: QUESTION, max_tokens: 64, ...options });

async function errorOf(pending) {
  try {
    await pending;
    return 'none';
  } catch (error) {
    return error.constructor.name;
  }
}

async function streamed(options) {
  const chunks = [];
  for await (const chunk of await ask({ stream: true, temperature: 0, ...options }))
    chunks.push(chunk);
  const choices = chunks.flatMap((chunk) => chunk.choices);
  return {
    text: choices.map((choice) => choice.delta.content ?? '').join(''),
    finish: choices.at(-1)?.finish_reason,
    usage: chunks.find((chunk) => chunk.usage)?.usage ?? null,
  };
}

const models = [];
for await (const entry of client.models.list()) models.push(entry.id);
const plain = await ask();
const called = await ask({
  messages: [{ role: 'user', content: 'What is the weather in Paris?' }],
  tools: [TOOL],
  tool_choice: 'required',
});
const schema = await ask({ response_format: SCHEMA });
const vectors = await client.embeddings.create({ model, input: ['one', 'two'] });

console.log(
  JSON.stringify({
    models,
    plain: { model: plain.model, finish: plain.choices[0].finish_reason, usage: plain.usage },
    stream: await streamed({ stream_options: { include_usage: true } }),
    stream_without_usage: await streamed({}),
    tools: (called.choices[0].message.tool_calls ?? []).map((call) => ({
      name: call.function.name,
      arguments: JSON.parse(call.function.arguments),
    })),
    tools_finish: called.choices[0].finish_reason,
    schema: JSON.parse(schema.choices[0].message.content ?? 'null'),
    embeddings: vectors.data.map((entry) => entry.embedding.length),
    wrong_key: await errorOf(ask({}, stranger)),
    unknown_model: await errorOf(ask({ model: 'nobody/nothing' })),
    bad_request: await errorOf(ask({ temperature: 'hot' })),
  }),
);
