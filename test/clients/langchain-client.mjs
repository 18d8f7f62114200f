/**
 * Drives the unmodified LangChain over chat completions and over responses, and prints what it saw as
 * JSON.
 *
 * Usage: langchain-client.mjs URL KEY MODEL
 */
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';

const [url, apiKey, model] = process.argv.slice(2);

const TOOL = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Current weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

async function drive(useResponsesApi) {
  const chat = new ChatOpenAI({
    model,
    apiKey,
    maxRetries: 0,
    useResponsesApi,
    configuration: { baseURL: `${url}/v1` },
  });
  const plain = await chat.invoke('Hello');
  let streamed = '';
  for await (const chunk of await chat.stream('Hello')) streamed += chunk.text;
  const bound = chat.bindTools([TOOL]);
  const question = new HumanMessage('What is the weather in Paris?');
  const calling = await bound.invoke([question]);
  const [call] = calling.tool_calls;
  const result = new ToolMessage({ content: 'rain', tool_call_id: call.id });
  const told = await bound.invoke([question, calling, result]);
  return {
    plain: plain.text,
    streamed,
    tokens: plain.usage_metadata.total_tokens,
    call: { name: call.name, args: call.args },
    told: told.text,
  };
}

console.log(JSON.stringify({ chat: await drive(false), responses: await drive(true) }));
