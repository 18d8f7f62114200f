/** A free quota: so many units of one model, for a time. Pure. */
export type Quota = Readonly<{
  tenantId: string;
  id: string;
  modelId: string;
  modelName: string;
  unit: string;
  units: bigint;
  usedUnits: bigint;
  startsAtMs: number;
  expiresAtMs: number | null;
}>;

export function mayUse(
  quota: Quota,
  subject: Readonly<{ modelId: string; atMs: number }>,
): boolean {
  return (
    quota.modelId === subject.modelId &&
    quota.startsAtMs <= subject.atMs &&
    (quota.expiresAtMs === null || subject.atMs < quota.expiresAtMs)
  );
}

/** What ends first is used first. */
export function compareQuotas(left: Quota, right: Quota): number {
  return (
    (left.expiresAtMs ?? Infinity) - (right.expiresAtMs ?? Infinity) ||
    (left.id < right.id ? -1 : 1)
  );
}
