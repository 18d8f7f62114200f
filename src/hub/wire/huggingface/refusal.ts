/**
 * Errors as Hugging Face's clients tell them apart: by header, not by body. Pure.
 * huggingface_hub: utils/_http.py, hf_raise_for_status.
 */
import type { FlywheelError } from '#platform/error.ts';

export type Refusal = Readonly<{
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Readonly<{ error: string }>;
}>;

/** With the status the clients expect beside it. */
const FORBIDDEN: Readonly<Record<string, string>> = { 'repository.gated': 'GatedRepo' };

const CODES: Readonly<Record<string, string>> = {
  'model.unknown': 'RepoNotFound',
  // A name that no model can have is the name of no model.
  'model.name_invalid': 'RepoNotFound',
  'revision.unknown': 'RevisionNotFound',
  'file.unknown': 'EntryNotFound',
};

/** What makes the clients say that the token is wrong, and not that the model is missing. */
const BAD_TOKEN = 'Invalid credentials in Authorization header';

export function refusalOf(error: FlywheelError): Refusal {
  const code = CODES[error.code];
  const isToken = error.code === 'auth.key_invalid';
  const message = isToken ? BAD_TOKEN : error.message;
  const headers: Record<string, string> = { 'x-error-message': headerText(message) };
  const named = code ?? FORBIDDEN[error.code];
  if (named !== undefined) headers['x-error-code'] = named;
  if (error.retryAfterMs !== null) {
    const seconds = String(Math.ceil(error.retryAfterMs / 1000));
    headers['retry-after'] = seconds;
    headers['ratelimit'] = `"resolvers";r=0;t=${seconds}`;
  }
  return { status: code === undefined ? error.status : 404, headers, body: { error: message } };
}

/** A header holds ASCII; our messages may quote a name in any script. */
function headerText(message: string): string {
  return message.replace(/[^\x20-\x7e]/g, '?').slice(0, 500);
}
