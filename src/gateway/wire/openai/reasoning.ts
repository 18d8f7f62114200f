/** What a model thought, under any of the names that engines give it. */
import { fieldOf } from '../field.ts';

/** Of a message or a delta; null where there is none. */
export function reasoningOf(message: unknown): string | null {
  for (const name of ['reasoning_content', 'reasoning']) {
    const text = fieldOf(message, name);
    if (typeof text === 'string' && text !== '') return text;
  }
  const details = fieldOf(message, 'reasoning_details');
  if (!Array.isArray(details)) return null;
  const text = details.map(detailText).join('');
  return text === '' ? null : text;
}

/** As OpenRouter and its kin write it: a list of texts and summaries. */
function detailText(detail: unknown): string {
  const text = fieldOf(detail, 'text') ?? fieldOf(detail, 'summary');
  return typeof text === 'string' ? text : '';
}
