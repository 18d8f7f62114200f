/** Proves all that was metered at once; `src/reconciliation` goes through the same laws slowly. */
import { type Database, sql } from '#platform/database.ts';
import { type Finding, runLaw } from '#ledger/law.ts';
import type { Pricing } from '#pricing/pricing.ts';
import { meteringLaws } from './laws.ts';

export type MeteringVerification = Readonly<{
  events: number;
  /** Records that fit nobody and wait for a person; not lost, and not posted either. */
  quarantined: number;
  findings: readonly Finding[];
}>;

export async function verifyMetering(
  database: Database,
  pricing: Pick<Pricing, 'byId'>,
  nowMs: number,
): Promise<MeteringVerification> {
  let events = 0;
  const findings: Finding[] = [];
  for (const law of meteringLaws(pricing)) {
    const run = await runLaw(database, law, nowMs);
    findings.push(...run.findings);
    if (law.name === 'calls') events = run.examined;
  }
  return { events, quarantined: await countQuarantined(database), findings };
}

export async function countQuarantined(database: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from usage_quarantine`.execute(database);
  return rows[0]?.count ?? 0;
}
