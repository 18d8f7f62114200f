/**
 * Replicas that answer, but worse than their peers: failing more often, or slower to the first byte by
 * far. Pure. They are set aside for a while, never more than a third of a pool and never the last one,
 * because a pool that is bad altogether has no outliers: then the model or the network is the cause.
 */
export type Conduct = Readonly<{
  id: string;
  ok: number;
  failed: number;
  /** Mean time to the first byte of what succeeded; null where nothing did. */
  firstByteMs: number | null;
  isEjected: boolean;
}>;

/** Fewer requests in a window prove nothing. */
const SAMPLES_MIN = 20;
/** A failure in five, and three times the share of the others. */
const FAILED_SHARE_MIN = 0.2;
const TIMES_WORSE = 3;
/** Below this a difference is noise, whatever its ratio. */
const SLOWER_MS_MIN = 250;
const EJECTED_SHARE_MAX = 1 / 3;

/** Ids to set aside now, the worst first. */
export function findOutliers(pool: readonly Conduct[]): string[] {
  const ejected = pool.filter(({ isEjected }) => isEjected).length;
  const roomByShare = Math.max(1, Math.floor(pool.length * EJECTED_SHARE_MAX)) - ejected;
  const room = Math.min(roomByShare, pool.length - ejected - 1);
  if (room <= 0) return [];
  return pool
    .filter((one) => !one.isEjected && one.ok + one.failed >= SAMPLES_MIN)
    .map((one) => ({ id: one.id, badness: badnessOf(one, pool) }))
    .filter(({ badness }) => badness > 0)
    .toSorted((left, right) => right.badness - left.badness)
    .slice(0, room)
    .map(({ id }) => id);
}

/** 0 where it is no outlier; failing weighs more than any slowness. */
function badnessOf(one: Conduct, pool: readonly Conduct[]): number {
  const peers = pool.filter(({ id, isEjected }) => id !== one.id && !isEjected);
  const share = failedShare(one);
  const usualShare = median(peers.filter(hasSamples).map(failedShare));
  if (usualShare === null) return 0;
  if (share >= FAILED_SHARE_MIN && share > TIMES_WORSE * usualShare) return 1_000 + share;
  const usualMs = median(peers.filter(hasSamples).flatMap(({ firstByteMs }) => firstByteMs ?? []));
  if (usualMs === null || one.firstByteMs === null) return 0;
  const isSlower =
    one.firstByteMs > TIMES_WORSE * usualMs && one.firstByteMs - usualMs >= SLOWER_MS_MIN;
  return isSlower ? one.firstByteMs / Math.max(1, usualMs) : 0;
}

function hasSamples({ ok, failed }: Conduct): boolean {
  return ok + failed >= SAMPLES_MIN;
}

function failedShare({ ok, failed }: Conduct): number {
  return failed / Math.max(1, ok + failed);
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}
