/**
 * The parts of a lease, one for each source that covers it. Pure. Σ held over its parts is always what
 * the lease still sets aside, and a source is never held for more than it has.
 */
import type { CoverSource } from './covering.ts';

/** A source and what is left of it when everything that leases hold is taken off; null has no end. */
export type FreeSource = Readonly<{ source: CoverSource; freePico: bigint | null }>;

export type NewPart = Readonly<{
  sourceId: string;
  accountId: string;
  amountPico: bigint;
  picoPerUnit: bigint;
}>;

export type LeasePart = Readonly<{
  leaseId: string;
  position: number;
  sourceId: string;
  accountId: string;
  /** What it still sets aside. */
  heldPico: bigint;
}>;

/** Null where one of them has no end. */
export function freeOf(sources: readonly FreeSource[]): bigint | null {
  let total = 0n;
  for (const { freePico } of sources) {
    if (freePico === null) return null;
    total += freePico;
  }
  return total;
}

/** Takes `amountPico` of the sources in their order; less only where they have less. */
export function chooseParts(
  sources: readonly FreeSource[],
  amountPico: bigint,
): readonly (NewPart & Readonly<{ source: CoverSource }>)[] {
  let missing = amountPico;
  const parts: (NewPart & { source: CoverSource })[] = [];
  for (const { source, freePico } of sources) {
    if (missing <= 0n) break;
    const taken = freePico === null || freePico > missing ? missing : freePico;
    if (taken <= 0n) continue;
    missing -= taken;
    const { sourceId, account, picoPerUnit = 1n } = source;
    parts.push({ sourceId, accountId: account.id, amountPico: taken, picoPerUnit, source });
  }
  return parts;
}

export type Paid = Readonly<{ sourceId: string; amountPico: bigint }>;

/**
 * What the parts hold once `paid` was posted and the lease as a whole still sets `heldPico` aside: first
 * the sources that paid let go of it, then the last ones of what is too much. Returns those that change.
 */
export function releaseParts(
  parts: readonly LeasePart[],
  change: Readonly<{ paid: readonly Paid[]; heldPico: bigint }>,
): readonly LeasePart[] {
  const held = new Map(parts.map((part) => [part.position, part.heldPico]));
  for (const { sourceId, amountPico } of change.paid) {
    let missing = amountPico;
    for (const part of parts) {
      if (part.sourceId !== sourceId) continue;
      missing -= take(held, part.position, missing);
    }
  }
  let surplus = total(held) - change.heldPico;
  for (const part of parts.toReversed()) surplus -= take(held, part.position, surplus);
  return parts.flatMap((part) => {
    const heldPico = held.get(part.position) ?? 0n;
    return heldPico === part.heldPico ? [] : [{ ...part, heldPico }];
  });
}

function take(held: Map<number, bigint>, position: number, wanted: bigint): bigint {
  const has = held.get(position) ?? 0n;
  const taken = wanted < has ? wanted : has;
  if (taken <= 0n) return 0n;
  held.set(position, has - taken);
  return taken;
}

function total(held: ReadonlyMap<number, bigint>): bigint {
  return [...held.values()].reduce((sum, each) => sum + each, 0n);
}
