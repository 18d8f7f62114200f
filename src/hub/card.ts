/**
 * The model card, README.md: front matter (the part of YAML that cards use: texts and lists of
 * texts) and the Markdown below it. Pure and forgiving: a line it does not understand is passed
 * over, because a card must never stand in the way of the weights.
 */
import type { Base } from './api.ts';

export type Card = Readonly<{
  /** Keys of the front matter with their values; a single text is a list of one. */
  fields: ReadonlyMap<string, readonly string[]>;
  /** Markdown without the front matter. */
  body: string;
}>;

/** Cards longer than this are cut; the file itself is kept whole. */
export const CARD_BYTES_MAX = 1024 * 1024;
const FIELD_LENGTH_MAX = 500;
const LIST_LENGTH_MAX = 200;
const SUMMARY_LENGTH_MAX = 300;

export const EMPTY_CARD: Card = { fields: new Map(), body: '' };

export function parseCard(text: string): Card {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines[0]?.trim() !== '---') return { fields: new Map(), body: text };
  const end = lines.findIndex((line, index) => index > 0 && line.trim() === '---');
  if (end === -1) return { fields: new Map(), body: text };
  return {
    fields: parseFields(lines.slice(1, end)),
    body: lines
      .slice(end + 1)
      .join('\n')
      .trim(),
  };
}

function parseFields(lines: readonly string[]): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  let open: string[] | null = null;
  for (const line of lines) {
    const item = /^\s*-\s+(.*)$/.exec(line);
    if (item !== null) {
      if (open !== null && open.length < LIST_LENGTH_MAX) open.push(...scalars(item[1] ?? ''));
      continue;
    }
    const field = /^([A-Za-z_][\w-]*):(?:\s+(.*))?$/.exec(line);
    // Indented lines belong to nested maps, which no field read here has.
    open = field === null ? (/^\s/.test(line) ? null : open) : scalars(field[2] ?? '');
    if (field !== null && open !== null) fields.set(field[1] ?? '', open);
  }
  return fields;
}

/** `text`, `"text"`, `[a, "b"]`, or nothing; a comment ends an unquoted one. */
function scalars(text: string): string[] {
  const trimmed = text.trim();
  const list = /^\[(.*)\]\s*(#.*)?$/.exec(trimmed);
  if (list !== null) {
    return (list[1] ?? '').split(',').slice(0, LIST_LENGTH_MAX).flatMap(scalar);
  }
  return scalar(trimmed);
}

function scalar(text: string): string[] {
  const trimmed = text.trim();
  const quoted = /^(?:"([^"]*)"|'([^']*)')/.exec(trimmed);
  const value =
    quoted === null ? trimmed.replace(/(^|\s)#.*$/, '').trim() : (quoted[1] ?? quoted[2]);
  return value === undefined || value === '' ? [] : [value.slice(0, FIELD_LENGTH_MAX)];
}

/** The first paragraph that is prose, without Markdown's marks. */
export function summaryOf(card: Card): string {
  for (const paragraph of card.body.split(/\n\s*\n/)) {
    const text = paragraph
      .split('\n')
      .filter((line) => !/^\s*(#|<|\||```|!\[|---|===)/.test(line))
      .join(' ')
      .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[*_`>]/g, '')
      .replace(/\s+/g, ' ')
      .trim();
    if (text !== '') return text.slice(0, SUMMARY_LENGTH_MAX);
  }
  return '';
}

export const RELATIONS: readonly Base['relation'][] = ['adapter', 'finetune', 'quantized', 'merge'];

export type BaseClaim = Readonly<{ name: string; relation: Base['relation'] }>;

/**
 * The bases a model names: the card's word first, else the weights'. A missing relation is inferred
 * as Hugging Face does: several bases are a merge, adapter files an adapter, GGUF a quantisation,
 * anything else a fine-tune.
 */
export function basesOf(
  card: Card,
  weights: Readonly<{
    isAdapter: boolean;
    format: string;
    bases: readonly Readonly<{ name: string; relation: Base['relation'] | null }>[];
  }>,
): readonly BaseClaim[] {
  const fromCard = card.fields.get('base_model') ?? [];
  const named = fromCard.length > 0 ? fromCard : weights.bases.map((base) => base.name);
  const names = [...new Set(named.filter((name) => name.length <= FIELD_LENGTH_MAX))];
  const claimed = card.fields.get('base_model_relation')?.[0];
  const relation = RELATIONS.find((known) => known === claimed) ?? inferRelation(weights, names);
  return names.map((name) => ({ name, relation }));
}

function inferRelation(
  weights: Readonly<{ isAdapter: boolean; format: string }>,
  names: readonly string[],
): Base['relation'] {
  if (weights.isAdapter) return 'adapter';
  if (names.length > 1) return 'merge';
  return weights.format === 'gguf' ? 'quantized' : 'finetune';
}
