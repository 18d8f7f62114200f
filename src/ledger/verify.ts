/** Proves the ledger from its rows alone, all of it: run it on demand. `src/reconciliation` goes through it slowly. */
import type { Database } from '#platform/database.ts';
import { type Finding, runLaw } from './law.ts';
import { LEDGER_LAWS } from './laws.ts';

export type { Finding };

/** Every law the ledger promises; an empty list means that all hold. */
export async function verifyLedger(database: Database, nowMs: number): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const law of LEDGER_LAWS) {
    findings.push(...(await runLaw(database, law, nowMs)).findings);
  }
  return findings;
}
