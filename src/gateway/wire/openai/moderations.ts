/**
 * `/v1/moderations`. Engines have no such address; guard models are asked in a chat and answer with a
 * verdict in words, which is read here: that of Qwen3Guard ("Safety: Unsafe", "Categories: …") and that of
 * Llama Guard ("unsafe", "S1,S10"). A provider that moderates itself gets the request as it is.
 */
import type { FlywheelError } from '#platform/error.ts';
import { createId } from '#platform/id.ts';
import { failRequest } from '../../errors.ts';
import type { Call, Dialect, Endpoint } from '../wire.ts';
import { openAiDialect } from './dialect.ts';
import {
  type ParsedRequest,
  convertedRequest,
  parseObject,
  parseRequest,
  serialize,
} from './request.ts';
import { fieldOf } from '../field.ts';

/** OpenAI's name for "whatever moderates", so that an operator can give it to a guard model. */
export const MODERATION_MODEL = 'omni-moderation-latest';

const moderationsDialect: Dialect = {
  ...openAiDialect,
  error: (error, requestId) =>
    openAiDialect.error(error.code === 'model_not_found' ? noGuard(error) : error, requestId),
};

export const moderationsEndpoint: Endpoint = {
  dialect: moderationsDialect,
  read: ({ bytes }) => {
    const fields = parseObject(bytes);
    const named =
      (fields['model'] ?? null) === null
        ? serialize({ ...fields, model: MODERATION_MODEL })
        : bytes;
    return { request: parseRequest('moderations', named), encoder: null };
  },
};

function noGuard({ message }: FlywheelError): FlywheelError {
  return failRequest(
    'unsupported_operation',
    `${message} Moderation is done by a guard model: deploy one, for example Qwen3Guard, and name it, or give it the name ${MODERATION_MODEL} by a route.`,
    { param: 'model' },
  );
}

/** A verdict is a line or two. */
const VERDICT_TOKENS_MAX = 128;

/** The same question to a guard model. Raises `invalid_value`. */
export function moderationsAsChat({ model, fields }: ParsedRequest): Call {
  const { input, model: _model, ...others } = fields;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw failRequest('invalid_value', `A guard model has no ${unknown}.`, { param: unknown });
  }
  const chat = {
    model,
    messages: [{ role: 'user', content: oneInput(input) }],
    max_tokens: VERDICT_TOKENS_MAX,
    temperature: 0,
  };
  return {
    request: convertedRequest('chat', chat),
    encoder: {
      whole: async (answer) => moderationOf(answer, model),
      stream: () => ({ push: () => '', end: () => '', fail: () => '' }),
    },
  };
}

function oneInput(input: unknown): unknown {
  if (!Array.isArray(input)) return input;
  if (input.length === 1) return typeof input[0] === 'string' ? input[0] : input;
  if (input.every((part) => typeof part === 'object')) return input;
  throw failRequest('invalid_value', 'A guard model judges one text at a time.', {
    param: 'input',
  });
}

/** Raises `unsupported_operation` where the answer is no verdict. */
function moderationOf(answer: object, model: string): Record<string, unknown> {
  const choices = fieldOf(answer, 'choices');
  const first: unknown = Array.isArray(choices) ? choices[0] : null;
  const content = fieldOf(fieldOf(first, 'message'), 'content');
  const verdict = parseVerdict(typeof content === 'string' ? content : '');
  if (verdict === null) {
    throw failRequest('unsupported_operation', `${model} is no guard model: it gave no verdict.`);
  }
  const { isFlagged, categories } = verdict;
  const names = [...new Set([...CATEGORIES, ...categories])];
  const marks = names.map((name) => [name, categories.includes(name)] as const);
  return {
    id: `modr-${createId('req').slice('req_'.length)}`,
    model,
    results: [
      {
        flagged: isFlagged,
        categories: Object.fromEntries(marks),
        // A verdict is a yes or a no.
        category_scores: Object.fromEntries(marks.map(([name, isSet]) => [name, isSet ? 1 : 0])),
        category_applied_input_types: Object.fromEntries(
          marks.map(([name, isSet]) => [name, isSet ? ['text'] : []]),
        ),
      },
    ],
    usage: fieldOf(answer, 'usage'),
  };
}

export type Verdict = Readonly<{ isFlagged: boolean; categories: readonly string[] }>;

/** Null where the text is none. */
export function parseVerdict(text: string): Verdict | null {
  const qwen = /^\s*Safety:\s*(safe|unsafe|controversial)\b/im.exec(text)?.[1]?.toLowerCase();
  if (qwen !== undefined) {
    const named = /^\s*Categories:\s*(.+)$/im.exec(text)?.[1] ?? '';
    return { isFlagged: qwen === 'unsafe', categories: qwen === 'safe' ? [] : namesIn(named) };
  }
  const llama = /^\s*(safe|unsafe)\s*(?:\n\s*(S\d+(?:\s*,\s*S\d+)*))?\s*$/i.exec(text);
  if (llama === null) return null;
  const isFlagged = llama[1]?.toLowerCase() === 'unsafe';
  return { isFlagged, categories: isFlagged ? namesIn(llama[2] ?? '') : [] };
}

function namesIn(list: string): string[] {
  const given = list.split(/\s*,\s*/).map((name) => name.trim());
  const known = given.filter((name) => name !== '' && name.toLowerCase() !== 'none');
  return [...new Set(known.map((name) => NAMES[name.toLowerCase()] ?? name.toLowerCase()))];
}

const CATEGORIES = [
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/intent',
  'self-harm/instructions',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
];

/** What guard models say, in OpenAI's words where it has one; the rest keeps its own. */
const NAMES: Readonly<Record<string, string>> = {
  violent: 'violence',
  'non-violent illegal acts': 'illicit',
  'sexual content or sexual acts': 'sexual',
  'suicide & self-harm': 'self-harm',
  s1: 'violence',
  s2: 'illicit',
  s3: 'sexual',
  s4: 'sexual/minors',
  s5: 'harassment',
  s6: 'specialized advice',
  s7: 'privacy',
  s8: 'intellectual property',
  s9: 'illicit/violent',
  s10: 'hate',
  s11: 'self-harm',
  s12: 'sexual',
  s13: 'elections',
  s14: 'illicit',
};
