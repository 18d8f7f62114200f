/** Journal records with ordinary values, for tests that change one or two of them. */
import { createId } from '#platform/id.ts';
import type { AdmittedRecord, RequestIdentity, SettledRecord } from '#metering/usage-event.ts';

export function identityOf(changes: Partial<RequestIdentity> = {}): RequestIdentity {
  return {
    requestId: createId('req'),
    attempt: 0,
    tenantId: 'ten_1',
    projectId: 'prj_1',
    keyId: 'key_1',
    modelName: 'flywheel/tiny',
    modelId: 'mdl_1',
    priceId: null,
    leaseId: null,
    holdPico: '0',
    admittedAtMs: 1_800_000_000_000,
    ...changes,
  };
}

export function admittedOf(identity: RequestIdentity): AdmittedRecord {
  return { ...identity, kind: 'admitted', inputEstimate: 10 };
}

export function settledOf(
  identity: RequestIdentity,
  changes: Partial<SettledRecord> = {},
): SettledRecord {
  return {
    ...identity,
    kind: 'settled',
    outcome: 'finished',
    status: 200,
    deploymentId: 'dep_1',
    replicaId: 'rep_1',
    usage: { input: 10, cacheRead: 0, cacheWrite: 0, output: 20, reasoning: 0 },
    usageSource: 'engine',
    firstByteAtMs: identity.admittedAtMs + 40,
    settledAtMs: identity.admittedAtMs + 1000,
    ...changes,
  };
}
