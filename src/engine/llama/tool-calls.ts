/**
 * Reads tool calls out of a stream of answer text. Qwen and many others write
 * `<tool_call>{"name": …, "arguments": {…}}</tool_call>`; newer Qwen models write
 * `<tool_call><function=name><parameter=key>value</parameter></function></tool_call>`. Arguments in
 * the first form are passed on while they are being written. A block in neither form is passed on
 * as text, so nothing the model said is lost. The result does not depend on where pieces begin.
 */
import { createObjectScanner } from './json-scanner.ts';
import type { ObjectScanner } from './json-scanner.ts';
import { longestPartialEnd } from './stop-strings.ts';

export const TOOL_OPEN = '<tool_call>';
export const TOOL_CLOSE = '</tool_call>';

export type ToolEvent =
  | Readonly<{ type: 'text'; text: string }>
  | Readonly<{ type: 'call'; index: number; name: string }>
  | Readonly<{ type: 'arguments'; index: number; text: string }>
  | Readonly<{ type: 'call_end'; index: number }>;

/**
 * `{"name": "…", "arguments": {`, the beginning of a call whose arguments can be streamed. No `<` in
 * the name, so that a closing mark always means the same whether seen now or later.
 */
const CALL_HEAD = /^\s*\{\s*"name"\s*:\s*("(?:[^"\\<]|\\.)*")\s*,\s*"arguments"\s*:\s*(?=\{)/;

type State = 'text' | 'body' | 'arguments' | 'tail';

export class ToolCallReader {
  #state: State = 'text';
  #held = '';
  #calls = 0;
  #scanner: ObjectScanner = createObjectScanner();

  push(text: string): ToolEvent[] {
    this.#held += text;
    const events: ToolEvent[] = [];
    for (let more = this.#step(); more !== undefined; more = this.#step()) events.push(...more);
    return events;
  }

  /** What was held back when the stream ended. */
  end(): ToolEvent[] {
    const rest = this.#take(this.#held.length);
    if (this.#state === 'text') return this.#textEvents(rest);
    // A call that was cut off before its name could be read is still what the model said.
    return this.#state === 'body' ? this.#textEvents(TOOL_OPEN + rest) : [];
  }

  /** One step of the machine: its events, or undefined when it needs more text. */
  #step(): ToolEvent[] | undefined {
    switch (this.#state) {
      case 'text':
        return this.#readText();
      case 'body':
        return this.#readHead() ?? this.#readWholeBody();
      case 'arguments':
        return this.#readArguments();
      case 'tail':
        return this.#readTail();
      default:
        return undefined;
    }
  }

  #readText(): ToolEvent[] | undefined {
    const open = this.#held.indexOf(TOOL_OPEN);
    if (open >= 0) {
      const text = this.#take(open).trimEnd();
      this.#take(TOOL_OPEN.length);
      this.#state = 'body';
      return this.#textEvents(text);
    }
    const partial = longestPartialEnd(this.#held, [TOOL_OPEN]);
    const sure = this.#held.slice(0, this.#held.length - partial).trimEnd();
    return sure === '' ? undefined : this.#textEvents(this.#take(sure.length));
  }

  #readHead(): ToolEvent[] | undefined {
    const head = CALL_HEAD.exec(this.#held);
    const name = head?.[1] === undefined ? undefined : parseJson(head[1]);
    if (head === null || typeof name !== 'string') return undefined;
    this.#take(head[0].length);
    this.#scanner = createObjectScanner();
    this.#state = 'arguments';
    return [{ type: 'call', index: this.#calls, name }];
  }

  #readWholeBody(): ToolEvent[] | undefined {
    const close = this.#held.indexOf(TOOL_CLOSE);
    if (close < 0) return undefined;
    const body = this.#take(close);
    this.#take(TOOL_CLOSE.length);
    this.#state = 'text';
    const call = parseCall(body);
    if (call === undefined) return this.#textEvents(TOOL_OPEN + body + TOOL_CLOSE);
    const index = this.#calls;
    this.#calls += 1;
    return [
      { type: 'call', index, name: call.name },
      { type: 'arguments', index, text: call.argumentsText },
      { type: 'call_end', index },
    ];
  }

  #readArguments(): ToolEvent[] | undefined {
    if (this.#held === '') return undefined;
    const { length, state } = this.#scanner.take(this.#held);
    const index = this.#calls;
    const text = this.#take(length);
    const events: ToolEvent[] = text === '' ? [] : [{ type: 'arguments', index, text }];
    if (state === 'open') return events;
    this.#calls += 1;
    this.#state = 'tail';
    return [...events, { type: 'call_end', index }];
  }

  #readTail(): ToolEvent[] | undefined {
    const close = this.#held.indexOf(TOOL_CLOSE);
    if (close < 0) {
      this.#take(this.#held.length - longestPartialEnd(this.#held, [TOOL_CLOSE]));
      return undefined;
    }
    this.#take(close + TOOL_CLOSE.length);
    this.#state = 'text';
    return [];
  }

  #textEvents(text: string): ToolEvent[] {
    // White space between and after calls is layout, not an answer.
    if (text === '' || (this.#calls > 0 && text.trim() === '')) return [];
    return [{ type: 'text', text }];
  }

  #take(length: number): string {
    const out = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    return out;
  }
}

type ParsedCall = Readonly<{ name: string; argumentsText: string }>;

function parseCall(body: string): ParsedCall | undefined {
  return parseJsonCall(body) ?? parseTaggedCall(body);
}

function parseJsonCall(body: string): ParsedCall | undefined {
  const value = parseJson(body);
  if (typeof value !== 'object' || value === null || !('name' in value)) return undefined;
  if (typeof value.name !== 'string') return undefined;
  const given = 'arguments' in value ? value.arguments : {};
  return {
    name: value.name,
    argumentsText: typeof given === 'string' ? given : JSON.stringify(given),
  };
}

function parseTaggedCall(body: string): ParsedCall | undefined {
  const tagged = /^\s*<function=([^>\n]+)>([\s\S]*?)<\/function>\s*$/.exec(body);
  if (tagged?.[1] === undefined) return undefined;
  const values: Record<string, unknown> = {};
  const parameters = (tagged[2] ?? '').matchAll(
    /<parameter=([^>\n]+)>\n?([\s\S]*?)\n?<\/parameter>/g,
  );
  for (const [, key, text] of parameters) {
    // The form carries no types; what reads as JSON is JSON, everything else is a string.
    const parsed = parseJson(text ?? '');
    if (key !== undefined) values[key] = parsed === undefined ? (text ?? '') : parsed;
  }
  return { name: tagged[1], argumentsText: JSON.stringify(values) };
}

/** The parsed value, or undefined when the text is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
