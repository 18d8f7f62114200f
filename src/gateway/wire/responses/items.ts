/**
 * The items of a conversation in the shape of OpenAI's Responses API, as messages of a chat. What one
 * turn of the assistant left (thoughts, words, calls) are items of their own there and one message
 * here. https://platform.openai.com/docs/api-reference/responses/create
 */
import { failRequest } from '../../errors.ts';
import { fieldOf } from '../field.ts';
import { calledName } from './tools.ts';

export type Message = Readonly<Record<string, unknown>>;

/** Templates know one system prompt, at the beginning: what comes before the first turn is put together. */
export function chatMessages(instructions: unknown, items: readonly unknown[]): Message[] {
  const turns = new Turns();
  if (typeof instructions === 'string' && instructions !== '') turns.system(instructions);
  for (const [index, item] of items.entries()) turns.add(item, `input[${index}]`);
  return turns.finish();
}

class Turns {
  readonly #messages: Message[] = [];
  readonly #system: string[] = [];
  #assistant: Assistant | null = null;

  system(text: string): void {
    if (this.#messages.length === 0) this.#system.push(text);
    else this.#messages.push({ role: 'system', content: text });
  }

  finish(): Message[] {
    this.#endTurn();
    if (this.#system.length === 0) return this.#messages;
    return [{ role: 'system', content: this.#system.join('\n\n') }, ...this.#messages];
  }

  add(item: unknown, at: string): void {
    const type = fieldOf(item, 'type') ?? 'message';
    switch (type) {
      case 'message':
        return this.#message(item, at);
      case 'reasoning':
        return this.#turn((turn) => turn.calls.length === 0 && turn.text === null).think(item);
      case 'function_call':
      case 'custom_tool_call':
        return this.#turn(() => true).call(item, at);
      case 'function_call_output':
      case 'custom_tool_call_output':
        return this.#result(item, at);
      default:
        throw invalid(`${at}.type`, `${JSON.stringify(type)} is not understood here`);
    }
  }

  /** The assistant's turn that is open, or a new one where this does not belong to it. */
  #turn(belongs: (turn: Assistant) => boolean): Assistant {
    if (this.#assistant === null || !belongs(this.#assistant)) {
      this.#endTurn();
      this.#assistant = new Assistant();
    }
    return this.#assistant;
  }

  #endTurn(): void {
    if (this.#assistant !== null) this.#messages.push(this.#assistant.message());
    this.#assistant = null;
  }

  #message(item: unknown, at: string): void {
    const role = fieldOf(item, 'role');
    const content = fieldOf(item, 'content');
    if (role === 'assistant') {
      const turn = this.#turn(({ text, calls }) => text === null && calls.length === 0);
      turn.text = textOf(content, `${at}.content`);
      return;
    }
    this.#endTurn();
    if (role === 'system' || role === 'developer') {
      this.system(textOf(content, `${at}.content`));
    } else if (role === 'user') {
      const parts =
        typeof content === 'string' ? content : plainIfAlone(partsOf(content, `${at}.content`));
      this.#messages.push({ role, content: parts });
    } else {
      throw invalid(`${at}.role`, 'should be user, assistant, system or developer');
    }
  }

  /** Results are text in a chat; a picture among them is shown by the user right after. */
  #result(item: unknown, at: string): void {
    this.#endTurn();
    const output = fieldOf(item, 'output');
    const tool_call_id = fieldOf(item, 'call_id');
    if (typeof output === 'string') {
      this.#messages.push({ role: 'tool', tool_call_id, content: output });
      return;
    }
    const parts = partsOf(output, `${at}.output`);
    const texts = parts.filter((part) => part['type'] === 'text');
    const content = texts.map((part) => stringOf(part, 'text')).join('\n');
    const media = parts.filter((part) => part['type'] !== 'text');
    this.#messages.push({ role: 'tool', tool_call_id, content });
    if (media.length > 0) this.#messages.push({ role: 'user', content: media });
  }
}

class Assistant {
  text: string | null = null;
  thought = '';
  readonly calls: unknown[] = [];

  think(item: unknown): void {
    for (const name of ['content', 'summary']) {
      const parts = fieldOf(item, name);
      if (!Array.isArray(parts) || parts.length === 0) continue;
      this.thought += parts.map((part) => stringOf(part, 'text')).join('\n');
      // A summary says again what the thoughts said.
      return;
    }
  }

  call(item: unknown, at: string): void {
    const id = fieldOf(item, 'call_id');
    if (typeof id !== 'string') throw invalid(`${at}.call_id`, 'should be a string');
    const isCustom = fieldOf(item, 'type') === 'custom_tool_call';
    const input = JSON.stringify({ input: fieldOf(item, 'input') });
    const given = isCustom ? input : stringOf(item, 'arguments');
    this.calls.push({
      id,
      type: 'function',
      function: { name: calledName(item), arguments: given },
    });
  }

  message(): Message {
    return {
      role: 'assistant',
      content: this.text ?? (this.calls.length > 0 ? null : ''),
      ...(this.thought === '' ? {} : { reasoning_content: this.thought }),
      ...(this.calls.length === 0 ? {} : { tool_calls: this.calls }),
    };
  }
}

type Part = Readonly<Record<string, unknown>>;

function partsOf(content: unknown, at: string): Part[] {
  if (!Array.isArray(content)) throw invalid(at, 'should be a string or a list of parts');
  return content.map((part, index) => partOf(part, `${at}[${index}]`));
}

function partOf(part: unknown, at: string): Part {
  const type = fieldOf(part, 'type');
  const text = fieldOf(part, type === 'refusal' ? 'refusal' : 'text');
  if (typeof text === 'string') return { type: 'text', text };
  if (type === 'input_image') {
    const url = fieldOf(part, 'image_url');
    if (typeof url !== 'string') throw invalid(`${at}.image_url`, 'should be an address or data');
    return { type: 'image_url', image_url: { url, detail: fieldOf(part, 'detail') } };
  }
  if (type === 'input_audio') return { type, input_audio: fieldOf(part, 'input_audio') };
  if (type === 'input_file') {
    const [filename, file_data] = [fieldOf(part, 'filename'), fieldOf(part, 'file_data')];
    if (typeof file_data !== 'string')
      throw invalid(`${at}.file_data`, 'should be the file itself');
    return { type: 'file', file: { filename, file_data } };
  }
  throw invalid(`${at}.type`, `${JSON.stringify(type)} is not understood here`);
}

function textOf(content: unknown, at: string): string {
  if (typeof content === 'string') return content;
  const parts = partsOf(content, at);
  return parts.map((part) => stringOf(part, 'text')).join('');
}

function plainIfAlone(parts: readonly Part[]): unknown {
  const only = parts.length === 1 ? parts[0]?.['text'] : undefined;
  return typeof only === 'string' ? only : parts;
}

function stringOf(value: unknown, name: string): string {
  const text = fieldOf(value, name);
  return typeof text === 'string' ? text : '';
}

function invalid(param: string, what: string) {
  return failRequest('invalid_value', `${param}: ${what}.`, { param });
}
