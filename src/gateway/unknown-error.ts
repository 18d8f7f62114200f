/** Whatever was thrown, as something a caller may hear: what nobody expected is logged and kept from them. */
import { FlywheelError } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';

export function asError(thrown: unknown, log: Log, requestId: string): FlywheelError {
  if (thrown instanceof FlywheelError) return thrown;
  log.error('request.broke', { requestId, error: thrown });
  return new FlywheelError('internal', 'Something went wrong here.', { status: 500 });
}
