/** What a person or a program is told when a command fails: message, code, hint, request id. */
import { ApiError } from '#client/api-error.ts';
import type { Terminal } from './terminal.ts';
import { oneLine } from './text.ts';
import { UsageError } from './usage-error.ts';

const HINTS: Readonly<Record<string, string>> = {
  'connection.failed': 'Is it running? Start one with `flywheel up`, or name it with --url.',
  'connection.timeout': 'It is there and does not answer. `flywheel status` may tell more.',
  'response.invalid': 'Check --url or FLYWHEEL_URL.',
  'auth.missing': 'Pass --key or set FLYWHEEL_API_KEY; `flywheel key create` makes one.',
  'auth.key_invalid': 'Check --key or FLYWHEEL_API_KEY; `flywheel key create` makes a new one.',
  'access.denied': 'Ask an owner of the tenant for a key with a higher role.',
  invalid_api_key: 'Check --key or FLYWHEEL_API_KEY; `flywheel key create` makes a new one.',
  model_not_found: '`flywheel deployment list` shows what is served.',
  'model.unknown': '`flywheel model list` shows what there is.',
  'deployment.unknown': '`flywheel deployment list` shows what there is.',
  'key.unknown': '`flywheel key list` shows what there is.',
  'price.approval_required':
    'Another member runs `flywheel price approve`; `price set --draft TITLE` makes a draft.',
  'price.draft_unknown': '`flywheel price draft` shows what there is.',
  'price.draft_changed': '`flywheel price diff` shows what it says now.',
  'config.unknown': 'Remove the variable, or correct its name.',
};

type Failure = Readonly<{
  message: string;
  code: string;
  status: number | null;
  param: string | null;
  hint: string | null;
  requestId: string | null;
}>;

/** Writes to standard error, as JSON when the result would have been JSON. */
export function printFailure(error: unknown, terminal: Terminal, isJson: boolean): void {
  const failure = describe(error);
  const { notes } = terminal;
  if (isJson) return notes.line(JSON.stringify({ error: failure }));
  const [message = '', ...more] = failure.message.split('\n');
  notes.line(`${notes.style('red', 'error')}  ${oneLine(message)}`);
  for (const line of more) notes.line(`       ${oneLine(line)}`);
  const facts: readonly (readonly [string, string | null])[] = [
    ['hint', failure.hint],
    ['code', failure.code === 'usage' ? null : failure.code],
    ['field', failure.param],
    ['request', failure.requestId],
  ];
  for (const [name, value] of facts) {
    if (value !== null) notes.line(`${notes.style('dim', name.padStart(7))}  ${oneLine(value)}`);
  }
}

function describe(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const nothing = { message, status: null, param: null, requestId: null };
  if (error instanceof UsageError) return { ...nothing, code: error.code, hint: error.hint };
  if (error instanceof ApiError) {
    const { code, status, param, requestId, retryAfterMs } = error;
    const wait = retryAfterMs === null ? null : `Try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
    return { message, code, status, param, requestId, hint: HINTS[code] ?? wait };
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'failed';
  return { ...nothing, code, hint: HINTS[code] ?? null };
}
