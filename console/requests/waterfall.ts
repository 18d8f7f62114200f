/** Where the time of one request went, as shares of a bar. Pure. */
import type { UsageEvent } from '../cloud.ts';

export type Phase = 'queue' | 'first' | 'rest' | 'silence';

export type Span = Readonly<{ phase: Phase; startMs: number; durationMs: number; share: number }>;

/** A phase that took a moment among minutes is still to be seen. */
const SHARE_MIN = 0.01;

/**
 * In line for a replica, until the first byte, until the last; without a first byte what follows the line
 * is silence. Phases that took no time are left out.
 */
export function waterfall(
  event: Pick<UsageEvent, 'queueMs' | 'firstByteMs' | 'durationMs'>,
): readonly Span[] {
  const totalMs = Math.max(0, event.durationMs);
  const firstMs = Math.min(event.firstByteMs ?? totalMs, totalMs);
  const queueMs = Math.min(event.queueMs ?? 0, firstMs);
  const parts: readonly (readonly [Phase, number, number])[] = [
    ['queue', 0, queueMs],
    [event.firstByteMs === null ? 'silence' : 'first', queueMs, firstMs - queueMs],
    ['rest', firstMs, totalMs - firstMs],
  ];
  const spans = parts.filter(([, , durationMs]) => durationMs > 0);
  const weights = spans.map(([, , durationMs]) => Math.max(SHARE_MIN, durationMs / totalMs));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return spans.map(([phase, startMs, durationMs], index) => ({
    phase,
    startMs,
    durationMs,
    share: (weights[index] ?? 0) / sum,
  }));
}
