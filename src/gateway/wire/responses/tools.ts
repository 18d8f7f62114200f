/**
 * Tools in the shape of the Responses API, which is flatter than a chat's and has more kinds. Functions
 * are functions; a custom tool (plain text in) is a function with one text; the functions of a
 * namespace carry it before their name. What only OpenAI's servers run cannot be offered to a model
 * here: a web search that may be used or not is left out, and the answer's `tools` say so; everything
 * else is refused by name.
 */
import { failRequest } from '../../errors.ts';
import { fieldOf } from '../field.ts';

/** What a name that the model calls stands for. */
type Known = Readonly<{ kind: 'function' | 'custom'; name: string; namespace: string | null }>;

export type Toolbox = Readonly<{
  /** For the engine; empty where there are none. */
  functions: readonly unknown[];
  /** What of the caller's tools the model was offered. */
  offered: readonly unknown[];
  find: (name: string) => Known;
}>;

const SEPARATOR = '__';
const SEARCHES = new Set(['web_search', 'web_search_preview', 'web_search_2025_08_26']);

export function openToolbox(tools: unknown): Toolbox {
  const functions: unknown[] = [];
  const offered: unknown[] = [];
  const known = new Map<string, Known>();
  const add = (tool: unknown, namespace: string | null, at: string): void => {
    const name = fieldOf(tool, 'name');
    if (typeof name !== 'string' || name === '') throw invalid(`${at}.name`, 'should be a string');
    const isCustom = fieldOf(tool, 'type') === 'custom';
    const full = namespace === null ? name : namespace + SEPARATOR + name;
    known.set(full, { kind: isCustom ? 'custom' : 'function', name, namespace });
    functions.push({ type: 'function', function: describe(tool, full, isCustom) });
  };
  for (const [index, tool] of listOf(tools).entries()) {
    const at = `tools[${index}]`;
    const type = fieldOf(tool, 'type');
    if (typeof type === 'string' && SEARCHES.has(type)) continue;
    offered.push(tool);
    if (type === 'function' || type === 'custom') {
      add(tool, null, at);
    } else if (type === 'namespace') {
      const namespace = fieldOf(tool, 'name');
      if (typeof namespace !== 'string') throw invalid(`${at}.name`, 'should be a string');
      for (const inner of listOf(fieldOf(tool, 'tools'))) add(inner, namespace, `${at}.tools`);
    } else {
      throw invalid(`${at}.type`, `${JSON.stringify(type)} is not offered here`);
    }
  }
  const find = (name: string): Known =>
    known.get(name) ?? { kind: 'function', name, namespace: null };
  return { functions, offered, find };
}

/** The name a model knows the tool of this item by. */
export function calledName(item: unknown): string {
  const [name, namespace] = [fieldOf(item, 'name'), fieldOf(item, 'namespace')];
  const plain = typeof name === 'string' ? name : '';
  return typeof namespace === 'string' && namespace !== '' ? namespace + SEPARATOR + plain : plain;
}

function describe(tool: unknown, name: string, isCustom: boolean): object {
  const description = fieldOf(tool, 'description');
  if (!isCustom) {
    const parameters = fieldOf(tool, 'parameters') ?? { type: 'object', properties: {} };
    return { name, description, parameters, strict: fieldOf(tool, 'strict') };
  }
  const input = { type: 'string', description: grammarOf(tool) };
  const parameters = { type: 'object', properties: { input }, required: ['input'] };
  return { name, description, parameters };
}

/** No engine holds a function's text to a grammar of its own; the model is shown it instead. */
function grammarOf(tool: unknown): string | undefined {
  const definition = fieldOf(fieldOf(tool, 'format'), 'definition');
  return typeof definition === 'string' ? definition : undefined;
}

export function toolChoice(choice: unknown): unknown {
  if (choice === undefined || choice === null || typeof choice === 'string') return choice;
  const type = fieldOf(choice, 'type');
  if (type === 'function' || type === 'custom') {
    return { type: 'function', function: { name: calledName(choice) } };
  }
  throw invalid('tool_choice.type', `${JSON.stringify(type)} is not offered here`);
}

function listOf(tools: unknown): readonly unknown[] {
  if (tools === undefined || tools === null) return [];
  if (Array.isArray(tools)) return tools;
  throw invalid('tools', 'should be a list');
}

function invalid(param: string, what: string) {
  return failRequest('invalid_value', `${param}: ${what}.`, { param });
}
