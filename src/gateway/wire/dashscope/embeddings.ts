/** Text embeddings of DashScope, to OpenAI's embeddings and back. Pure. "General text embedding", Model Studio. */
import type { FlywheelError } from '#platform/error.ts';
import { failRequest } from '../../errors.ts';
import { fieldOf } from '../field.ts';
import { parseUsage } from '../openai/usage.ts';
import { uuidOf } from './request-id.ts';

/** Raises `invalid_value`. What an engine cannot do is refused, not left out. */
export function parseEmbeddings(
  fields: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const texts = fieldOf(fields['input'], 'texts');
  const areTexts = Array.isArray(texts) && texts.every((text) => typeof text === 'string');
  if (typeof texts !== 'string' && (!areTexts || texts.length === 0)) {
    throw refuse('input.texts', 'input.texts should be a list of texts that is not empty.');
  }
  const given = fields['parameters'] ?? {};
  const {
    dimension,
    text_type: textType,
    output_type: outputType,
    instruct,
    ...others
  } = typeof given === 'object' && given !== null ? Object.fromEntries(Object.entries(given)) : {};
  if ((outputType ?? 'dense') !== 'dense') {
    throw refuse('parameters.output_type', 'This model gives dense vectors only.');
  }
  if (instruct !== undefined && instruct !== null) {
    throw refuse('parameters.instruct', 'Put the instruction into the text for this model.');
  }
  if (textType !== undefined && textType !== 'document' && textType !== 'query') {
    throw refuse('parameters.text_type', 'text_type should be "query" or "document".');
  }
  return {
    ...others,
    model: fields['model'],
    input: typeof texts === 'string' ? [texts] : texts,
    ...(dimension !== undefined && dimension !== null && { dimensions: dimension }),
  };
}

export function embeddingsAnswer(answer: unknown, requestId: string): Record<string, unknown> {
  const data = fieldOf(answer, 'data');
  const usage = parseUsage(fieldOf(answer, 'usage'));
  return {
    output: {
      embeddings: (Array.isArray(data) ? data : []).map((one: unknown, at) => ({
        text_index: fieldOf(one, 'index') ?? at,
        embedding: fieldOf(one, 'embedding'),
      })),
    },
    ...(usage !== null && { usage: { total_tokens: usage.input + usage.cacheRead } }),
    request_id: uuidOf(requestId),
  };
}

function refuse(param: string, message: string): FlywheelError {
  return failRequest('invalid_value', message, { param });
}
