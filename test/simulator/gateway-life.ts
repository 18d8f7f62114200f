/**
 * A gateway as far as it holds money: the real lease keeper, admissions, stream funds and journal, without
 * sockets and engines. Calls advance when the simulation says so. A death leaves what kill -9 leaves: the
 * bytes of the journal, up to a byte that the seed chooses after the last promise, and leases at control.
 */
import { cpSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyIdentity, LeaseAnswer, LeaseWanted } from '#gateway/control-client.ts';
import { Admissions, type Admission, type SettleFacts } from '#gateway/admissions.ts';
import { failRequest } from '#gateway/errors.ts';
import type { ServedModel } from '#gateway/feed-view.ts';
import { LeaseKeeper } from '#gateway/lease-keeper.ts';
import { findPredecessor } from '#gateway/predecessor.ts';
import type { FundedStream, StreamFunds } from '#gateway/stream-funds.ts';
import { parseRequest } from '#gateway/wire/openai/request.ts';
import { openJournal } from '#metering/journal.ts';
import type { RawShipment } from '#metering/ingest.ts';
import { MARK_BYTES } from '#metering/segment.ts';
import { NO_USAGE, type UsageBuckets } from '#metering/usage-event.ts';
import type { Clock } from '#platform/clock.ts';
import { codeOf } from '#platform/error.ts';
import { createId } from '#platform/id.ts';
import { silentLog as log } from '#platform/log.ts';
import type { ControlParts } from '#main/control-parts.ts';
import type { Random } from '../chaos/random.ts';
import type { Call } from './laws.ts';
import { isDeath } from './mortal.ts';

/** A few calls long, so that segments come and go. */
const SEGMENT_BYTES = 6 * 1024;
/** Of one shipment: a few records. */
const PIECE_BYTES = 4 * 1024 * 1024;
/** A prompt of so many bytes; a token is at least one byte, so what is held bounds what is used. */
const PROMPT_BYTES = 300;

/** With which a call may be turned away here. */
const REFUSALS = new Set([
  'control_unavailable',
  'free_quota_exhausted',
  'insufficient_quota',
  'plan_exhausted',
]);

/** How a gateway reaches control: `run` may die in the middle of it. */
export type ControlPort = <T>(run: (parts: ControlParts) => Promise<T>) => Promise<T>;

export type OpenCall = Readonly<{
  admission: Admission;
  maxTokens: number;
  input: number;
  cacheRead: number;
  /** Null where nobody can stop it. */
  funds: StreamFunds | null;
  stream: PausableStream;
}> & { delivered: number };

export type CallWish = Readonly<{
  key: KeyIdentity;
  served: ServedModel;
  maxTokens: number;
  isStream: boolean;
}>;

export type GatewayLife = Readonly<{
  gatewayId: string;
  calls: () => readonly OpenCall[];
  /** The call, or the code it was refused with. */
  admit: (wish: CallWish) => Promise<OpenCall | string>;
  /** So many more tokens of its answer; true when its money has run out. */
  deliver: (call: OpenCall, tokens: number) => Promise<boolean>;
  end: (call: OpenCall, outcome: 'finished' | 'cancelled' | 'failed') => void;
  /** What has ended here, as it was written down. */
  ended: () => ReadonlyMap<string, Call>;
  /** All that was written is on disk: a promise. */
  promise: () => Promise<void>;
  /** Ships a piece; null when there is nothing. Raises what control raises. */
  ship: () => Promise<RawShipment | null>;
  /** What the process before it left is given back, once all is shipped. */
  releasePredecessor: () => Promise<void>;
  /** Nothing of its own is asked of control any more. */
  idle: () => Promise<void>;
  /** Dies; the journal as it is then lies in `next`. */
  kill: (next: string, random: Random) => Promise<void>;
  /** Gives its leases back and ends. */
  stop: () => Promise<void>;
}>;

export async function startGateway(
  given: Readonly<{ folder: string; clock: Clock; control: ControlPort }>,
): Promise<GatewayLife> {
  const { folder, clock, control } = given;
  const journal = await openJournal({ folder, clock, log, segmentBytes: SEGMENT_BYTES });
  const { gatewayId } = journal;
  const asked = new Set<Promise<unknown>>();
  let isDead = false;
  const ask: ControlPort = async (run) => {
    if (isDead) throw failRequest('control_unavailable', 'The gateway is dead.');
    const answer = control(run).catch((cause: unknown) => {
      if (!isDeath(cause)) throw cause;
      throw failRequest('control_unavailable', 'Control did not answer.', { cause });
    });
    const watched = answer.catch(() => {}).finally(() => asked.delete(watched));
    asked.add(watched);
    return answer;
  };
  const leaseControl = createLeaseControl(gatewayId, ask);
  const keeper = new LeaseKeeper({ control: leaseControl, clock, log });
  const admissions = new Admissions({ journal, leases: keeper, clock, log });
  const predecessor = await findPredecessor(createSuccession(gatewayId, ask), log);
  const calls = new Set<OpenCall>();
  const ended = new Map<string, Call>();
  let at = journal.start();
  let promised = endOf(folder);
  const idle = async (): Promise<void> => {
    while (asked.size > 0) await Promise.all(asked);
  };
  return {
    gatewayId,
    calls: () => [...calls],
    admit: async (wish) => {
      const taken = await admit(admissions, wish, clock);
      if (typeof taken !== 'string') calls.add(taken);
      return taken;
    },
    deliver: async (call, tokens) => {
      await deliver(admissions, call, tokens);
      await idle();
      return call.stream.isStopped;
    },
    end: (call, outcome) => {
      const facts = factsOf(call, outcome);
      const { input, cacheRead, output } = facts.usage;
      calls.delete(call);
      admissions.settle(call.admission, facts);
      ended.set(call.admission.identity.requestId, { outcome, input, cacheRead, output });
    },
    ended: () => ended,
    promise: async () => {
      await journal.flush();
      promised = endOf(folder);
    },
    ship: async () => {
      await journal.flush();
      promised = endOf(folder);
      const piece = await journal.read(at, PIECE_BYTES);
      if (piece === null) return null;
      const { from, to } = piece;
      const settled = piece.settled.map((bytes): unknown => JSON.parse(bytes.toString('utf8')));
      const shipment = {
        gatewayId,
        segment: to.segment,
        fromOffset: from.offset,
        toOffset: to.offset,
        settled,
      };
      await ask(({ metering }) => metering.ingest(shipment));
      at = to;
      await journal.acknowledge(to);
      return shipment;
    },
    releasePredecessor: () => predecessor.release(),
    idle,
    kill: async (next, random) => {
      await journal.flush();
      isDead = true;
      await idle();
      cpSync(folder, next, { recursive: true });
      tear(next, promised, random);
      await journal.stop();
    },
    stop: async () => {
      await keeper.stop();
      await idle();
      isDead = true;
      await journal.stop();
    },
  };
}

function createLeaseControl(gatewayId: string, ask: ControlPort) {
  return {
    lease: async (wanted: LeaseWanted): Promise<LeaseAnswer> => {
      const grant = await ask(({ ledger }) => ledger.leases.open({ gatewayId, ...wanted }));
      const { lease, mode, availablePico, stop } = grant;
      return { lease, availablePico, stop, isRelaxed: mode === 'relaxed' };
    },
    releaseLease: async (lease: Readonly<{ id: string; spentPico: bigint }>): Promise<void> => {
      await ask(({ ledger }) => ledger.leases.close(lease));
    },
  };
}

function createSuccession(gatewayId: string, ask: ControlPort) {
  return {
    openLeases: async () => ask(({ ledger }) => ledger.leases.openOf(gatewayId)),
    releaseLease: createLeaseControl(gatewayId, ask).releaseLease,
    endShares: async () => [],
    closeShares: async () => {},
  };
}

async function admit(
  admissions: Admissions,
  { key, served, maxTokens, isStream }: CallWish,
  clock: Clock,
): Promise<OpenCall | string> {
  const content = 'x'.repeat(PROMPT_BYTES);
  const body = {
    model: served.model.name,
    max_tokens: maxTokens,
    stream: isStream,
    messages: [{ role: 'user', content }],
  };
  const request = parseRequest('chat', Buffer.from(JSON.stringify(body)));
  try {
    const requestId = createId('req', clock.nowMs());
    const admission = await admissions.admit({ requestId, key, served, request });
    const funds = isStream ? admissions.boundsOf(admission).funds : null;
    const stream = new PausableStream();
    const input = PROMPT_BYTES - (clock.nowMs() % 100);
    const cacheRead = clock.nowMs() % 50;
    return { admission, funds, stream, maxTokens, input, cacheRead, delivered: 0 };
  } catch (error) {
    const code = codeOf(error);
    if (code === null || !REFUSALS.has(code)) throw error;
    return code;
  }
}

/** What the relay does with the pieces of a stream: tells the money of each, and waits while it is short. */
async function deliver(admissions: Admissions, call: OpenCall, tokens: number): Promise<boolean> {
  const most = Math.min(call.delivered + tokens, call.maxTokens);
  const { funds, stream } = call;
  while (call.delivered < most && !stream.isStopped) {
    call.delivered += 1;
    if (funds === null) continue;
    funds.spoke(call.delivered, stream);
    if (funds.isShort(call.delivered)) await stream.resumed();
  }
  admissions.progress(call.admission, usageOf(call));
  return stream.isStopped;
}

class PausableStream implements FundedStream {
  isStopped = false;
  #waiting = Promise.withResolvers<void>();

  pause(): void {}

  resume(): void {
    this.#waiting.resolve();
    this.#waiting = Promise.withResolvers();
  }

  stop(): void {
    this.isStopped = true;
  }

  resumed(): Promise<void> {
    return this.#waiting.promise;
  }
}

function usageOf({ input, cacheRead, delivered }: OpenCall): UsageBuckets {
  return { ...NO_USAGE, input: input - cacheRead, cacheRead, output: delivered };
}

function factsOf(call: OpenCall, outcome: 'finished' | 'cancelled' | 'failed'): SettleFacts {
  const isNothing = call.delivered === 0 && outcome !== 'finished';
  return {
    outcome,
    status: outcome === 'finished' ? 200 : 499,
    deploymentId: null,
    replicaId: null,
    region: null,
    usage: isNothing ? NO_USAGE : usageOf(call),
    usageSource: isNothing ? 'none' : 'engine',
    firstByteMs: isNothing ? null : 1,
    cache: null,
    queueMs: 0,
    code: outcome === 'failed' ? 'engine_failed' : null,
  };
}

type End = Readonly<{ name: string | null; bytes: number }>;

/** Where the last segment ends. */
function endOf(folder: string): End {
  const name = readdirSync(folder)
    .filter((each) => each.endsWith('.journal'))
    .toSorted()
    .at(-1);
  return name === undefined
    ? { name: null, bytes: 0 }
    : { name, bytes: statSync(join(folder, name)).size };
}

/** A disk keeps what was promised; of what came after it, as much as the seed says, in the middle of a frame. */
function tear(folder: string, promised: End, random: Random): void {
  const { name, bytes } = endOf(folder);
  if (name === null) return;
  const least = name === promised.name ? promised.bytes : MARK_BYTES;
  if (bytes > least) truncateSync(join(folder, name), random.between(least, bytes));
}
