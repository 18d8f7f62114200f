/** What laws find: kept once, told to the operator once, resolved when a run over everything no longer sees it. */
import type { Clock } from '#platform/clock.ts';
import { type Database, transaction } from '#platform/database.ts';
import { createId } from '#platform/id.ts';
import type { Log } from '#platform/log.ts';
import type { Finding, Law } from '#ledger/law.ts';
import type { Notices } from '#notices/notices.ts';
import { readOperatorId } from '#tenancy/operator.ts';
import { saveFindings, takeUntold } from './store.ts';

export type FoundParts = Readonly<{
  database: Database;
  laws: readonly Law[];
  notices: Pick<Notices, 'send'>;
  clock: Clock;
  log: Log;
}>;

/** A fault that spreads is one letter, and another while it goes on spreading, not one for each row. */
const TELL_EVERY_MS = 10 * 60_000;

/** In a letter, of the first finding. */
const TOLD_CHARACTERS_MAX = 500;

/** In the caller's transaction. Says how many are new. */
export async function keepFindings(
  tx: Database,
  { clock, log }: Pick<FoundParts, 'clock' | 'log'>,
  seen: Readonly<{ law: string; findings: readonly Finding[] }>,
): Promise<number> {
  if (seen.findings.length === 0) return 0;
  const nowMs = clock.nowMs();
  const unique = new Map(seen.findings.map((each) => [`${each.law}\n${each.subject}`, each]));
  const findings = [...unique.values()].map((finding) => ({
    ...finding,
    id: createId('bfd', nowMs),
  }));
  const fresh = await saveFindings(tx, { law: seen.law, now: new Date(nowMs), findings });
  for (const { law, subject, detail } of fresh) log.error('books.broken', { law, subject, detail });
  return fresh.length;
}

/** One notice of everything that was found since the last, in the transaction that marks it as told. */
export async function tellOperator({ database, notices, clock }: FoundParts): Promise<void> {
  const nowMs = clock.nowMs();
  await transaction(database, async (tx) => {
    const notSince = new Date(nowMs - TELL_EVERY_MS);
    const untold = await takeUntold(tx, { now: new Date(nowMs), notSince });
    const [first] = untold;
    const tenantId = first === undefined ? null : await readOperatorId(tx);
    if (first === undefined || tenantId === null) return;
    await notices.send(tx, {
      tenantId,
      kind: 'books.broken',
      data: {
        law: first.law,
        findings: untold.length,
        first: `${first.law}: ${first.subject}, ${first.detail}`.slice(0, TOLD_CHARACTERS_MAX),
      },
    });
  });
}
