/** `POST /v1/chat/completions`: from body to prompt, from steps to one reply or a stream of chunks. */
import { randomBytes, randomInt } from 'node:crypto';

import { failRequest } from '../errors.ts';
import { parseChatBody, stopList, templateMessages, templateVariables } from './chat-request.ts';
import { createChunkWriter, createMessageBuilder } from './chat-response.ts';
import { outputGrammar } from './output-grammar.ts';
import { textTokens } from './prompt-tokens.ts';
import { refuse } from './request-fields.ts';
import { parseSampling } from './sampling.ts';
import type { Token } from 'node-llama-cpp';
import type { ChatBody } from './chat-request.ts';
import type { Inference, InferenceRequest } from './inference.ts';
import type { LoadedModel } from './load.ts';
import type { Reply } from './reply.ts';
import type { Prompt } from './template.ts';

const SEED_MAX = 2 ** 32 - 1;

export async function answerChat(
  inference: Inference,
  request: { body: unknown; model: string; signal: AbortSignal; nowMs: number },
  reply: Reply,
): Promise<void> {
  const chat = parseChatBody(request.body);
  const job = prepareChat(inference.loaded, chat, request.signal);
  const head = {
    id: `chatcmpl-${randomBytes(12).toString('hex')}`,
    created: Math.floor(request.nowMs / 1_000),
    model: request.model,
  };
  if (chat.stream !== true) {
    const message = createMessageBuilder(head);
    const { finish, usage } = await inference.run(job, (step) => message.add(step));
    return reply.json(200, message.build(finish, usage));
  }
  const chunks = createChunkWriter(head, {
    usageAtEnd: chat.stream_options?.include_usage ?? false,
    usageAlways: chat.stream_options?.continuous_usage_stats ?? false,
    logprobs: chat.logprobs ?? false,
  });
  const { finish, usage } = await inference.run(job, (step, usageNow) => {
    const text = chunks.step(step, usageNow);
    if (text === '') return undefined;
    reply.announcePrompt(usageNow());
    return reply.stream(text);
  });
  await reply.stream(chunks.end(finish, usage));
  reply.endStream();
}

/** How many tokens the prompt of this conversation would have. Errors: as those of a chat. */
export function countChatTokens(loaded: LoadedModel, body: unknown): number {
  return chatPrompt(loaded, parseChatBody(body)).tokens.length;
}

function prepareChat(loaded: LoadedModel, chat: ChatBody, signal: AbortSignal): InferenceRequest {
  const { prompt, tokens } = chatPrompt(loaded, chat);
  return {
    prompt: tokens,
    promptParam: 'messages',
    sampling: parseSampling(chat, loaded.samplingDefaults, () => randomInt(SEED_MAX)),
    tokensMax: chat.max_completion_tokens ?? chat.max_tokens ?? null,
    grammar: outputGrammar(chat),
    // A caller's own grammar describes the whole output, ours only the answer.
    grammarAfterReasoning: prompt.reasoningPrefilled && typeof chat.grammar !== 'string',
    logprobs: chat.logprobs === true ? (chat.top_logprobs ?? 0) : null,
    answer: {
      stops: stopList(chat.stop),
      reasoning: loaded.template?.usesReasoning ?? false,
      reasoningPrefilled: prompt.reasoningPrefilled,
      tools: toolsOf(chat) !== null,
      oneCall: chat.parallel_tool_calls === false,
    },
    signal,
  };
}

function chatPrompt(loaded: LoadedModel, chat: ChatBody): { prompt: Prompt; tokens: Token[] } {
  const { template, model } = loaded;
  if (template === null || !loaded.canGenerate) {
    throw failRequest(
      'unsupported_operation',
      'This model has no chat template; use /v1/completions or /v1/embeddings.',
    );
  }
  const tools = toolsOf(chat);
  if (tools !== null && !template.usesTools) refuse('tools', "the model's template has no tools");
  const prompt = template.render({
    messages: templateMessages(chat),
    tools,
    variables: templateVariables(chat),
  });
  return { prompt, tokens: textTokens(model, prompt.text) };
}

/** The tools the model gets to see; none when the caller forbids calls. */
function toolsOf(chat: ChatBody): (ChatBody['tools'] & {}) | null {
  const tools = chat.tools ?? [];
  return tools.length === 0 || chat.tool_choice === 'none' ? null : tools;
}
