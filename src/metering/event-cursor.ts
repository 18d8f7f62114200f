/** Where a page of events ended, as text a caller sends back: time, attempt and request. Pure. */
import type { UsageEvent } from './api.ts';
import { fail } from './errors.ts';
import type { EventCursor } from './event-store.ts';

const CURSOR = /^(\d{1,16})\.(\d{1,9})\.(.{1,200})$/;

export function formatCursor(
  event: Pick<UsageEvent, 'admittedAt' | 'durationMs' | 'attempt' | 'requestId'>,
): string {
  const settledAtMs = Date.parse(event.admittedAt) + event.durationMs;
  return `${settledAtMs}.${event.attempt}.${event.requestId}`;
}

/** Raises `usage.cursor_invalid`. */
export function parseCursor(text: string): EventCursor {
  const match = CURSOR.exec(text);
  if (match === null) {
    throw fail('usage.cursor_invalid', 'Send `nextCursor` of the page before.', {
      param: 'cursor',
    });
  }
  const [, settledAtMs, attempt, requestId = ''] = match;
  return { settledAtMs: Number(settledAtMs), attempt: Number(attempt), requestId };
}
