/**
 * What open leases have set aside, source by source. A posted call takes of a source only what no other
 * lease holds, or what its own lease does; so whatever the order in which calls arrive, each finds what
 * was set aside for it, and no account goes below its floor.
 */
import { type LeasePart, releaseParts } from '#ledger/lease-part.ts';

export type HeldPart = LeasePart &
  Readonly<{
    /** What one unit was valued at when the lease was opened; 1 for sources of money. */
    picoPerUnit: bigint;
    openedAtMs: number;
  }>;

/** Of leases opened within a window, half open. */
export type Opened = Readonly<{ startMs: number; endMs: number }>;

export const EVER: Opened = { startMs: -Infinity, endMs: Infinity };

export type Holds = Readonly<{
  /** In units of the source: what other leases hold of it. */
  byOthers: (sourceId: string, leaseId: string | null, opened?: Opened) => bigint;
  /** In units of the source: what this lease holds of it. */
  own: (sourceId: string, leaseId: string | null) => bigint;
  /** When this lease was opened; null where it holds nothing. */
  openedAtMs: (leaseId: string | null) => number | null;
  /** A call of the lease was paid: it holds that much less. */
  release: (leaseId: string | null, paid: readonly Paid[]) => void;
}>;

type Paid = Readonly<{ sourceId: string; amountPico: bigint }>;

/** Keeps a working copy; what is written in the end is for the ledger to settle. */
export function createHolds(parts: readonly HeldPart[]): Holds {
  const leases = new Map<string, HeldPart[]>();
  for (const part of parts) leases.set(part.leaseId, [...(leases.get(part.leaseId) ?? []), part]);
  return {
    byOthers: (sourceId, leaseId, { startMs, endMs } = EVER) => {
      let held = 0n;
      for (const [id, own] of leases) {
        if (id === leaseId) continue;
        for (const part of own) {
          if (part.sourceId !== sourceId) continue;
          if (part.openedAtMs >= startMs && part.openedAtMs < endMs) held += unitsHeld(part);
        }
      }
      return held;
    },
    own: (sourceId, leaseId) => {
      const own = leaseId === null ? undefined : leases.get(leaseId);
      return (own ?? [])
        .filter((part) => part.sourceId === sourceId)
        .reduce((sum, part) => sum + unitsHeld(part), 0n);
    },
    openedAtMs: (leaseId) =>
      leaseId === null ? null : (leases.get(leaseId)?.[0]?.openedAtMs ?? null),
    release: (leaseId, paid) => {
      const own = leaseId === null ? undefined : leases.get(leaseId);
      if (leaseId === null || own === undefined) return;
      const spentPico = paid.reduce((sum, { amountPico }) => sum + amountPico, 0n);
      const restPico = total(own) - spentPico;
      const changed = releaseParts(own, { paid, heldPico: restPico > 0n ? restPico : 0n });
      const held = new Map(changed.map((part) => [part.position, part.heldPico]));
      const parts = own.map((part) => ({
        ...part,
        heldPico: held.get(part.position) ?? part.heldPico,
      }));
      leases.set(leaseId, parts);
    },
  };
}

/** A part of a unit that is held is a unit that nobody else may have. */
export function unitsHeld({ heldPico, picoPerUnit }: HeldPart): bigint {
  return (heldPico + picoPerUnit - 1n) / picoPerUnit;
}

function total(parts: readonly HeldPart[]): bigint {
  return parts.reduce((sum, { heldPico }) => sum + heldPico, 0n);
}
