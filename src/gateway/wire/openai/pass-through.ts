/**
 * Operations that an engine has or has not, and that pass through in OpenAI's own words: reranking (in the
 * shape of Jina and Cohere, which vLLM and llama.cpp speak), images, videos, speech, reading of documents. What is checked is what
 * admission needs; everything else is the engine's to judge, and one that lacks the address says so.
 */
import { failRequest } from '../../errors.ts';
import { type Counted, countIn } from '../../usage/disjoint.ts';
import { readUsage } from '../../usage/usage.ts';
import { fieldOf } from '../field.ts';

type Fields = Readonly<Record<string, unknown>>;

const PASS_THROUGHS = [
  'rerank',
  'images',
  'videos',
  'speech',
  'moderations',
  'transcriptions',
  'ocr',
] as const;
export type PassThrough = (typeof PASS_THROUGHS)[number];

const PASSED = new Set<string>(PASS_THROUGHS);

export function isPassThrough(operation: string): operation is PassThrough {
  return PASSED.has(operation);
}

/** What an answer may be paid for in tokens of output; of the others the engine only reads. */
export function mayHaveOutput(operation: PassThrough): boolean {
  return operation !== 'rerank' && operation !== 'moderations';
}

/** Characters that the model reads. Raises `invalid_value` where they are not there. */
export function readCharacters(operation: PassThrough, fields: Fields): number {
  return READERS[operation](fields);
}

/** Rerankers, image and speech engines name what they used in several ways; a total alone was read. */
export function passThroughUsage(answer: object): Counted | null {
  const usage = fieldOf(answer, 'usage') ?? fieldOf(fieldOf(answer, 'meta'), 'tokens');
  const known = readUsage(usage);
  if (known !== null) return known;
  const total = countIn(fieldOf(usage, 'total_tokens'));
  return total === null ? null : readUsage({ prompt_tokens: total });
}

function text(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw invalid(name, 'should be a text');
  return value.length;
}

/** As Mistral's API has it: one document, by its address or in itself. */
function document(fields: Fields): number {
  if (typeof fieldOf(fields['document'], 'type') === 'string') return 0;
  throw invalid('document', 'should be a document with a type');
}

function documentsCharacters(documents: unknown): number {
  if (!Array.isArray(documents) || documents.length === 0) {
    throw invalid('documents', 'should be a list that is not empty');
  }
  let characters = 0;
  for (const one of documents) {
    const words: unknown = typeof one === 'string' ? one : fieldOf(one, 'text');
    if (typeof words === 'string') characters += words.length;
  }
  return characters;
}

function inputCharacters(input: unknown): number {
  const texts: readonly unknown[] = Array.isArray(input) ? input : [input];
  if (texts.length === 0) throw invalid('input', 'should not be empty');
  let characters = 0;
  for (const one of texts) {
    const words: unknown = typeof one === 'string' ? one : fieldOf(one, 'text');
    if (typeof words === 'string') characters += words.length;
    else if (typeof fieldOf(one, 'type') !== 'string') {
      throw invalid('input', 'should be a text or a list of texts');
    }
  }
  return characters;
}

function invalid(param: string, what: string): Error {
  return failRequest('invalid_value', `${param} ${what}.`, { param });
}

const READERS: Readonly<Record<PassThrough, (fields: Fields) => number>> = {
  rerank: (fields) => text(fields, 'query') + documentsCharacters(fields['documents']),
  images: (fields) => text(fields, 'prompt'),
  videos: (fields) => text(fields, 'prompt'),
  speech: (fields) => text(fields, 'input'),
  moderations: (fields) => inputCharacters(fields['input']),
  // It listens.
  transcriptions: () => 0,
  // It looks.
  ocr: (fields) => document(fields),
};
