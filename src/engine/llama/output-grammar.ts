/** Which form an answer must have, as a grammar: a JSON schema, any JSON object, or a tool call. */
import { failRequest } from '../errors.ts';
import { anyObjectGrammar, createJsonGrammar, literal } from './json-grammar.ts';
import { TOOL_CLOSE, TOOL_OPEN } from './tool-calls.ts';
import type { ChatBody, ChatTool, ChatToolChoice, ResponseFormat } from './chat-request.ts';

/** The grammar's text, or null when the model may write what it likes. */
export function outputGrammar(chat: ChatBody): string | null {
  const called = forcedTools(chat.tools ?? [], chat.tool_choice ?? 'auto');
  const format = formatGrammar(chat.response_format ?? { type: 'text' });
  const given = [chat.grammar ?? null, format, called === null ? null : toolGrammar(called)];
  const wanted = given.filter((grammar) => grammar !== null);
  if (wanted.length > 1) {
    throw failRequest(
      'invalid_value',
      "Only one of 'response_format', 'grammar' and a forced tool call can shape an answer.",
      { param: 'response_format' },
    );
  }
  return wanted[0] ?? null;
}

function formatGrammar(format: ResponseFormat): string | null {
  switch (format.type) {
    case 'json_object':
      return anyObjectGrammar();
    case 'json_schema': {
      const grammar = createJsonGrammar();
      const root = grammar.add(format.json_schema.schema ?? {}, {
        strict: format.json_schema.strict ?? false,
        param: 'response_format.json_schema.schema',
      });
      return grammar.build(root);
    }
    case 'text':
    default:
      return null;
  }
}

/** The tools of which one must be called, or null when the model decides. */
function forcedTools(tools: readonly ChatTool[], choice: ChatToolChoice): ChatTool[] | null {
  if (choice === 'none' || choice === 'auto') return null;
  const name = choice === 'required' ? null : choice.function.name;
  const allowed = tools.filter((tool) => name === null || tool.function.name === name);
  if (allowed.length > 0) return allowed;
  throw failRequest('invalid_value', "'tool_choice' names no tool of 'tools'.", {
    param: 'tool_choice',
  });
}

function toolGrammar(tools: readonly ChatTool[]): string {
  const grammar = createJsonGrammar();
  const calls = tools.map(({ function: { name, parameters, strict } }, index) => {
    const rule = grammar.add(parameters ?? { type: 'object' }, {
      strict: strict ?? false,
      param: `tools.${index}.function.parameters`,
    });
    const head = `${TOOL_OPEN}\n{"name": ${JSON.stringify(name)}, "arguments": `;
    return `${literal(head)} ${rule} ${literal(`}\n${TOOL_CLOSE}`)}`;
  });
  return grammar.build(calls.join(' | '));
}
