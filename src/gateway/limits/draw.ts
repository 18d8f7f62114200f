/** What one request takes of its limits, from when it is let in until it is settled. */
import type { Meter } from './meter.ts';

export type Draw = {
  readonly meters: readonly Meter[];
  /** Reserved until the engine has counted. */
  tokens: number;
  readonly holdPico: bigint;
  /** By the monotonic clock; null while nothing is taken. */
  takenAtMs: number | null;
};

/** Takes from all meters or from none. Returns the first that has no room. */
export function takeAll(draw: Draw, nowMs: number): Meter | null {
  for (const meter of draw.meters) if (!meter.fits(draw, nowMs)) return meter;
  draw.takenAtMs = nowMs;
  for (const meter of draw.meters) meter.take(draw, nowMs);
  return null;
}

/** As if it had never been taken. */
export function undoAll(draw: Draw, nowMs: number): void {
  if (draw.takenAtMs === null) return;
  for (const meter of draw.meters) meter.undo(draw, nowMs);
  draw.takenAtMs = null;
}

/** What it really was, in the place of what was reserved; once. */
export function settleAll(
  draw: Draw,
  real: Readonly<{ tokens: number; spentPico: bigint }>,
  nowMs: number,
): void {
  if (draw.takenAtMs === null) return;
  for (const meter of draw.meters) meter.settle(draw, real, nowMs);
  draw.takenAtMs = null;
}

/** An answer that is longer than was reserved counts while it grows, not only at its end. */
export function growTo(draw: Draw, tokens: number, nowMs: number): void {
  if (draw.takenAtMs === null || tokens <= draw.tokens) return;
  for (const meter of draw.meters) meter.grow(tokens - draw.tokens, nowMs);
  draw.tokens = tokens;
}
