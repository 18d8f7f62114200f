/** What runs by itself in control: what is started, how often, and how it ends. */
import type { FeedPublisher } from '#gateway/feed-publisher.ts';
import type { Log } from '#platform/log.ts';
import { startCollecting } from '#xet/collecting.ts';
import type { ControlParts } from './control-parts.ts';

export type StartableModules = Pick<
  ControlParts,
  | 'batches'
  | 'budgets'
  | 'contents'
  | 'credits'
  | 'fleet'
  | 'hub'
  | 'ledger'
  | 'limits'
  | 'metering'
  | 'notices'
  | 'invoices'
  | 'payments'
  | 'announcer'
  | 'providers'
  | 'reconciliation'
  | 'responses'
  | 'tasks'
  | 'xet'
>;

export type StartedModules = Readonly<{
  stopStreams: () => Promise<void>;
  stop: () => Promise<void>;
}>;

/** Leases of gateways that never came back are closed within this after their grace. */
const LEASE_SWEEP_EVERY_MS = 30_000;

/** A day ends once a day; an hour late is soon enough to seal it. */
const TIDY_EVERY_MS = 60 * 60_000;

/** What runs by itself, and how it ends. */
export function startModules(
  modules: StartableModules,
  publisher: FeedPublisher,
  log: Log,
): StartedModules {
  const { batches, budgets, credits, fleet, hub, ledger, metering, notices, payments } = modules;
  const { announcer, invoices, providers, reconciliation, tasks } = modules;
  const reconciling = fleet.start();
  const sweepingTasks = tasks.start();
  const sweeping = startSweeping(modules, log);
  const tidyingDays = startEachHour(
    [
      ['usage.tidy_failed', metering.tidy],
      ['ledger.checkpoint_failed', ledger.checkpoints.makeDue],
    ],
    log,
  );
  hub.start();
  const collecting = startCollecting(modules.xet, log);
  publisher.start();
  const runningBatches = batches.start();
  const delivering = notices.start();
  const renewing = credits.start();
  const charging = payments.start();
  const announcing = announcer.start();
  const billing = invoices.start();
  const watching = budgets.start();
  const proving = reconciliation.start();
  return {
    // Feeds never end by themselves, and a server waits for its answers to end.
    stopStreams: () => publisher.stop(),
    stop: async () => {
      clearInterval(sweeping);
      await tidyingDays.stop();
      await proving.stop();
      await runningBatches.stop();
      await renewing.stop();
      await watching.stop();
      await billing.stop();
      await announcing.stop();
      await charging.stop();
      await delivering.stop();
      sweepingTasks.stop();
      await reconciling.stop();
      await collecting.stop();
      await hub.stop();
      await providers.stop();
    },
  };
}

/** What is over and was not ended by who began it. */
function startSweeping(
  { contents, ledger, limits, responses }: StartableModules,
  log: Log,
): NodeJS.Timeout {
  return setInterval(() => {
    ledger.leases.sweep().catch((error: unknown) => log.error('leases.sweep_failed', { error }));
    limits.shares.sweep().catch((error: unknown) => log.error('shares.sweep_failed', { error }));
    contents.sweep().catch((error: unknown) => log.error('contents.sweep_failed', { error }));
    responses.sweep().catch((error: unknown) => log.error('responses.sweep_failed', { error }));
  }, LEASE_SWEEP_EVERY_MS);
}

/** What belongs to days: soon after the start, for days that ended while nobody ran, and once an hour. */
function startEachHour(
  jobs: readonly (readonly [failed: string, run: () => Promise<unknown>])[],
  log: Log,
): Readonly<{ stop: () => Promise<void> }> {
  let running = Promise.resolve();
  const runAll = (): void => {
    running = running.then(() => runInTurn(jobs, log));
  };
  runAll();
  const timer = setInterval(runAll, TIDY_EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

async function runInTurn(
  jobs: readonly (readonly [failed: string, run: () => Promise<unknown>])[],
  log: Log,
): Promise<void> {
  for (const [failed, run] of jobs) {
    await run().catch((error: unknown) => log.error(failed, { error }));
  }
}
