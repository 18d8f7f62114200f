/**
 * `enable_thinking` is DashScope's word. Engines turn thinking on and off in the template of the chat,
 * so it is said there too; what the caller wrote for the template itself goes before. `thinking_budget` is
 * said in OpenAI's word beside its own.
 */
import { withEffort } from '../thinking.ts';

type Fields = Readonly<Record<string, unknown>>;

export function withThinking(fields: Fields): Fields {
  const thinks = fields['enable_thinking'];
  const limit = fields['max_completion_tokens'] ?? fields['max_tokens'];
  const effort = fields['reasoning_effort'] === undefined && thinks !== false;
  const budgeted = effort ? { ...withEffort(fields['thinking_budget'], limit), ...fields } : fields;
  if (typeof thinks !== 'boolean') {
    return budgeted['reasoning_effort'] === fields['reasoning_effort'] ? fields : budgeted;
  }
  const given = fields['chat_template_kwargs'];
  const kept = typeof given === 'object' && given !== null ? given : {};
  return { ...budgeted, chat_template_kwargs: { enable_thinking: thinks, ...kept } };
}
