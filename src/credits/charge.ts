/**
 * A rated call as credits see it, and where it belongs. Pure. Units are whole counts (see pricing's
 * quantities); money is `bigint` pico. `atMs` is when the call was let in, by its gateway's clock: that
 * instant, not the one at which it arrived in the books, decides which grants are alive and which window it
 * falls into, but for what its lease holds already.
 */

/** What a scope may be about. A call made later at half the price is a product of its own. */
export const PRODUCTS = ['inference', 'batch', 'tuning', 'storage', 'compute'] as const;
export type Product = (typeof PRODUCTS)[number];

/** One priced bucket: so many units of one kind for so much. */
export type ChargeLine = Readonly<{ unit: string; units: number; amountPico: bigint }>;

export type Charge = Readonly<{
  eventKey: string;
  tenantId: string;
  projectId: string;
  modelId: string;
  serviceTier: string;
  currency: string;
  amountPico: bigint;
  /** Sum to the amount; empty where it was charged at its hold, which no quota of units can pay. */
  lines: readonly ChargeLine[];
  atMs: number;
  leaseId: string | null;
}>;

/** Null stands for "any". */
export type Scope = Readonly<{
  modelIds: readonly string[] | null;
  projectId: string | null;
  product: Product | null;
}>;

export const ANY_SCOPE: Scope = { modelIds: null, projectId: null, product: null };

/** What is being paid for, whether it happened or is about to. */
export type Subject = Readonly<{ modelId: string; projectId: string; product: Product }>;

const PRODUCT_OF_UNIT: Readonly<Record<string, Product>> = {
  training_token: 'tuning',
  gb_day: 'storage',
  gpu_hour: 'compute',
};

export function productOf(charge: Pick<Charge, 'serviceTier' | 'lines'>): Product {
  const [line] = charge.lines;
  const product = line === undefined ? undefined : PRODUCT_OF_UNIT[line.unit];
  if (product !== undefined) return product;
  return charge.serviceTier === 'batch' ? 'batch' : 'inference';
}

export function isInScope(scope: Scope, subject: Subject): boolean {
  if (scope.modelIds !== null && !scope.modelIds.includes(subject.modelId)) return false;
  if (scope.projectId !== null && scope.projectId !== subject.projectId) return false;
  return scope.product === null || scope.product === subject.product;
}

/** Whether it holds for whatever a tenant does. */
export function isAnyScope({ modelIds, projectId, product }: Scope): boolean {
  return modelIds === null && projectId === null && product === null;
}
