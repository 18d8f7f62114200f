/** What tenants buy, as credits keeps it, in the shape of a bill. */
import type { BilledPurchase, Credits } from '#credits/credits.ts';
import { type Bought, amortise } from './amortise.ts';
import type { Purchases, UsageLines } from './usage-lines.ts';

export function boughtLines(
  billed: Credits['billed'],
  lines: Pick<UsageLines, 'drawn'>,
): Purchases {
  return {
    bought: async (database, span) => (await billed.bought(database, span)).map(toBought),
    amortised: async (database, span) => {
      const served = (await billed.served(database, span)).map(toBought);
      const sourceIds = served.flatMap(({ kind, subjectId }) =>
        kind === 'savings_plan' ? [subjectId] : [],
      );
      const drawn =
        sourceIds.length === 0 ? new Map() : await lines.drawn(database, { ...span, sourceIds });
      return amortise(served, drawn, span);
    },
    wrong: billed.wrong,
  };
}

function toBought(purchase: BilledPurchase): Bought {
  const { id, kind, subjectId, name, amountPico, serviceFromMs, serviceToMs, facePico } = purchase;
  const atMs = purchase.billedAtMs;
  return { id, kind, subjectId, name, amountPico, atMs, serviceFromMs, serviceToMs, facePico };
}
