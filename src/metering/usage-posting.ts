/**
 * Posts rated calls: who pays and who earns is asked of the ports, and everything of one tenant, currency
 * and day becomes one entry whose key is that of its first call.
 */
import assert from 'node:assert/strict';
import type { Database } from '#platform/database.ts';
import { type Account, type NewEntry, platformAccount } from '#ledger/entry.ts';
import type { Ledger } from '#ledger/ledger.ts';
import { fail } from './errors.ts';
import {
  type AuthorShare,
  type CostlyEvent,
  type Funding,
  type FundingPart,
  type Shares,
  fundEvents,
  payingAccount,
  shareEvents,
} from './funding.ts';
import type { RatedEvent } from './rating.ts';
import { type PostedEvent, eventKey } from './store.ts';

const DAY_MS = 24 * 60 * 60_000;

/** A rated call that knows when it counts. */
export type BilledEvent = RatedEvent & Readonly<{ billedAtMs: number }>;

type FundedEvent = Readonly<{
  billed: BilledEvent;
  event: CostlyEvent;
  parts: readonly FundingPart[];
  share: AuthorShare;
}>;

/** Answers in the order given. */
export async function postEvents(
  tx: Database,
  ports: Readonly<{ ledger: Pick<Ledger, 'postAll'>; funding?: Funding; shares?: Shares }>,
  request: Readonly<{ gatewayId: string; billed: readonly BilledEvent[] }>,
): Promise<readonly PostedEvent[]> {
  const { gatewayId, billed } = request;
  const funded = await fund(
    tx,
    ports,
    billed.filter(({ amountPico }) => amountPico > 0n),
  );
  const groups = [...Map.groupBy(funded, groupOf).values()];
  const posted = await ports.ledger.postAll(
    tx,
    groups.map((group) => usageEntry(gatewayId, group)),
  );
  const entryIds = new Map<FundedEvent, number>();
  for (const [index, group] of groups.entries()) {
    const entry = posted[index];
    assert(entry !== undefined, 'every entry has an answer');
    if (entry.kind === 'duplicate') {
      throw fail('usage.recorded_meanwhile', 'An entry of these calls exists already.');
    }
    for (const each of group) entryIds.set(each, entry.entryId);
  }
  let next = 0;
  return billed.map((each) => {
    // Those that cost something, in their order.
    const costly = each.amountPico > 0n ? funded[next++] : undefined;
    return {
      record: each.record,
      currency: each.currency,
      amountPico: each.amountPico,
      ratedBy: each.ratedBy,
      lines: each.lines,
      cost: each.cost,
      billedAtMs: each.billedAtMs,
      gatewayId,
      entryId: costly === undefined ? null : (entryIds.get(costly) ?? null),
      parts: costly?.parts ?? [],
      authorPico: costly?.share.amountPico ?? 0n,
    };
  });
}

async function fund(
  tx: Database,
  { funding, shares }: Readonly<{ funding?: Funding; shares?: Shares }>,
  costly: readonly BilledEvent[],
): Promise<readonly FundedEvent[]> {
  const events = costly.map(costlyEvent);
  const parts = await fundEvents(tx, funding, events);
  const shared = await shareEvents(tx, shares, { events, parts });
  return costly.map((billed, index) => {
    const event = events[index];
    const share = shared[index];
    assert(event !== undefined && share !== undefined, 'the ports answer for every event');
    return { billed, event, parts: parts[index] ?? [], share };
  });
}

function costlyEvent({ record, currency, amountPico, lines }: RatedEvent): CostlyEvent {
  return {
    eventKey: eventKey(record),
    tenantId: record.tenantId,
    projectId: record.projectId,
    keyId: record.keyId,
    modelId: record.modelId,
    serviceTier: record.serviceTier ?? 'default',
    currency,
    amountPico,
    lines,
    admittedAtMs: record.admittedAtMs,
    settledAtMs: record.settledAtMs,
    leaseId: record.leaseId,
  };
}

function groupOf({ event, billed }: FundedEvent): string {
  const { tenantId, currency } = event;
  return `${tenantId} ${currency} ${Math.floor(billed.billedAtMs / DAY_MS)}`;
}

/** What pays goes down, revenue goes up by as much, and authors get their part of that. */
function usageEntry(gatewayId: string, group: readonly FundedEvent[]): NewEntry {
  const [first] = group;
  assert(first !== undefined, 'a group has an event');
  const amounts = new Map<string, { account: Account; amountPico: bigint }>();
  const add = (account: Account, amountPico: bigint): void => {
    const known = amounts.get(account.id);
    if (known === undefined) amounts.set(account.id, { account, amountPico });
    else known.amountPico += amountPico;
  };
  const revenue = platformAccount('revenue', first.event.currency);
  for (const { event, parts, share } of group) {
    for (const part of parts) add(payingAccount(event, part), -part.amountPico);
    add(revenue, event.amountPico);
    for (const { account, amountPico } of share.postings) add(account, amountPico);
  }
  return {
    key: `usage/${first.event.eventKey}`,
    kind: 'usage',
    reference: { gatewayId, events: group.length },
    effectiveAtMs: group.reduce((last, { billed }) => Math.max(last, billed.billedAtMs), 0),
    postings: [...amounts.values()].filter(({ amountPico }) => amountPico !== 0n),
  };
}
