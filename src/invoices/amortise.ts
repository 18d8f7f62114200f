/**
 * What of a purchase in advance belongs to a period. Pure. A plan's month is used as time goes by, a savings
 * plan as it pays for calls; what is left of that when it ends is unused. Each share is the difference of two
 * sums from the beginning, so that all shares of a purchase sum to what was paid for it, to the last pico.
 */
import type { Amortised, Drawn, Purchase } from './usage-lines.ts';

export type Bought = Purchase &
  Readonly<{
    /** What may be spent of a savings plan; null for others. */
    facePico: bigint | null;
  }>;

type Span = Readonly<{ fromMs: number; toMs: number }>;

/** One answer for what is used of each subject, one for what ended unused; none for nothing. */
export function amortise(
  purchases: readonly Bought[],
  drawn: ReadonlyMap<string, Drawn>,
  span: Span,
): readonly Amortised[] {
  const found: Amortised[] = [];
  for (const [id, of] of Map.groupBy(purchases, ({ subjectId }) => subjectId)) {
    const last = of.at(-1);
    if (last === undefined) continue;
    const description = last.name;
    const { usedPico, unusedPico } = sharesOf(of, drawn.get(id), span);
    if (usedPico !== 0n) found.push({ id, description, state: 'used', costPico: usedPico });
    if (unusedPico !== 0n) found.push({ id, description, state: 'unused', costPico: unusedPico });
  }
  return found;
}

type Shares = Readonly<{ usedPico: bigint; unusedPico: bigint }>;

function sharesOf(of: readonly Bought[], drawn: Drawn | undefined, span: Span): Shares {
  let [usedPico, unusedPico] = [0n, 0n];
  for (const purchase of of) {
    if (purchase.facePico === null) {
      usedPico += servedUntil(purchase, span.toMs) - servedBefore(purchase, span.fromMs);
      continue;
    }
    const { beforePico, untilPico } = drawn ?? { beforePico: 0n, untilPico: 0n };
    usedPico += paidFor(purchase, untilPico) - paidFor(purchase, beforePico);
    const hasEnded = purchase.serviceToMs >= span.fromMs && purchase.serviceToMs < span.toMs;
    if (hasEnded) unusedPico += purchase.amountPico - paidFor(purchase, untilPico);
  }
  return { usedPico, unusedPico };
}

/** What was billed in this span only, has all of its past in it. */
function servedBefore(purchase: Bought, atMs: number): bigint {
  return purchase.atMs >= atMs ? 0n : servedUntil(purchase, atMs);
}

function servedUntil({ amountPico, serviceFromMs, serviceToMs }: Bought, atMs: number): bigint {
  const wholeMs = serviceToMs - serviceFromMs;
  const doneMs = Math.min(Math.max(atMs - serviceFromMs, 0), wholeMs);
  return wholeMs <= 0 ? amountPico : (amountPico * BigInt(doneMs)) / BigInt(wholeMs);
}

/** A savings plan gives more than it costs: of what it paid, this was paid for it. */
function paidFor({ amountPico, facePico }: Bought, drawnPico: bigint): bigint {
  if (facePico === null || facePico === 0n) return 0n;
  const cappedPico = drawnPico < facePico ? drawnPico : facePico;
  return (amountPico * cappedPico) / facePico;
}
