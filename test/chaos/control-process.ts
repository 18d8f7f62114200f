/**
 * Control's money, alone in a process that a test may kill: the real ledger, pricing and metering behind
 * their real routes. Reads its options as JSON from its first argument and writes `ready` when it serves.
 * `dieAt` makes it end itself, without any clean-up, at an exact place of the nth shipment.
 */
import { systemClock } from '#platform/clock.ts';
import { openDatabase } from '#platform/database.ts';
import { createApi, handleErrors, serveApp } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import { createLedgerInternalRoutes } from '#ledger/internal-routes.ts';
import { type Ledger, createLedger } from '#ledger/ledger.ts';
import { createMeteringInternalRoutes } from '#metering/internal-routes.ts';
import { type Metering, createMetering } from '#metering/metering.ts';
import { createPricing } from '#pricing/pricing.ts';
import { endWithParent } from './process.ts';

export type ControlOptions = Readonly<{
  databaseUrl: string;
  port: number;
  dieAt: Readonly<{ point: ControlPoint; shipment: number }> | null;
}>;

/** Before anything is posted; when it is posted and not committed; when it is committed and not answered. */
export type ControlPoint = 'before-post' | 'before-commit' | 'before-answer';

const options: ControlOptions = JSON.parse(process.argv[2] ?? '');
const { database } = openDatabase({ url: options.databaseUrl, poolSize: 5 });
const parts = { database, clock: systemClock, log: silentLog };

let shipment = 0;
let isPosting = false;
const dieIf = (point: ControlPoint): void => {
  const { dieAt } = options;
  if (dieAt?.point !== point || dieAt.shipment > shipment) return;
  process.kill(process.pid, 'SIGKILL');
  // The signal is on its way; nothing after this line may happen.
  for (;;) if (!isPosting) isPosting = true;
};

const honest = createLedger(parts);
const ledger: Ledger = {
  ...honest,
  postAll: async (tx, entries) => {
    dieIf('before-post');
    const posted = await honest.postAll(tx, entries);
    dieIf('before-commit');
    return posted;
  },
};
const pricing = createPricing({
  ...parts,
  models: { find: async () => null, list: async () => [] },
});
const metering = createMetering({
  ...parts,
  ledger,
  pricing,
  counts: async () => ({ models: 0, machines: 0, replicasReady: 0 }),
});
const counted: Pick<Metering, 'ingest'> = {
  ingest: async (batch) => {
    shipment += 1;
    const ingested = await metering.ingest(batch);
    dieIf('before-answer');
    return ingested;
  },
};

const app = createApi<{ Variables: { requestId: string } }>();
handleErrors(app, silentLog);
app.route('/', createLedgerInternalRoutes(ledger));
app.route('/', createMeteringInternalRoutes(counted));
const server = await serveApp(app, { host: '127.0.0.1', port: options.port });
process.on('SIGTERM', () => {
  void server.stop(0).then(async () => {
    await database.destroy();
    process.exit(0);
  });
});
endWithParent();
process.stdout.write('ready\n');
