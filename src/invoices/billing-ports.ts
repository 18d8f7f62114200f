/** What invoices ask of other modules, as far as they ask it; main joins them. */
import type { Authors } from '#authors/authors.ts';
import type { Clock } from '#platform/clock.ts';
import type { Database } from '#platform/database.ts';
import type { Log } from '#platform/log.ts';
import type { Ledger } from '#ledger/ledger.ts';
import type { LineCalls } from '#metering/line-calls.ts';
import type { Notices } from '#notices/notices.ts';
import type { Purchases, UsageLines } from './usage-lines.ts';

export type BillingLedger = Pick<Ledger, 'post'> &
  Readonly<{ leases: Pick<Ledger['leases'], 'payable'> }>;

export type BillingParts = Readonly<{
  database: Database;
  ledger: BillingLedger;
  lines: UsageLines;
  purchases: Purchases;
  /** From a line to its requests. */
  calls: LineCalls;
  authors: Pick<Authors, 'ruleChanges' | 'reversal'>;
  notices: Pick<Notices, 'send'>;
  clock: Clock;
  log: Log;
}>;
