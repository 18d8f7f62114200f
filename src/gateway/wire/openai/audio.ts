/**
 * `/v1/audio/transcriptions`: a form with a file, handed to the engine as it came. Only the name of the
 * model is read, and written anew where the engine calls it something else; and how long the sound plays.
 */
import { failRequest } from '../../errors.ts';
import type { Endpoint } from '../wire.ts';
import { openAiDialect } from './dialect.ts';
import { heardUse } from '../../usage/units.ts';
import { formText, parseForm } from './form.ts';
import { type ParsedRequest, parsedForm } from './request.ts';

export const transcriptionsEndpoint: Endpoint = {
  dialect: openAiDialect,
  read: ({ bytes, headers }) => ({
    request: readTranscription(bytes, headers['content-type'] ?? ''),
    encoder: null,
  }),
};

/** Raises `invalid_value`. */
export function readTranscription(bytes: Buffer, contentType: string): ParsedRequest {
  const parts = parseForm(bytes, contentType);
  const file = parts.find(({ name, isFile }) => name === 'file' && isFile);
  if (file === undefined) {
    throw failRequest('invalid_value', 'file is missing.', { param: 'file' });
  }
  if (formText(bytes, parts, 'stream') === 'true') {
    throw failRequest('invalid_value', 'stream is not supported here.', { param: 'stream' });
  }
  const model = formText(bytes, parts, 'model');
  const fields = { model: model ?? undefined };
  return {
    ...parsedForm('transcriptions', { fields, bytes, contentType }),
    ...heardUse(bytes.subarray(file.from, file.to)),
  };
}
