/**
 * `enable_thinking` is DashScope's word. Engines turn thinking on and off in the template of the chat,
 * so it is said there too; what the caller wrote for the template itself goes before.
 */
type Fields = Readonly<Record<string, unknown>>;

export function withThinking(fields: Fields): Fields {
  const thinks = fields['enable_thinking'];
  if (typeof thinks !== 'boolean') return fields;
  const given = fields['chat_template_kwargs'];
  const kept = typeof given === 'object' && given !== null ? given : {};
  return { ...fields, chat_template_kwargs: { enable_thinking: thinks, ...kept } };
}
