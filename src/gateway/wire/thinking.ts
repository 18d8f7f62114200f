/**
 * How long a model may think, in the words of each dialect: Anthropic and DashScope count tokens, OpenAI has
 * words. In the middle stand both, `thinking_budget` and `reasoning_effort`, so that a budget passes between
 * those who count untouched. Between words and tokens a share of the answer's limit is meant, as OpenRouter's
 * "Reasoning tokens" has it. Pure.
 */
type Fields = Readonly<Record<string, unknown>>;

const SHARES: Readonly<Record<string, number>> = { minimal: 0.1, low: 0.2, medium: 0.5, high: 0.8 };
/** What an answer without a limit is taken for. */
const LIMIT_DEFAULT = 8_192;

/** Tokens for a word; null where it is none, or says not to think. */
export function budgetOf(effort: unknown, limit: unknown): number | null {
  const share = typeof effort === 'string' ? SHARES[effort] : undefined;
  return share === undefined ? null : Math.floor(limitOf(limit) * share);
}

/** The word that is nearest to so many tokens. */
export function effortOf(budget: number, limit: unknown): 'low' | 'medium' | 'high' {
  const share = budget / limitOf(limit);
  if (share < 0.35) return 'low';
  return share < 0.65 ? 'medium' : 'high';
}

/** A budget in both words; nothing where there is none. */
export function withEffort(budget: unknown, limit: unknown): Fields {
  if (typeof budget !== 'number' || !Number.isInteger(budget) || budget <= 0) return {};
  return { thinking_budget: budget, reasoning_effort: effortOf(budget, limit) };
}

/** What a request asks of a model's thinking, whichever words it used; null where it says nothing. */
export function thinkingIn(
  fields: Fields,
  enabled: unknown,
): Readonly<{ isOn: boolean; budget: number | null }> | null {
  const { thinking_budget: given, reasoning_effort: effort } = fields;
  if (enabled === false || effort === 'none') return { isOn: false, budget: null };
  const limit = fields['max_completion_tokens'] ?? fields['max_tokens'];
  const budget = typeof given === 'number' && given > 0 ? given : budgetOf(effort, limit);
  return budget === null && enabled !== true ? null : { isOn: true, budget };
}

function limitOf(limit: unknown): number {
  return typeof limit === 'number' && limit > 0 ? limit : LIMIT_DEFAULT;
}
