/**
 * Pieces of tool calls as OpenAI streams them: the first of a call has its index, id, type and name,
 * later ones the index and more arguments, and calls that run beside each other have an index each.
 * Engines break this in known ways (index 0 for all, the id again or as null, a new id in each piece,
 * no index), and programs then put two calls into one or forget half of one. So: a known id wins, a
 * new id with a name on a used index is a new call, and what says neither belongs to the last call.
 */
import { fieldOf } from '../field.ts';

type Slot = { readonly index: number; readonly id: string; hasName: boolean };

export class ToolCallRepair {
  /** One for each choice of the answer. */
  readonly #choices = new Map<number, ChoiceCalls>();

  /** The chunk with its calls in order, or null where they are already. */
  repair(chunk: object): object | null {
    const choices = fieldOf(chunk, 'choices');
    if (!Array.isArray(choices)) return null;
    let isChanged = false;
    const repaired = choices.map((choice: unknown, position): unknown => {
      const delta = fieldOf(choice, 'delta');
      const calls = fieldOf(delta, 'tool_calls');
      if (!isObject(choice) || !isObject(delta) || !Array.isArray(calls)) return choice;
      const fixed = calls.map((call) => this.#at(choice, position).take(call));
      if (fixed.every((call, index) => call === calls[index])) return choice;
      isChanged = true;
      return { ...choice, delta: { ...delta, tool_calls: fixed } };
    });
    return isChanged ? { ...chunk, choices: repaired } : null;
  }

  #at(choice: object, position: number): ChoiceCalls {
    const given = fieldOf(choice, 'index');
    const index = typeof given === 'number' ? given : position;
    const known = this.#choices.get(index);
    if (known !== undefined) return known;
    const calls = new ChoiceCalls();
    this.#choices.set(index, calls);
    return calls;
  }
}

class ChoiceCalls {
  readonly #byId = new Map<string, Slot>();
  /** By the engine's index, which may be used again for another call. */
  readonly #byIndex = new Map<number, Slot>();
  #last: Slot | null = null;
  #count = 0;

  /** The same object where nothing is wrong with it. */
  take(call: unknown): unknown {
    if (!isObject(call)) return call;
    const known = this.#find(call);
    const slot = known ?? this.#begin(call);
    this.#last = slot;
    return known === null ? first(call, slot) : later(call, slot);
  }

  #find(call: object): Slot | null {
    const id = textOf(call, 'id');
    const known = id === null ? undefined : this.#byId.get(id);
    if (known !== undefined) return known;
    const index = fieldOf(call, 'index');
    const atIndex = typeof index === 'number' ? this.#byIndex.get(index) : this.#last;
    if (atIndex === undefined || atIndex === null) return null;
    const isNew = id !== null && textOf(fieldOf(call, 'function'), 'name') !== null;
    return isNew ? null : atIndex;
  }

  #begin(call: object): Slot {
    const given = fieldOf(call, 'index');
    const index = this.#count;
    this.#count += 1;
    const id = textOf(call, 'id') ?? `call_${index}`;
    const hasName = textOf(fieldOf(call, 'function'), 'name') !== null;
    const slot = { index, id, hasName };
    this.#byId.set(id, slot);
    this.#byIndex.set(typeof given === 'number' ? given : index, slot);
    return slot;
  }
}

function first(call: object, { index, id }: Slot): object {
  const isRight =
    fieldOf(call, 'index') === index &&
    fieldOf(call, 'id') === id &&
    fieldOf(call, 'type') === 'function';
  return isRight ? call : { ...call, index, id, type: 'function' };
}

function later(call: object, slot: Slot): object {
  const called = fieldOf(call, 'function');
  const name = textOf(called, 'name');
  const isNamed = name !== null && !slot.hasName;
  if (isNamed) slot.hasName = true;
  const isRight = fieldOf(call, 'index') === slot.index && textOf(call, 'id') === null;
  // Programs add up what they get: a name that comes twice is a name that is written twice.
  if (isRight && (name === null || isNamed)) return call;
  const { index } = slot;
  const piece = { arguments: fieldOf(called, 'arguments') };
  return { index, function: isNamed ? { name, ...piece } : piece };
}

function textOf(value: unknown, name: string): string | null {
  const text = fieldOf(value, name);
  return typeof text === 'string' && text !== '' ? text : null;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
