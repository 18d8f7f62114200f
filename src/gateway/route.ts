/**
 * Which replica answers. Pure: the state of the replicas and the request in, a decision out. The
 * caller's region first, then health, then the lowest score: (prefill that would be new there) × (requests
 * that would then share it). The first factor sends a prompt to where its beginning is cached, the second
 * away from where the crowd is, and their product needs no weight between them (LMetric, arXiv
 * 2603.15202). Where nothing is known of prompts it is the least work for the replica's size.
 */
export type RouteReplica = Readonly<{
  id: string;
  region: string;
  state: 'ready' | 'draining';
  /** Requests that this gateway has on it now. */
  outstanding: number;
  /** Requests it works on at the same time. */
  parallel: number;
  /** Not tried before then, because it failed just now; 0 when healthy. */
  restsUntilMs: number;
  /** Work to read the prompt there, without what is cached; the same for all where prompts do not matter. */
  newPrefill?: number;
}>;

export type RouteRequest = Readonly<{
  region: string;
  nowMs: number;
  /** Replicas that this request has failed on. */
  tried: readonly string[];
}>;

export type RouteDecision =
  | Readonly<{ kind: 'replica'; id: string }>
  /** Replicas are ready and all their slots are taken. */
  | Readonly<{ kind: 'full' }>
  | Readonly<{ kind: 'none' }>;

export function chooseReplica(
  replicas: readonly RouteReplica[],
  request: RouteRequest,
): RouteDecision {
  let best: RouteReplica | null = null;
  let isFull = false;
  for (const replica of replicas) {
    if (replica.state !== 'ready') continue;
    if (replica.outstanding >= replica.parallel) {
      isFull = true;
      continue;
    }
    if (best === null || isBetter(replica, best, request)) best = replica;
  }
  if (best !== null) return { kind: 'replica', id: best.id };
  return { kind: isFull ? 'full' : 'none' };
}

function isBetter(left: RouteReplica, right: RouteReplica, request: RouteRequest): boolean {
  const untried = compare(left, right, (replica) => (request.tried.includes(replica.id) ? 1 : 0));
  if (untried !== 0) return untried < 0;
  const near = compare(left, right, (replica) => (replica.region === request.region ? 0 : 1));
  if (near !== 0) return near < 0;
  // Resting replicas stay a last resort: with one replica, trying it beats refusing everyone.
  const rested = compare(left, right, (replica) =>
    Math.max(0, replica.restsUntilMs - request.nowMs),
  );
  if (rested !== 0) return rested < 0;
  const score = scoreOf(left) - scoreOf(right);
  // The same product: where more is cached memory is reused, and elsewhere it is kept for others.
  return score === 0 ? (left.newPrefill ?? 1) < (right.newPrefill ?? 1) : score < 0;
}

/** With the request itself counted, so that an idle replica is not free whatever it has to read. */
function scoreOf({ newPrefill, outstanding, parallel }: RouteReplica): number {
  return ((newPrefill ?? 1) * (outstanding + 1)) / parallel;
}

function compare(
  left: RouteReplica,
  right: RouteReplica,
  measure: (replica: RouteReplica) => number,
): number {
  return measure(left) - measure(right);
}
