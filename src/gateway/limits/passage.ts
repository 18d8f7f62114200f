/**
 * One request on its way through its limits: checked when it comes, taken when it is admitted, settled
 * when it ends. Where nothing limits its key this is a few comparisons and no object more.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Plan } from '../admission.ts';
import type { KeyIdentity } from '../control-client.ts';
import { failRequest } from '../errors.ts';
import type { ServedModel } from '../feed-view.ts';
import type { Reply } from '../reply.ts';
import type { ParsedRequest } from '../wire/openai/request.ts';
import type { RateLimit } from '../wire/wire.ts';
import { type Draw, growTo, settleAll, undoAll } from './draw.ts';
import type { Limiter } from './limiter.ts';
import type { Meter } from './meter.ts';
import { type Policy, requireAddress, requireModel } from './policy.ts';

/** Of ours, and the two names that DashScope's clients know. Seconds. */
const WAIT_HEADERS = [
  'x-flywheel-wait-time',
  'x-dashscope-wait-timeout',
  'x-dashscope-wait-time',
] as const;
/** As DashScope bounds it: beyond this a client is better served by coming back. */
const WAIT_SECONDS_MAX = 120;

export class Passage {
  readonly #limiter: Limiter;
  readonly #policy: Policy;
  readonly #waitMs: number;
  #request: ParsedRequest | null = null;
  #draw: Draw | null = null;
  #leaveLine: ((reason: Error) => void) | null = null;
  /** It may leave before it stands anywhere. */
  #leftBecause: Error | null = null;
  #isShown = false;

  /** Raises `address_not_allowed` and `invalid_value`. */
  constructor(limiter: Limiter, policy: Policy, incoming: IncomingMessage, key: KeyIdentity) {
    this.#limiter = limiter;
    this.#policy = policy;
    this.#waitMs = readWait(incoming.headers);
    // A batch calls from control and a task from here; where its key was at that moment was looked at when
    // it asked for them.
    if (key.actsFor === undefined) requireAddress(policy, () => limiter.readAddress(incoming));
  }

  get regions(): ReadonlySet<string> | null {
    return this.#policy.regions;
  }

  /** Raises `model_not_allowed`, `region_not_allowed`, and whatever `Limiter.take` raises. */
  take(served: ServedModel, request: ParsedRequest, plan: Plan): null | Promise<void> {
    const { meters } = this.#policy;
    requireModel(this.#policy, request.model, served.replicas);
    if (meters.length === 0) return null;
    this.#request = request;
    const tokens = this.#limiter.estimate.of(request, plan);
    const draw: Draw = { meters, tokens, holdPico: plan.holdPico, takenAtMs: null };
    this.#draw = draw;
    return this.#limiter.take(draw, { waitMs: this.#waitMs, onWait: this.#onWait });
  }

  /** What was admitted did not get in after all. */
  undo(): void {
    if (this.#draw === null || this.#draw.takenAtMs === null) return;
    undoAll(this.#draw, this.#limiter.nowMs());
    this.#limiter.ended();
  }

  /** The answer has grown to this many tokens, prompt included. */
  grow(tokens: number): void {
    if (this.#draw !== null) growTo(this.#draw, tokens, this.#limiter.nowMs());
  }

  settle(
    real: Readonly<{ prompt: number; answer: number; isCounted: boolean; spentPico: bigint }>,
  ): void {
    if (this.#draw === null || this.#draw.takenAtMs === null) return;
    if (real.isCounted && this.#request !== null) this.#limiter.estimate.learn(this.#request, real);
    const tokens = real.prompt + real.answer;
    settleAll(this.#draw, { tokens, spentPico: real.spentPico }, this.#limiter.nowMs());
    this.#limiter.ended();
  }

  /** The caller left while it stood in line. */
  leave(reason: Error): void {
    this.#leftBecause = reason;
    this.#leaveLine?.(reason);
  }

  /** What is left of the narrowest limits, once, in whatever is answered. */
  show(reply: Reply): void {
    if (this.#isShown || this.#draw === null || reply.isStarted) return;
    this.#isShown = true;
    const nowMs = this.#limiter.nowMs();
    const requests = narrowest(this.#policy.meters, 'requests_per_minute', nowMs);
    const tokens = narrowest(this.#policy.meters, 'tokens_per_minute', nowMs);
    if (requests !== null || tokens !== null) reply.addRateLimits({ requests, tokens });
  }

  readonly #onWait = (leave: (reason: Error) => void): void => {
    if (this.#leftBecause !== null) leave(this.#leftBecause);
    this.#leaveLine = leave;
  };
}

/** Null where nothing limits the key. Raises `control_unavailable`, `address_not_allowed`, `invalid_value`. */
export function openPassage(
  limiter: Limiter,
  key: KeyIdentity,
  incoming: IncomingMessage,
): Passage | null | Promise<Passage | null> {
  const open = (policy: Policy): Passage | null =>
    policy.levels.length === 0 ? null : new Passage(limiter, policy, incoming, key);
  const policy = limiter.policyOf(key);
  return policy instanceof Promise ? policy.then(open) : open(policy);
}

/** The limit of which the least is left. */
function narrowest(
  meters: readonly Meter[],
  metric: Meter['address']['metric'],
  nowMs: number,
): RateLimit | null {
  let narrow: RateLimit | null = null;
  for (const meter of meters) {
    if (meter.address.metric !== metric) continue;
    const standing = meter.standing(nowMs);
    if (!Number.isFinite(standing.limit)) continue;
    if (narrow === null || standing.remaining < narrow.remaining) narrow = standing;
  }
  return narrow;
}

function readWait(headers: IncomingHttpHeaders): number {
  for (const name of WAIT_HEADERS) {
    const text = headers[name];
    if (text === undefined) continue;
    const seconds = typeof text === 'string' && text !== '' ? Number(text) : Number.NaN;
    if (!Number.isFinite(seconds) || seconds < 0) {
      throw failRequest('invalid_value', `${name} should be a number of seconds.`, { param: name });
    }
    return Math.min(seconds, WAIT_SECONDS_MAX) * 1000;
  }
  return 0;
}
