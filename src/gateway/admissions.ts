/**
 * Letting requests in and out: the money hold and the journal around them. A request that cannot be
 * journalled is not let in, because its usage could be lost; one that was let in is settled exactly
 * once, in the journal and in the lease book.
 */
import type { Clock } from '#platform/clock.ts';
import type { Log } from '#platform/log.ts';
import type {
  JournalRecord,
  Outcome,
  RequestIdentity,
  UsageBuckets,
  UsageSource,
} from '#metering/usage-event.ts';
import { rate } from '#pricing/price.ts';
import { type Plan, planRequest } from './admission.ts';
import type { KeyIdentity } from './control-client.ts';
import { failRequest } from './errors.ts';
import type { ServedModel } from './feed-view.ts';
import type { Hold } from './lease-book.ts';
import type { LeaseKeeper, Payer } from './lease-keeper.ts';
import type { ParsedRequest } from './wire/openai/request.ts';

/** What the gateway needs of the journal. `append` throws when the journal takes nothing more. */
export type UsageJournal = Readonly<{
  append: (record: JournalRecord) => void;
}>;

export type Candidate = Readonly<{
  requestId: string;
  key: KeyIdentity;
  served: ServedModel;
  request: ParsedRequest;
  /** From 1; a request that falls back to another model is admitted anew, at that model's price. */
  attempt?: number;
}>;

export type Admission = {
  readonly identity: RequestIdentity;
  readonly plan: Plan;
  readonly payer: Payer;
  /** Null where the model is free. */
  readonly hold: Hold | null;
  isSettled: boolean;
};

export type SettleFacts = Readonly<{
  outcome: Outcome;
  status: number;
  deploymentId: string | null;
  replicaId: string | null;
  usage: UsageBuckets;
  usageSource: UsageSource;
  firstByteMs: number | null;
}>;

/** A disk that is full is seen to within minutes; until then callers should not hammer. */
const JOURNAL_RETRY_AFTER_MS = 5_000;

export type AdmissionsDeps = Readonly<{
  journal: UsageJournal;
  leases: LeaseKeeper;
  clock: Clock;
  log: Log;
}>;

export class Admissions {
  readonly #deps: AdmissionsDeps;

  constructor(deps: AdmissionsDeps) {
    this.#deps = deps;
  }

  /** Raises `insufficient_quota`, `control_unavailable` or `journal_unavailable`. */
  admit(candidate: Candidate): Admission | Promise<Admission> {
    const plan = planRequest(candidate.served, candidate.request, this.#deps.clock.nowMs());
    const payer = { tenantId: candidate.key.tenantId, currency: plan.price?.currency ?? '' };
    if (plan.holdPico === 0n) return this.#enter(candidate, plan, payer, null);
    const hold = this.#deps.leases.hold(payer, plan.holdPico);
    if (!(hold instanceof Promise)) return this.#enter(candidate, plan, payer, hold);
    return hold.then((taken) => this.#enter(candidate, plan, payer, taken));
  }

  progress({ identity: { requestId, attempt } }: Admission, usage: UsageBuckets): void {
    this.#write({ kind: 'progress', requestId, attempt, usage });
  }

  settle(admission: Admission, facts: SettleFacts): void {
    if (admission.isSettled) return;
    admission.isSettled = true;
    const { identity, plan, payer, hold } = admission;
    if (hold !== null) {
      const spent = plan.price === null ? 0n : rate(facts.usage, plan.price).amountPico;
      this.#deps.leases.settle(payer, hold, spent);
    }
    const { firstByteMs, ...rest } = facts;
    const { admittedAtMs } = identity;
    this.#write({
      kind: 'settled',
      ...identity,
      ...rest,
      firstByteAtMs: firstByteMs === null ? null : Math.round(admittedAtMs + firstByteMs),
      settledAtMs: this.#deps.clock.nowMs(),
    });
  }

  #enter(candidate: Candidate, plan: Plan, payer: Payer, hold: Hold | null): Admission {
    const identity = identify(candidate, plan, hold, this.#deps.clock.nowMs());
    const { inputEstimate } = plan;
    try {
      this.#deps.journal.append({ kind: 'admitted', ...identity, inputEstimate });
    } catch (error) {
      if (hold !== null) this.#deps.leases.settle(payer, hold, 0n);
      throw failRequest('journal_unavailable', 'Usage cannot be recorded just now.', {
        retryAfterMs: JOURNAL_RETRY_AFTER_MS,
        cause: error,
      });
    }
    return { identity, plan, payer, hold, isSettled: false };
  }

  /** Past admission a journal that fails can refuse nobody any more: it is said loudly. */
  #write(record: JournalRecord): void {
    try {
      this.#deps.journal.append(record);
    } catch (error) {
      this.#deps.log.error('journal.record_lost', {
        requestId: record.requestId,
        kind: record.kind,
        usage: 'usage' in record ? record.usage : null,
        error,
      });
    }
  }
}

function identify(
  { requestId, key, served, request, attempt = 1 }: Candidate,
  plan: Plan,
  hold: Hold | null,
  nowMs: number,
): RequestIdentity {
  return {
    requestId,
    attempt,
    tenantId: key.tenantId,
    projectId: key.projectId,
    keyId: key.id,
    modelName: request.model,
    modelId: served.model.modelId,
    priceId: plan.price?.priceId ?? null,
    leaseId: hold?.leaseId ?? null,
    holdPico: plan.holdPico.toString(),
    admittedAtMs: nowMs,
  };
}
