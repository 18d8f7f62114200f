/**
 * What a gateway that died left open. Pure: folds the records of a journal into the requests that were
 * admitted and never settled, and settles each at the last progress it wrote, because what was generated
 * was generated and an abort is neither free nor charged twice.
 */
import {
  type AdmittedRecord,
  type JournalRecord,
  NO_USAGE,
  type SettledRecord,
  type UsageBuckets,
} from './usage-event.ts';

type OpenRequest = { admitted: AdmittedRecord; usage: UsageBuckets | null };

export type OpenRequests = Readonly<{
  take: (record: JournalRecord) => void;
  abandon: (nowMs: number) => readonly SettledRecord[];
}>;

export function recordKey(record: Readonly<{ requestId: string; attempt: number }>): string {
  return `${record.requestId}/${record.attempt}`;
}

export function createOpenRequests(): OpenRequests {
  const open = new Map<string, OpenRequest>();
  return {
    take: (record) => {
      const key = recordKey(record);
      if (record.kind === 'admitted') open.set(key, { admitted: record, usage: null });
      else if (record.kind === 'settled') open.delete(key);
      else {
        const request = open.get(key);
        if (request !== undefined) request.usage = record.usage;
      }
    },
    abandon: (nowMs) => [...open.values()].map((request) => abandonedOf(request, nowMs)),
  };
}

/** The caller saw its connection break: status 502, as from a proxy that lost its upstream. */
const ABANDONED_STATUS = 502;

function abandonedOf({ admitted, usage }: OpenRequest, nowMs: number): SettledRecord {
  const { inputEstimate: _estimate, ...identity } = admitted;
  return {
    ...identity,
    kind: 'settled',
    outcome: 'abandoned',
    status: ABANDONED_STATUS,
    deploymentId: null,
    replicaId: null,
    usage: usage ?? NO_USAGE,
    usageSource: usage === null ? 'none' : 'counted',
    firstByteAtMs: null,
    // A clock that went backwards must not settle a request before it was admitted.
    settledAtMs: Math.max(nowMs, admitted.admittedAtMs),
  };
}
