/**
 * A conversation in Anthropic's shape, in OpenAI's. Results of tools, which are blocks of a user's
 * message there, are messages of their own here and come before whatever else the user said; what an
 * assistant thought goes back to the model, because templates of thinking models want it.
 */
import { failRequest } from '../../errors.ts';
import { fieldOf } from '../field.ts';

type Message = Readonly<Record<string, unknown>>;

export function systemMessages(system: unknown): Message[] {
  if (system === undefined || system === null || system === '') return [];
  if (typeof system === 'string') return [{ role: 'system', content: system }];
  const content = blocksOf(system, 'system').map((block, index) => {
    if (fieldOf(block, 'type') === 'text') return textOf(block, `system.${index}.text`);
    throw invalid(`system.${index}.type`, 'should be text');
  });
  return content.length === 0 ? [] : [{ role: 'system', content: content.join('\n\n') }];
}

export function openAiMessages(messages: unknown): Message[] {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw invalid('messages', 'should be a list that is not empty');
  }
  return messages.flatMap((message, index) => openAiMessage(message, `messages.${index}`));
}

function openAiMessage(message: unknown, at: string): Message[] {
  const role = fieldOf(message, 'role');
  const content = fieldOf(message, 'content');
  if (role === 'user') {
    return typeof content === 'string' ? [{ role, content }] : userMessages(content, at);
  }
  if (role === 'assistant') {
    return typeof content === 'string' ? [{ role, content }] : [assistantMessage(content, at)];
  }
  if (role === 'system') return systemMessages(content);
  throw invalid(`${at}.role`, 'should be user or assistant');
}

function userMessages(content: unknown, at: string): Message[] {
  const results: Message[] = [];
  const parts: unknown[] = [];
  for (const [index, block] of blocksOf(content, `${at}.content`).entries()) {
    const where = `${at}.content.${index}`;
    if (fieldOf(block, 'type') === 'tool_result') {
      const { text, media } = resultOf(block, where);
      results.push({ role: 'tool', tool_call_id: fieldOf(block, 'tool_use_id'), content: text });
      parts.push(...media);
    } else {
      parts.push(partOf(block, where));
    }
  }
  return parts.length === 0
    ? results
    : [...results, { role: 'user', content: plainIfAlone(parts) }];
}

/** Many engines and templates know nothing but text; a single part of it needs no list. */
function plainIfAlone(parts: readonly unknown[]): unknown {
  const only = parts.length === 1 ? fieldOf(parts[0], 'text') : undefined;
  return typeof only === 'string' ? only : parts;
}

/** Results of tools are text there; a picture in one goes to the user's message that follows. */
function resultOf(block: unknown, at: string): { text: string; media: unknown[] } {
  const content = fieldOf(block, 'content');
  const failed = fieldOf(block, 'is_error') === true ? 'Error: ' : '';
  if (content === undefined || content === null) return { text: failed, media: [] };
  if (typeof content === 'string') return { text: failed + content, media: [] };
  const texts: string[] = [];
  const media: unknown[] = [];
  for (const [index, inner] of blocksOf(content, `${at}.content`).entries()) {
    const part = partOf(inner, `${at}.content.${index}`);
    const text = fieldOf(part, 'text');
    if (typeof text === 'string') texts.push(text);
    else media.push(part);
  }
  return { text: failed + texts.join('\n'), media };
}

function partOf(block: unknown, at: string): unknown {
  const type = fieldOf(block, 'type');
  if (type === 'text') return { type: 'text', text: textOf(block, `${at}.text`) };
  if (type === 'image') return { type: 'image_url', image_url: { url: addressOf(block, at) } };
  if (type === 'document') return documentPart(block, at);
  throw invalid(`${at}.type`, `${JSON.stringify(type)} is not understood here`);
}

function addressOf(block: unknown, at: string): string {
  const source = fieldOf(block, 'source');
  const [type, url, data, mediaType] = ['type', 'url', 'data', 'media_type'].map((name) =>
    fieldOf(source, name),
  );
  if (type === 'url' && typeof url === 'string') return url;
  if (type === 'base64' && typeof data === 'string' && typeof mediaType === 'string') {
    return `data:${mediaType};base64,${data}`;
  }
  throw invalid(`${at}.source`, 'should be of type url or base64');
}

function documentPart(block: unknown, at: string): unknown {
  const source = fieldOf(block, 'source');
  const title = fieldOf(block, 'title');
  const named = typeof title === 'string' ? `${title}\n\n` : '';
  if (fieldOf(source, 'type') === 'text') {
    const data = fieldOf(source, 'data');
    if (typeof data === 'string') return { type: 'text', text: named + data };
  }
  const filename = typeof title === 'string' ? title : 'document.pdf';
  return { type: 'file', file: { filename, file_data: addressOf(block, at) } };
}

function assistantMessage(content: unknown, at: string): Message {
  let text = '';
  let thought = '';
  const calls: unknown[] = [];
  for (const [index, block] of blocksOf(content, `${at}.content`).entries()) {
    const where = `${at}.content.${index}`;
    const type = fieldOf(block, 'type');
    if (type === 'text') text += textOf(block, `${where}.text`);
    else if (type === 'thinking') thought += textOf(block, `${where}.thinking`, 'thinking');
    else if (type === 'tool_use') calls.push(toolCall(block, where));
    // Thoughts that Anthropic's servers encrypted are unreadable for everybody else.
    else if (type !== 'redacted_thinking') {
      throw invalid(`${where}.type`, `${JSON.stringify(type)} is not understood here`);
    }
  }
  return {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    ...(thought === '' ? {} : { reasoning_content: thought }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function toolCall(block: unknown, at: string): unknown {
  const [id, name, input] = ['id', 'name', 'input'].map((field) => fieldOf(block, field));
  if (typeof id !== 'string') throw invalid(`${at}.id`, 'should be a string');
  if (typeof name !== 'string') throw invalid(`${at}.name`, 'should be a string');
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input ?? {}) } };
}

function blocksOf(content: unknown, at: string): readonly unknown[] {
  if (Array.isArray(content)) return content;
  throw invalid(at, 'should be a string or a list of blocks');
}

function textOf(block: unknown, at: string, name = 'text'): string {
  const text = fieldOf(block, name);
  if (typeof text === 'string') return text;
  throw invalid(at, 'should be a string');
}

function invalid(param: string, what: string) {
  return failRequest('invalid_value', `${param}: ${what}.`, { param });
}
