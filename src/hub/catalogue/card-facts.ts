/**
 * What a repository's card, its weights and the shapes of its files say of it, as lists filter by it. Pure.
 * Library and task are found as the Hugging Face hub finds them: the card's word, a known tag, the files.
 */
import type { BaseClaim, Card } from '../card.ts';
import { summaryOf } from '../card.ts';
import type { Weights } from '../api.ts';
import { isTask } from './tasks.ts';
import { wordsOf } from './words.ts';

export type CardFacts = Readonly<{
  summary: string;
  /** As the card and the weights have them. */
  tags: readonly string[];
  task: string | null;
  library: string | null;
  languages: readonly string[];
  datasets: readonly string[];
  /** All that `filter` may name, in lower case. */
  terms: readonly string[];
  words: readonly string[];
}>;

/** Libraries that are known by a tag of their name. */
const LIBRARIES = new Set([
  'transformers',
  'diffusers',
  'sentence-transformers',
  'peft',
  'gguf',
  'mlx',
  'onnx',
  'timm',
  'keras',
  'spacy',
  'flair',
  'nemo',
  'espnet',
  'speechbrain',
  'modelscope',
  'vllm',
]);
/** By a file that nobody else writes, the most telling first. */
const LIBRARY_FILES: readonly (readonly [RegExp, string])[] = [
  [/^model_index\.json$/, 'diffusers'],
  [/^adapter_config\.json$/, 'peft'],
  [/^modules\.json$/, 'sentence-transformers'],
  [/^config\.json$/, 'transformers'],
  [/\.gguf$/, 'gguf'],
  [/\.onnx$/, 'onnx'],
];
/** Of a dataset's card: filtered by as `task_categories:…`. */
const TERM_FIELDS = [
  'task_categories',
  'task_ids',
  'size_categories',
  'multilinguality',
  'source_datasets',
  'annotations_creators',
  'language_creators',
];
const TERMS_MAX = 200;
const TERM_LENGTH_MAX = 200;
/** Words are taken from so much of a card. */
const BODY_LENGTH_MAX = 20_000;

export function cardFactsOf(
  card: Card,
  about: Readonly<{
    paths: readonly string[];
    weights: Weights | null;
    hasChatTemplate: boolean;
    /** Of the weights. */
    tags: readonly string[];
    license: string | null;
    bases: readonly BaseClaim[];
  }>,
): CardFacts {
  const summary = summaryOf(card);
  const tags = [...new Set([...(card.fields.get('tags') ?? []), ...about.tags])];
  const library = libraryOf(card, tags, about.paths);
  const task = taskOf(card, tags, about);
  const languages = (card.fields.get('language') ?? []).map((language) => language.toLowerCase());
  const datasets = card.fields.get('datasets') ?? [];
  const facts = { summary, tags, task, library, languages, datasets };
  const words = wordsOf([
    summary,
    tags.join(' '),
    [task ?? '', library ?? '', about.weights?.architecture ?? ''].join(' '),
    card.body.slice(0, BODY_LENGTH_MAX),
  ]);
  return { ...facts, terms: termsOf(card, facts, about), words };
}

function libraryOf(card: Card, tags: readonly string[], paths: readonly string[]): string | null {
  const said = card.fields.get('library_name')?.[0];
  if (said !== undefined) return said.toLowerCase();
  const tagged = tags.find((tag) => LIBRARIES.has(tag.toLowerCase()));
  if (tagged !== undefined) return tagged.toLowerCase();
  return LIBRARY_FILES.find(([file]) => paths.some((path) => file.test(path)))?.[1] ?? null;
}

function taskOf(
  card: Card,
  tags: readonly string[],
  { weights, hasChatTemplate }: Readonly<{ weights: Weights | null; hasChatTemplate: boolean }>,
): string | null {
  const said = card.fields.get('pipeline_tag')?.[0] ?? card.fields.get('task_categories')?.[0];
  if (said !== undefined) return said.toLowerCase();
  const tagged = tags.find(isTask);
  if (tagged !== undefined) return tagged;
  // Weights that come with a chat template, or are named so, write text.
  const writes = hasChatTemplate || weights?.architecture?.endsWith('ForCausalLM') === true;
  return writes ? 'text-generation' : null;
}

function termsOf(
  card: Card,
  facts: Pick<CardFacts, 'tags' | 'task' | 'library' | 'languages' | 'datasets'>,
  about: Readonly<{ weights: Weights | null; license: string | null; bases: readonly BaseClaim[] }>,
): readonly string[] {
  const { task, library, languages } = facts;
  const format = about.weights?.format ?? 'other';
  const terms = [
    ...(library === null ? [] : [library, `library:${library}`]),
    ...(task === null ? [] : [task]),
    ...(format === 'other' ? [] : [format]),
    ...(about.license === null ? [] : [`license:${about.license}`]),
    ...languages.flatMap((language) => [language, `language:${language}`]),
    ...facts.datasets.map((dataset) => `dataset:${dataset}`),
    ...about.bases.flatMap(({ name, relation }) => [
      `base_model:${name}`,
      `base_model:${relation}:${name}`,
    ]),
    ...TERM_FIELDS.flatMap((field) =>
      (card.fields.get(field) ?? []).map((value) => `${field}:${value}`),
    ),
    ...facts.tags,
  ];
  const lower = terms.map((term) => term.toLowerCase().slice(0, TERM_LENGTH_MAX));
  return [...new Set(lower)].slice(0, TERMS_MAX);
}

/** Of a repository that holds nothing yet. */
export const EMPTY_FACTS: CardFacts = {
  summary: '',
  tags: [],
  task: null,
  library: null,
  languages: [],
  datasets: [],
  terms: [],
  words: [],
};
