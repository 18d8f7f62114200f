/**
 * How many replicas a deployment should have. Pure. It grows by one when every ready replica is
 * full, shrinks by one when fewer would carry the load with room to spare, sleeps when nobody has
 * asked for a while and its minimum is zero, and wakes with the first request. Cool-downs keep one
 * decision from being taken twice before its effect shows.
 */
import type { ReplicaState } from './api.ts';

export type ScaleInput = Readonly<{
  replicasMin: number;
  replicasMax: number;
  replicasWanted: number;
  /** Requests one replica works on at a time. */
  parallel: number;
  replicas: readonly Readonly<{ state: ReplicaState; running: number; waiting: number }>[];
  /** When a request last asked for it. */
  lastWantedAtMs: number;
  /** When the wanted number last changed. */
  scaledAtMs: number;
  nowMs: number;
}>;

/** Two looks at the load at least, so that one burst does not start an engine. */
export const GROW_AFTER_MS = 5_000;
/** Starting again costs seconds to minutes; a lull shorter than this is not worth it. */
export const SHRINK_AFTER_MS = 120_000;
export const SLEEP_AFTER_MS = 600_000;
/** One replica less must still leave this share of the slots free. */
const SPARE_SHARE = 0.3;

export function wantedReplicas(input: ScaleInput): number {
  const { replicasMin, replicasMax, nowMs } = input;
  const current = Math.min(replicasMax, Math.max(replicasMin, input.replicasWanted));
  const ready = input.replicas.filter(({ state }) => state === 'ready');
  const load = ready.reduce((sum, { running, waiting }) => sum + running + waiting, 0);
  const sinceScaledMs = nowMs - input.scaledAtMs;

  const isFull =
    ready.length > 0 && ready.length >= current && load >= ready.length * input.parallel;
  if (isFull && current < replicasMax && sinceScaledMs >= GROW_AFTER_MS) return current + 1;

  const idleMs = nowMs - input.lastWantedAtMs;
  if (
    replicasMin === 0 &&
    load === 0 &&
    idleMs >= SLEEP_AFTER_MS &&
    sinceScaledMs >= SLEEP_AFTER_MS
  )
    return 0;

  const floor = Math.max(1, replicasMin);
  const fits = load <= (current - 1) * input.parallel * (1 - SPARE_SHARE);
  if (current > floor && fits && sinceScaledMs >= SHRINK_AFTER_MS) return current - 1;
  return current;
}
