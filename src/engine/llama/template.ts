/**
 * Renders a conversation into the model's own prompt with the Jinja template of its file, the same
 * text that the reference implementation makes. What a template refuses (a role order, say) is the
 * caller's error.
 */
import { Template } from '@huggingface/jinja';

import { messageOf } from '#platform/error.ts';

import { failRequest } from '../errors.ts';
import { THINK_CLOSE, THINK_OPEN } from './reasoning.ts';
import { TOOL_OPEN } from './tool-calls.ts';

export type TemplateMessage = Readonly<Record<string, unknown>>;

export type PromptInput = Readonly<{
  messages: readonly TemplateMessage[];
  tools: readonly unknown[] | null;
  /** Extra variables such as `enable_thinking`. */
  variables: Readonly<Record<string, unknown>>;
}>;

export type Prompt = Readonly<{
  text: string;
  /** The template opened a `<think>` block that the model is to continue. */
  reasoningPrefilled: boolean;
}>;

export type ChatTemplate = Readonly<{
  /** Throws `invalid_value` with the template's own words. */
  render: (input: PromptInput) => Prompt;
  usesReasoning: boolean;
  usesTools: boolean;
}>;

/** Throws when the template itself cannot be parsed. */
export function createChatTemplate(options: {
  source: string;
  beginToken: string;
  endToken: string;
}): ChatTemplate {
  const template = new Template(options.source);
  return {
    usesReasoning: options.source.includes(THINK_OPEN) || options.source.includes(THINK_CLOSE),
    usesTools: options.source.includes('tools') && options.source.includes(TOOL_OPEN),
    render: ({ messages, tools, variables }) => {
      const text = renderOrRefuse(template, {
        ...variables,
        messages,
        ...(tools === null ? {} : { tools }),
        add_generation_prompt: true,
        bos_token: options.beginToken,
        eos_token: options.endToken,
      });
      return { text, reasoningPrefilled: endsInsideReasoning(text) };
    },
  };
}

function renderOrRefuse(template: Template, items: Record<string, unknown>): string {
  try {
    return template.render(items);
  } catch (error) {
    throw failRequest(
      'invalid_value',
      `The model's chat template refused the messages: ${messageOf(error)}`,
      { param: 'messages', cause: error },
    );
  }
}

/** Whether the prompt's end is an open `<think>`, as templates of always-thinking models leave it. */
export function endsInsideReasoning(prompt: string): boolean {
  return prompt.trimEnd().endsWith(THINK_OPEN);
}
