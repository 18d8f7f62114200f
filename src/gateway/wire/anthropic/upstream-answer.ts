/** A message of Anthropic's as an answer in OpenAI's shape: the way back of answer.ts. */
import { readAnthropic } from '../../usage/anthropic.ts';
import { inOpenAiShape } from '../../usage/middle.ts';
import { fieldOf } from '../field.ts';

/** Null where the bytes are no message. */
export function openAiAnswer(bytes: Buffer): Buffer | null {
  let message: unknown;
  try {
    message = JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
  const count = fieldOf(message, 'input_tokens');
  if (typeof count === 'number') return Buffer.from(JSON.stringify({ count }));
  const content = fieldOf(message, 'content');
  if (!Array.isArray(content)) return null;
  const textOfKind = (kind: string): string =>
    content
      .filter((block) => fieldOf(block, 'type') === kind)
      .map((block) => stringOf(block, kind))
      .join('');
  const calls = content.filter((block) => fieldOf(block, 'type') === 'tool_use');
  const [text, thought] = [textOfKind('text'), textOfKind('thinking')];
  const answer = {
    id: fieldOf(message, 'id'),
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: fieldOf(message, 'model'),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text === '' && calls.length > 0 ? null : text,
          ...(thought === '' ? {} : { reasoning_content: thought }),
          ...(calls.length === 0 ? {} : { tool_calls: calls.map(toolCall) }),
        },
        finish_reason: finishReason(fieldOf(message, 'stop_reason')),
      },
    ],
    usage: openAiUsage(fieldOf(message, 'usage')),
  };
  return Buffer.from(JSON.stringify(answer));
}

function toolCall(block: unknown): object {
  const given = JSON.stringify(fieldOf(block, 'input') ?? {});
  const called = { name: fieldOf(block, 'name'), arguments: given };
  return { id: fieldOf(block, 'id'), type: 'function', function: called };
}

const FINISH_REASONS: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
};

export function finishReason(reason: unknown): string {
  return (typeof reason === 'string' ? FINISH_REASONS[reason] : undefined) ?? 'stop';
}

/** Null where it says nothing of use: then what was delivered counts. */
export function openAiUsage(usage: unknown): object | null {
  const said = readAnthropic(usage);
  return said === null ? null : inOpenAiShape(said);
}

function stringOf(value: unknown, name: string): string {
  const text = fieldOf(value, name);
  return typeof text === 'string' ? text : '';
}
