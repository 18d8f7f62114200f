/**
 * Drives the unmodified Vercel `ai` with its three providers for our wires, tools included, and prints
 * what it saw as JSON.
 *
 * Usage: ai-client.mjs URL KEY MODEL
 */
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';

const [url, apiKey, model] = process.argv.slice(2);
const openai = createOpenAI({ baseURL: `${url}/v1`, apiKey });
const anthropic = createAnthropic({ baseURL: `${url}/v1`, apiKey });

const get_weather = tool({
  description: 'Current weather of a city',
  inputSchema: jsonSchema({
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
  }),
  execute: ({ city }) => `rain on ${city}`,
});

async function drive(languageModel) {
  const asking = {
    model: languageModel,
    maxRetries: 0,
    prompt: 'What is the weather in Paris?',
    tools: { get_weather },
    stopWhen: stepCountIs(3),
  };
  const whole = await generateText(asking);
  const stream = streamText(asking);
  let text = '';
  for await (const piece of stream.textStream) text += piece;
  const steps = await stream.steps;
  const usage = await stream.usage;
  return {
    whole: whole.text,
    steps: whole.steps.length,
    streamed: text,
    streamedSteps: steps.length,
    tokens: [usage.inputTokens, usage.outputTokens],
    finish: await stream.finishReason,
  };
}

console.log(
  JSON.stringify({
    chat: await drive(openai.chat(model)),
    responses: await drive(openai.responses(model)),
    messages: await drive(anthropic(model)),
  }),
);
