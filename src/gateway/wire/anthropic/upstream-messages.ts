/**
 * A chat's messages in Anthropic's shape: the way back of messages.ts. Turns alternate there, so
 * messages of one side that follow each other become one, results of tools first among them.
 */
import { fieldOf } from '../field.ts';

type Block = Readonly<Record<string, unknown>>;
type Turn = Readonly<{ role: 'user' | 'assistant'; content: Block[] }>;

const isSystem = (message: unknown): boolean =>
  ['system', 'developer'].includes(String(fieldOf(message, 'role')));

export function upstreamSystem(messages: unknown): Readonly<{ system?: string }> {
  const texts = listOf(messages)
    .filter(isSystem)
    .map((message) => blocksOf(fieldOf(message, 'content')).map(textIn).join(''))
    .filter((text) => text !== '');
  return texts.length === 0 ? {} : { system: texts.join('\n\n') };
}

export function upstreamMessages(messages: unknown): Turn[] {
  const turns: Turn[] = [];
  for (const message of listOf(messages)) {
    if (isSystem(message)) continue;
    const turn = turnOf(message);
    const last = turns.at(-1);
    if (last?.role === turn.role) last.content.push(...turn.content);
    else turns.push(turn);
  }
  return turns;
}

function turnOf(message: unknown): Turn {
  const role = fieldOf(message, 'role');
  const content = fieldOf(message, 'content');
  if (role === 'tool') {
    const tool_use_id = fieldOf(message, 'tool_call_id');
    const result = { type: 'tool_result', tool_use_id, content: blocksOf(content) };
    return { role: 'user', content: [result] };
  }
  if (role !== 'assistant') return { role: 'user', content: blocksOf(content) };
  // Thoughts stay behind: Anthropic takes back only what its own servers signed.
  const calls = listOf(fieldOf(message, 'tool_calls')).map(toolUse);
  return { role, content: [...blocksOf(content), ...calls] };
}

function toolUse(call: unknown): Block {
  const called = fieldOf(call, 'function');
  return {
    type: 'tool_use',
    id: fieldOf(call, 'id'),
    name: fieldOf(called, 'name'),
    input: inputOf(fieldOf(called, 'arguments')),
  };
}

function inputOf(text: unknown): unknown {
  if (typeof text !== 'string' || text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return { invalid_json: text };
  }
}

/** Empty texts are refused there. */
function blocksOf(content: unknown): Block[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return listOf(content).map(blockOf);
}

function blockOf(part: unknown): Block {
  const type = fieldOf(part, 'type');
  if (type === 'image_url') {
    const image = fieldOf(part, 'image_url');
    const url = typeof image === 'string' ? image : fieldOf(image, 'url');
    return { type: 'image', source: sourceOf(url) };
  }
  if (type === 'file') {
    const file = fieldOf(part, 'file');
    return {
      type: 'document',
      title: fieldOf(file, 'filename'),
      source: sourceOf(fieldOf(file, 'file_data')),
    };
  }
  // Unknown kinds go as they are: their API names what it does not know.
  return typeof part === 'object' && part !== null ? { ...part } : { type: 'text', text: '' };
}

function sourceOf(url: unknown): Block {
  const data = typeof url === 'string' ? /^data:([^;,]+);base64,(.*)$/s.exec(url) : null;
  if (data === null) return { type: 'url', url };
  return { type: 'base64', media_type: data[1], data: data[2] };
}

function textIn(block: Block): string {
  const text = block['text'];
  return typeof text === 'string' ? text : '';
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
