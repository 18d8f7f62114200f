/**
 * What ModelScope's clients unwrap: `/api/v1` answers with `Code`, `Success`, `Message`, `RequestId`, `Data`,
 * `/openapi/v1` with the same in small letters. Pure. modelscope_hub: errors.py, _legacy_api.py, _openapi.py.
 */
import type { FlywheelError } from '#platform/error.ts';
import { createId } from '#platform/id.ts';

type Refusal = Readonly<{ status: number; headers: Record<string, string>; body: unknown }>;

export function enveloped(data: unknown) {
  return { Code: 200, Success: true, Message: 'success', RequestId: createId('req'), Data: data };
}

export function openEnveloped(data: unknown) {
  return { success: true, code: '', message: '', request_id: createId('req'), data };
}

/**
 * The clients tell "it is there already" by its words, and try a commit again after a 500: a branch that
 * somebody else moved is one, a parent that is gone is not.
 */
export function refusalOf(error: FlywheelError, isOpen: boolean): Refusal {
  const status = error.code === 'commit.raced' ? 503 : error.status;
  const message =
    error.code === 'repository.exists' ? `Already exists: ${error.message}` : error.message;
  const headers: Record<string, string> = {};
  if (error.retryAfterMs !== null) {
    headers['retry-after'] = String(Math.ceil(error.retryAfterMs / 1000));
  }
  const id = createId('req');
  const body = isOpen
    ? { success: false, code: error.code, message, request_id: id, data: null }
    : { Code: status, Success: false, Message: message, RequestId: id, Data: null };
  return { status, headers, body };
}
