/** What is counted and written down of a request that is over. */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '#platform/clock.ts';
import type { FlywheelError } from '#platform/error.ts';
import { inputTokensOf, outputTokensOf } from '#pricing/quantities.ts';
import type { Log } from '#platform/log.ts';
import type { AccessLog } from './access-log.ts';
import type { KeyIdentity } from './control-client.ts';
import type { KeyTable } from './key-table.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { RefusalKeeper } from './refusals/refusal-keeper.ts';
import type { Settlement } from './settlement.ts';

export type ExchangeEnd = Readonly<{
  incoming: IncomingMessage;
  requestId: string;
  key: KeyIdentity | null;
  model: string | null;
  /** What the caller asked for, ours or not. */
  asked: string | null;
  /** A model was called, or its answer replayed. */
  isAdmitted: boolean;
  replicaId: string | null;
  outcome: string;
  status: number;
  durationMs: number;
  firstByteMs: number | null;
  settlement: Settlement;
  code: string | null;
}>;

type RefusalParts = Readonly<{
  refusals: Pick<RefusalKeeper, 'add'>;
  keys: Pick<KeyTable, 'stoppedBehind'>;
  clock: Clock;
}>;

type Telling = Readonly<{ metrics: GatewayMetrics; log: Log }>;

/** Another replica is tried. */
export function reportRetry(
  { metrics, log }: Telling,
  {
    requestId,
    replicaId,
    error,
  }: Readonly<{ requestId: string; replicaId: string; error: FlywheelError }>,
): void {
  const { code, cause, message } = error;
  metrics.countRetry(code);
  const reason = cause instanceof Error ? cause.message : message;
  log.warn('request.retried', { requestId, replicaId, code, reason });
}

/** The next model of a route is tried. */
export function reportFallback(
  { metrics, log }: Telling,
  {
    requestId,
    model,
    error,
  }: Readonly<{ requestId: string; model: string | null; error: FlywheelError }>,
): void {
  metrics.countRetry(`fallback ${error.code}`);
  log.warn('request.fell_back', { requestId, model, code: error.code });
}

export function reportExchange(
  parts: Readonly<{ metrics: GatewayMetrics; accessLog: AccessLog } & RefusalParts>,
  end: ExchangeEnd,
): void {
  const { requestId, key, model, replicaId, outcome, status, durationMs, firstByteMs, code } = end;
  const { usage } = end.settlement;
  parts.metrics.record({ model, outcome, status, durationMs, firstByteMs, usage });
  parts.accessLog.write({
    requestId,
    projectId: key?.projectId ?? null,
    keyId: key?.id ?? null,
    model,
    status,
    code,
    durationMs,
    firstByteMs,
    inputTokens: inputTokensOf(usage),
    outputTokens: outputTokensOf(usage),
    replicaId,
  });
  if (!end.isAdmitted && code !== null) reportRefusal(parts, { ...end, code });
}

/** Told to the owner of the key, also of one that opens nothing any more; a secret that is nobody's tells nobody. */
function reportRefusal(
  { refusals, keys, clock }: RefusalParts,
  end: ExchangeEnd & Readonly<{ code: string }>,
): void {
  const owner = end.key ?? keys.stoppedBehind(end.incoming.headers);
  if (owner === null) return;
  const { id: keyId, tenantId, projectId } = owner;
  const isRevoked = 'stopped' in owner && owner.stopped === 'revoked';
  const endedAtMs = clock.nowMs();
  refusals.add({
    tenantId,
    projectId,
    keyId,
    requestId: end.requestId,
    modelName: end.asked ?? '',
    status: end.status,
    errorCode: isRevoked ? 'api_key_revoked' : end.code,
    startedAtMs: endedAtMs - end.durationMs,
    endedAtMs,
  });
}

export function outcomeOfExchange(
  error: Error | null,
  isCancelled: boolean,
): 'finished' | 'cancelled' | 'failed' {
  if (isCancelled) return 'cancelled';
  return error === null ? 'finished' : 'failed';
}
