/** What is wrong with a card's front matter, as `POST /api/validate-yaml` tells it before a commit. Pure. */
import { RELATIONS, parseCard } from '../../card.ts';

type Remark = Readonly<{ message: string }>;

/** Licenses, languages and bases are words; anything longer is prose in the wrong place. */
const WORD_LENGTH_MAX = 96;
const WORDS = ['license', 'pipeline_tag', 'library_name', 'base_model', 'language'];

export function checkCard(
  content: string,
): Readonly<{ errors: readonly Remark[]; warnings: readonly Remark[] }> {
  const errors: Remark[] = [];
  const warnings: Remark[] = [];
  const hasFront = /^\uFEFF?---\s*\r?\n/.test(content);
  if (!hasFront) warnings.push({ message: 'empty or missing yaml metadata in repo card' });
  else if (!/\r?\n---\s*(?:\r?\n|$)/.test(content)) {
    errors.push({ message: 'The front matter begins with --- and is never closed.' });
  }
  const { fields } = parseCard(content);
  for (const [, line] of content.split(/\r?\n---/)[0]?.matchAll(/\n(\t+[^\n]*)/g) ?? []) {
    errors.push({ message: `YAML is not indented by tabs: ${line?.trim().slice(0, 80)}` });
  }
  for (const word of WORDS) {
    for (const value of fields.get(word) ?? []) {
      if (value.length <= WORD_LENGTH_MAX) continue;
      errors.push({
        message: `"${word}" has ${value.length} letters; ${WORD_LENGTH_MAX} are allowed.`,
      });
    }
  }
  const relation = fields.get('base_model_relation')?.[0];
  if (relation !== undefined && !RELATIONS.some((known) => known === relation)) {
    errors.push({ message: `"base_model_relation" must be one of ${RELATIONS.join(', ')}.` });
  }
  return { errors, warnings };
}
