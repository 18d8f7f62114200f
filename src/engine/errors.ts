/**
 * The engine's errors. `failEngine` is about an engine as a whole and is shown to operators;
 * `failRequest` is about one request and uses the codes of OpenAI's dialect, because callers'
 * programs match on them.
 */
import { defineErrors } from '#platform/error.ts';

const engineErrors = {
  'engine.spec_invalid': { status: 400 },
  'engine.weights_missing': { status: 400 },
  'engine.weights_unreadable': { status: 400 },
  'engine.weights_foreign': { status: 400 },
  'engine.weights_corrupt': { status: 400 },
  'engine.context_too_long': { status: 400 },
  'engine.memory_short': { status: 507 },
  'engine.start_failed': { status: 500, retryable: true },
  'engine.start_timeout': { status: 504, retryable: true },
  'engine.start_aborted': { status: 499 },
  'engine.key_refused': { status: 400 },
  'engine.unreachable': { status: 502, retryable: true },
};

export type EngineErrorCode = keyof typeof engineErrors;

export const failEngine = defineErrors(engineErrors);

/** For codes that arrive from another process. */
export function isEngineErrorCode(code: string): code is EngineErrorCode {
  return Object.hasOwn(engineErrors, code);
}

export const failRequest = defineErrors({
  invalid_json: { status: 400 },
  invalid_value: { status: 400 },
  unsupported_parameter: { status: 400 },
  unsupported_operation: { status: 400 },
  context_length_exceeded: { status: 400 },
  invalid_api_key: { status: 401 },
  model_not_found: { status: 404 },
  unknown_url: { status: 404 },
  request_too_large: { status: 413 },
  engine_busy: { status: 503, retryable: true },
  engine_stopping: { status: 503, retryable: true },
  engine_failed: { status: 500, retryable: true },
});
