/**
 * Letting requests in and out: the money hold and the journal around them. A request that cannot be
 * journalled is not let in, because its usage could be lost; one that was let in is settled exactly
 * once, in the journal and in the lease book.
 */
import { leaseModel } from '#ledger/covering.ts';
import type { Clock } from '#platform/clock.ts';
import type { Log } from '#platform/log.ts';
import {
  type JournalRecord,
  type Outcome,
  type RequestIdentity,
  type UsageBuckets,
  quantitiesOf,
} from '#metering/usage-event.ts';
import { rate } from '#pricing/rate.ts';
import { inputTokensOf, outputTokensOf } from '#pricing/quantities.ts';
import type { PriceTier } from '#pricing/tier.ts';
import { type Plan, planRequest } from './admission.ts';
import type { KeyIdentity } from './control-client.ts';
import { failRequest } from './errors.ts';
import type { ServedModel } from './feed-view.ts';
import type { Hold, Wanted } from './lease-book.ts';
import type { LeaseKeeper, Payer } from './lease-keeper.ts';
import type { Passage } from './limits/passage.ts';
import { OutputEstimates } from './output-estimates.ts';
import type { Settlement } from './settlement.ts';
import { toldTo } from './usage/priced-use.ts';
import { StreamFunds } from './stream-funds.ts';
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
  /** What it is priced as. */
  tier?: PriceTier;
  /** The answer is in the cache already. */
  isCached?: boolean;
  /** Null where nothing limits the key. */
  passage?: Passage | null;
}>;

/** What the cache answers takes no tokens and costs nothing; it is a request all the same. */
const NO_WORK = {
  inputEstimate: 0,
  outputTokensMax: 0,
  outputEstimate: 0,
  holdPico: 0n,
  isPerRequest: false,
} as const;

/** Beside the longest answer, the one to be expected. */
type EstimatedPlan = Plan & Readonly<{ outputEstimate: number }>;

export type Admission = {
  readonly identity: RequestIdentity;
  readonly plan: EstimatedPlan;
  readonly payer: Payer;
  /** Null where the model is free. */
  readonly hold: Hold | null;
  readonly passage: Passage | null;
  isSettled: boolean;
};

export type SettleFacts = Settlement &
  Readonly<{
    outcome: Outcome;
    status: number;
    deploymentId: string | null;
    replicaId: string | null;
    region: string | null;
    firstByteMs: number | null;
    /** Null where the cache had no say. */
    cache: 'hit' | 'miss' | null;
    /** 0 where it did not wait for a replica. */
    queueMs: number;
    /** Of the error that it ended with. */
    code: string | null;
  }>;

/** A disk that is full is seen to within minutes; until then callers should not hammer. */
const JOURNAL_RETRY_AFTER_MS = 5_000;
/** In strict mode; a disk that takes longer for some hundred bytes is broken. */
const ON_DISK_WAIT_MS = 5_000;

export type AdmissionsDeps = Readonly<{
  journal: UsageJournal & Readonly<{ flush: () => Promise<void> }>;
  leases: LeaseKeeper;
  /** See `Admissions.isStrict`; relaxed where it is missing. */
  isStrict?: boolean | undefined;
  clock: Clock;
  log: Log;
}>;

export class Admissions {
  readonly #deps: AdmissionsDeps;
  readonly #estimates = new OutputEstimates();

  constructor(deps: AdmissionsDeps) {
    this.#deps = deps;
  }

  /** Raises `model_not_priced`, `insufficient_quota`, `control_unavailable` or `journal_unavailable`, and what its limits raise. */
  admit(candidate: Candidate): Admission | Promise<Admission> {
    const { served, request, passage = null } = candidate;
    const planned = planRequest(served, request, {
      nowMs: this.#deps.clock.nowMs(),
      tier: candidate.tier ?? 'default',
      currency: candidate.key.currency,
    });
    const outputEstimate = this.#estimates.of(served.model.modelId, planned.outputTokensMax);
    const work = candidate.isCached === true ? NO_WORK : { outputEstimate };
    const plan = { ...planned, ...work };
    const waiting = passage?.take(served, request, plan) ?? null;
    if (waiting !== null) return waiting.then(() => this.#hold(candidate, plan));
    return this.#hold(candidate, plan);
  }

  /** What its limits gave goes back when there is no money, or no journal. */
  #hold(candidate: Candidate, plan: EstimatedPlan): Admission | Promise<Admission> {
    const { key, passage } = candidate;
    const payer = { tenantId: key.tenantId, currency: plan.price?.currency ?? '' };
    try {
      if (plan.holdPico === 0n) return this.#enter(candidate, plan, payer, null);
      const hold = this.#deps.leases.hold(payer, this.#wantedOf(candidate, plan));
      if (!(hold instanceof Promise)) return this.#enter(candidate, plan, payer, hold);
      return hold
        .then((taken) => this.#enter(candidate, plan, payer, taken))
        .catch((error: unknown) => {
          passage?.undo();
          throw error;
        });
    } catch (error) {
      passage?.undo();
      throw error;
    }
  }

  #wantedOf({ key, served, request, tier = 'default' }: Candidate, plan: EstimatedPlan): Wanted {
    const modelId = leaseModel(served.model.modelId, tier);
    return {
      worstPico: plan.holdPico,
      estimatePico: plan.costOf(plan.outputEstimate),
      isStoppable: request.isStream,
      scope: { projectId: key.projectId, modelId },
    };
  }

  /** How far its answer may go: `funds` is null where it is free. */
  boundsOf(
    admission: Admission | null,
  ): Readonly<{ deliveredMax: number; funds: StreamFunds | null }> {
    if (admission === null) return { deliveredMax: 0, funds: null };
    const { plan, payer, hold } = admission;
    const { deliveredMax, outputTokensMax, outputEstimate } = plan;
    if (hold === null) return { deliveredMax, funds: null };
    const isWorst = hold.estimatePico >= plan.holdPico;
    const covered = isWorst ? outputTokensMax : outputEstimate;
    const funds = new StreamFunds(covered, (tokens) =>
      admission.isSettled ? false : this.#deps.leases.raise(payer, hold, plan.costOf(tokens)),
    );
    return { deliveredMax, funds };
  }

  /** Admissions lie on disk before an engine is called, and whole answers leave when they do too. */
  get isStrict(): boolean {
    return this.#deps.isStrict === true;
  }

  /** As `durable`, for as long as a caller may wait. Raises `journal_unavailable`. */
  async onDisk(): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error('the disk is slow')), ON_DISK_WAIT_MS);
    try {
      await Promise.race([this.durable(), late.promise]);
    } catch (cause) {
      throw unjournalled(cause);
    } finally {
      clearTimeout(timer);
    }
  }

  /** All that was written so far lies on disk. */
  durable(): Promise<void> {
    return this.#deps.journal.flush();
  }

  progress({ identity, passage }: Admission, usage: UsageBuckets): void {
    const { requestId, attempt } = identity;
    passage?.grow(inputTokensOf(usage) + outputTokensOf(usage));
    this.#write({ kind: 'progress', requestId, attempt, usage });
  }

  settle(admission: Admission, facts: SettleFacts): void {
    if (admission.isSettled) return;
    admission.isSettled = true;
    const { identity, plan, payer, hold, passage } = admission;
    const used = toldTo(plan, facts);
    const { usage } = used;
    const spentPico =
      hold === null || plan.price === null ? 0n : rate(quantitiesOf(used), plan.price).amountPico;
    if (hold !== null) this.#deps.leases.settle(payer, hold, spentPico);
    if (facts.outcome === 'finished') {
      this.#estimates.learn(identity.modelId, usage.output + usage.reasoning);
    }
    if (passage !== null) {
      const isCounted = facts.usageSource === 'engine' && facts.outcome === 'finished';
      const [prompt, answer] = [inputTokensOf(usage), outputTokensOf(usage)];
      passage.settle({ prompt, answer, isCounted, spentPico });
    }
    const { firstByteMs, cache, queueMs, code } = facts;
    const { admittedAtMs } = identity;
    this.#write({
      kind: 'settled',
      ...identity,
      outcome: facts.outcome,
      status: facts.status,
      deploymentId: facts.deploymentId,
      replicaId: facts.replicaId,
      usage,
      usageSource: used.usageSource,
      ...(used.units !== undefined && { units: used.units }),
      ...(used.attributes !== undefined && { attributes: used.attributes }),
      ...(cache === null ? {} : { cache }),
      ...(queueMs > 0 ? { queueMs: Math.round(queueMs) } : {}),
      ...(code === null ? {} : { errorCode: plainCode(code) }),
      firstByteAtMs: firstByteMs === null ? null : Math.round(admittedAtMs + firstByteMs),
      settledAtMs: this.#deps.clock.nowMs(),
    });
  }

  #enter(candidate: Candidate, plan: EstimatedPlan, payer: Payer, hold: Hold | null): Admission {
    const identity = identify(candidate, plan, hold, this.#deps.clock.nowMs());
    const { inputEstimate } = plan;
    try {
      this.#deps.journal.append({ kind: 'admitted', ...identity, inputEstimate });
    } catch (error) {
      if (hold !== null) this.#deps.leases.settle(payer, hold, 0n);
      throw unjournalled(error);
    }
    return { identity, plan, payer, hold, passage: candidate.passage ?? null, isSettled: false };
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
  { requestId, key, served, request, attempt = 1, tier = 'default' }: Candidate,
  plan: EstimatedPlan,
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
    ...(tier === 'default' ? {} : { serviceTier: tier }),
  };
}

function unjournalled(cause: unknown): Error {
  return failRequest('journal_unavailable', 'Usage cannot be recorded just now.', {
    retryAfterMs: JOURNAL_RETRY_AFTER_MS,
    cause,
  });
}

/** Engines make codes of their own; what is no word is not kept. */
function plainCode(code: string): string {
  return /^[\w.-]{1,100}$/.test(code) ? code : 'other';
}
