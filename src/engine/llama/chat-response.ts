/** Chat replies in OpenAI's form: one message, or a stream of chunks with the same content. */
import { randomBytes } from 'node:crypto';

import type { AnswerEvent, FinishReason } from './answer.ts';
import type { TokenLogprob } from './logprobs.ts';
import type { Step } from './run-job.ts';
import type { Usage } from './usage.ts';

export type ReplyHead = Readonly<{ id: string; created: number; model: string }>;

type ToolCall = { id: string; type: 'function'; function: { name: string; arguments: string } };

export function createMessageBuilder(head: ReplyHead): Readonly<{
  add: (step: Step) => undefined;
  build: (finish: FinishReason, usage: Usage) => unknown;
}> {
  let content = '';
  let reasoning = '';
  const calls: ToolCall[] = [];
  const logprobs: TokenLogprob[] = [];

  const addEvent = (event: AnswerEvent): void => {
    switch (event.type) {
      case 'text':
        content += event.text;
        return;
      case 'reasoning':
        reasoning += event.text;
        return;
      case 'call':
        calls.push(createCall(event.name));
        return;
      case 'arguments': {
        const call = calls[event.index];
        if (call !== undefined) call.function.arguments += event.text;
        return;
      }
      case 'call_end':
    }
  };

  return {
    add: (step) => {
      step.events.forEach(addEvent);
      if (step.logprob !== null) logprobs.push(step.logprob);
    },
    build: (finish, usage) => ({
      ...head,
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: content === '' && calls.length > 0 ? null : content,
            refusal: null,
            ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
            ...(calls.length === 0 ? {} : { tool_calls: calls }),
          },
          logprobs:
            logprobs.length === 0 ? null : { content: logprobs.slice(0, answerTokens(usage)) },
          finish_reason: finish,
        },
      ],
      usage,
    }),
  };
}

/** Tokens of a stop string were sampled but not delivered, so neither are their probabilities. */
function answerTokens(usage: Usage): number {
  return usage.completion_tokens - usage.completion_tokens_details.reasoning_tokens;
}

function createCall(name: string): ToolCall {
  const id = `call_${randomBytes(12).toString('hex')}`;
  return { id, type: 'function', function: { name, arguments: '' } };
}

export type ChunkOptions = Readonly<{
  usageAtEnd: boolean;
  /** vLLM's `continuous_usage_stats`: every chunk says what was delivered so far. */
  usageAlways: boolean;
  logprobs: boolean;
}>;

export function createChunkWriter(
  head: ReplyHead,
  options: ChunkOptions,
): Readonly<{
  /** The events of one step, or an empty text when there is nothing to send yet. */
  step: (step: Step, usage: () => Usage) => string;
  end: (finish: FinishReason, usage: Usage) => string;
}> {
  const prefix = `data: {"id":"${head.id}","object":"chat.completion.chunk","created":${head.created},"model":${JSON.stringify(head.model)},`;
  let waiting: TokenLogprob[] = [];
  let logprobsSent = 0;
  let opened = false;
  // OpenAI's clients expect the field on every chunk once usage was asked for.
  const noUsage = options.usageAtEnd ? ',"usage":null' : '';

  const chunk = (delta: string, rest: { finish: FinishReason | null; usage: string }): string => {
    const logprobs = options.logprobs ? takeLogprobs() : 'null';
    const role = opened ? '' : '"role":"assistant",';
    opened = true;
    const finish = JSON.stringify(rest.finish);
    return `${prefix}"choices":[{"index":0,"delta":{${role}${delta}},"logprobs":${logprobs},"finish_reason":${finish}}]${rest.usage}}\n\n`;
  };

  const takeLogprobs = (): string => {
    if (waiting.length === 0) return 'null';
    const content = JSON.stringify(waiting);
    logprobsSent += waiting.length;
    waiting = [];
    return `{"content":${content}}`;
  };

  return {
    step: ({ events, logprob }, usage) => {
      if (logprob !== null) waiting.push(logprob);
      let out = '';
      for (const event of events) {
        const delta = deltaOf(event);
        if (delta === null) continue;
        const counted = options.usageAlways ? `,"usage":${JSON.stringify(usage())}` : noUsage;
        out += chunk(delta, { finish: null, usage: counted });
      }
      return out;
    },
    end: (finish, usage) => {
      const counted = JSON.stringify(usage);
      waiting = waiting.slice(0, Math.max(0, answerTokens(usage) - logprobsSent));
      const last = chunk(opened ? '' : '"content":""', {
        finish,
        usage: options.usageAlways ? `,"usage":${counted}` : noUsage,
      });
      return options.usageAtEnd ? `${last}${prefix}"choices":[],"usage":${counted}}\n\n` : last;
    },
  };
}

function deltaOf(event: AnswerEvent): string | null {
  switch (event.type) {
    case 'text':
      return `"content":${JSON.stringify(event.text)}`;
    case 'reasoning':
      return `"reasoning_content":${JSON.stringify(event.text)}`;
    case 'call': {
      const call = createCall(event.name);
      return `"tool_calls":[{"index":${event.index},${JSON.stringify(call).slice(1)}]`;
    }
    case 'arguments':
      return `"tool_calls":[{"index":${event.index},"function":{"arguments":${JSON.stringify(event.text)}}}]`;
    case 'call_end':
    default:
      return null;
  }
}
