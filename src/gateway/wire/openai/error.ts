/** Errors in OpenAI's shape. The message is for a person; programs match on `code` and the status. */
import type { FlywheelError } from '#platform/error.ts';

export type OpenAiError = Readonly<{
  error: Readonly<{ message: string; type: string; param: string | null; code: string }>;
}>;

export function openAiError(error: FlywheelError): OpenAiError {
  const { message, param } = error;
  // OpenAI has one code for all limits and says by the type which it was.
  if (error.code === 'tokens_rate_limit_exceeded') {
    return { error: { message, type: 'tokens', param, code: 'rate_limit_exceeded' } };
  }
  const { code } = error;
  return { error: { message, type: typeOf(error.status, code), param, code } };
}

/** An error after the answer began: one event, and no `[DONE]` after it, so that nobody takes it for an end. */
export function openAiErrorEvent(error: FlywheelError): string {
  return `data: ${JSON.stringify(openAiError(error))}\n\n`;
}

function typeOf(status: number, code: string): string {
  if (code === 'insufficient_quota') return 'insufficient_quota';
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 404) return 'not_found_error';
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

/** Where our engines live is nobody's business: addresses in their messages are blanked. */
export function withoutAddresses(message: string): string {
  return message
    .replaceAll(/\b[a-z][a-z+.-]*:\/\/[^\s"'<>]+/gi, '[address]')
    .replaceAll(/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b/g, '[address]')
    .replaceAll(/\b(?:localhost|[\w-]+(?:\.[\w-]+)+):\d{1,5}\b/gi, '[address]')
    .slice(0, MESSAGE_CHARACTERS_MAX);
}

/** Longer than any engine's explanation, shorter than a page of HTML. */
const MESSAGE_CHARACTERS_MAX = 2000;
