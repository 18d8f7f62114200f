/** The items of an answer as they grow, and the events that tell of it. One class for each kind. */
import type { Toolbox } from './tools.ts';

/** Puts an event's number on it. */
export type Emit = (type: string, fields: object) => string;

export type Item = Readonly<Record<string, unknown>>;

export interface OutputItem {
  readonly index: number;
  open(emit: Emit): string;
  close(emit: Emit, status: 'completed' | 'incomplete'): string;
  item(status: 'in_progress' | 'completed' | 'incomplete'): Item;
}

/** Words of the answer: one message with one part. */
export class TextItem implements OutputItem {
  readonly index: number;
  readonly #id: string;
  #text = '';

  constructor(index: number, id: string) {
    this.index = index;
    this.#id = id;
  }

  open(emit: Emit): string {
    const { index: output_index } = this;
    const item = { ...this.item('in_progress'), content: [] };
    const part = { ...this.#at(), part: outputText('') };
    return (
      emit('response.output_item.added', { output_index, item }) +
      emit('response.content_part.added', part)
    );
  }

  add(delta: string, emit: Emit): string {
    this.#text += delta;
    return emit('response.output_text.delta', { ...this.#at(), delta, logprobs: [] });
  }

  close(emit: Emit, status: string): string {
    const { index: output_index } = this;
    const text = this.#text;
    return (
      emit('response.output_text.done', { ...this.#at(), text, logprobs: [] }) +
      emit('response.content_part.done', { ...this.#at(), part: outputText(text) }) +
      emit('response.output_item.done', { output_index, item: this.item(status) })
    );
  }

  item(status: string): Item {
    const content = [outputText(this.#text)];
    return { id: this.#id, type: 'message', status, role: 'assistant', content };
  }

  #at() {
    return { item_id: this.#id, output_index: this.index, content_index: 0 };
  }
}

function outputText(text: string): Item {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

/**
 * Thoughts. A caller that asked for a summary gets them in its place, because programs that ask for one
 * show nothing else; the others get them as what they are.
 */
export class ReasoningItem implements OutputItem {
  readonly index: number;
  readonly #id: string;
  readonly #isSummary: boolean;
  #text = '';

  constructor(index: number, id: string, options: Readonly<{ isSummary: boolean }>) {
    this.index = index;
    this.#id = id;
    this.#isSummary = options.isSummary;
  }

  open(emit: Emit): string {
    const { index: output_index } = this;
    const item = { ...this.item('in_progress'), summary: [], content: [] };
    const part = { ...this.#at(), part: this.#part('') };
    return (
      emit('response.output_item.added', { output_index, item }) +
      emit(this.#isSummary ? SUMMARY_ADDED : 'response.content_part.added', part)
    );
  }

  add(delta: string, emit: Emit): string {
    this.#text += delta;
    return emit(`${this.#prefix}.delta`, { ...this.#at(), delta });
  }

  close(emit: Emit, status: string): string {
    const { index: output_index } = this;
    const text = this.#text;
    const part = { ...this.#at(), part: this.#part(text) };
    return (
      emit(`${this.#prefix}.done`, { ...this.#at(), text }) +
      emit(this.#isSummary ? SUMMARY_DONE : 'response.content_part.done', part) +
      emit('response.output_item.done', { output_index, item: this.item(status) })
    );
  }

  item(status: string): Item {
    const parts = [this.#part(this.#text)];
    const [summary, content] = this.#isSummary ? [parts, []] : [[], parts];
    return { id: this.#id, type: 'reasoning', status, summary, content, encrypted_content: null };
  }

  get #prefix(): string {
    return this.#isSummary ? 'response.reasoning_summary_text' : 'response.reasoning_text';
  }

  #part(text: string): Item {
    return { type: this.#isSummary ? 'summary_text' : 'reasoning_text', text };
  }

  #at() {
    const at = { item_id: this.#id, output_index: this.index };
    return this.#isSummary ? { ...at, summary_index: 0 } : { ...at, content_index: 0 };
  }
}

const SUMMARY_ADDED = 'response.reasoning_summary_part.added';
const SUMMARY_DONE = 'response.reasoning_summary_part.done';

export type CallStart = Readonly<{ id: string; callId: string; name: string; toolbox: Toolbox }>;

/** A call of one of the caller's tools. */
export class CallItem implements OutputItem {
  readonly index: number;
  readonly #call: CallStart;
  #arguments = '';

  constructor(index: number, call: CallStart) {
    this.index = index;
    this.#call = call;
  }

  open(emit: Emit): string {
    return emit('response.output_item.added', {
      output_index: this.index,
      item: this.item('in_progress'),
    });
  }

  add(delta: string, emit: Emit): string {
    this.#arguments += delta;
    // A custom tool's text is inside the JSON that the model writes, and whole when that is.
    if (this.#isCustom || delta === '') return '';
    return emit('response.function_call_arguments.delta', { ...this.#at(), delta });
  }

  close(emit: Emit, status: string): string {
    const done = { output_index: this.index, item: this.item(status) };
    const input = this.#input();
    const told = this.#isCustom
      ? emit('response.custom_tool_call_input.delta', { ...this.#at(), delta: input }) +
        emit('response.custom_tool_call_input.done', { ...this.#at(), input })
      : emit('response.function_call_arguments.done', {
          ...this.#at(),
          name: this.#call.name,
          arguments: this.#arguments,
        });
    return told + emit('response.output_item.done', done);
  }

  item(status: string): Item {
    const { id, callId: call_id, toolbox, name: called } = this.#call;
    const { name, namespace } = toolbox.find(called);
    const spaced = namespace === null ? {} : { namespace };
    if (this.#isCustom) {
      return {
        id,
        type: 'custom_tool_call',
        status,
        call_id,
        name,
        ...spaced,
        input: this.#input(),
      };
    }
    const given = this.#arguments;
    return { id, type: 'function_call', status, call_id, name, ...spaced, arguments: given };
  }

  get #isCustom(): boolean {
    return this.#call.toolbox.find(this.#call.name).kind === 'custom';
  }

  #input(): string {
    try {
      const value: unknown = JSON.parse(this.#arguments);
      const isText = typeof value === 'object' && value !== null && 'input' in value;
      return isText && typeof value.input === 'string' ? value.input : this.#arguments;
    } catch {
      // Not yet whole, or the model wrote no JSON: the caller's tool gets what it wrote.
      return this.#arguments;
    }
  }

  #at() {
    return { item_id: this.#call.id, output_index: this.index };
  }
}
