/** Our gateway with everything on: keys, a priced model, holds, journal, shipping, metrics, access log. */
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccessLog } from '#gateway/access-log.ts';
import { createControlClient } from '#gateway/control-client.ts';
import { EMPTY_FEED } from '#gateway/feed.ts';
import { createFeedState } from '#gateway/feed-state.ts';
import { createGateway } from '#gateway/gateway.ts';
import { createMemoryClient } from '#gateway/responses/memory-client.ts';
import { createTaskControl } from '#gateway/tasks/task-control.ts';
import { openJournal } from '#metering/journal.ts';
import { createShipper } from '#metering/ship.ts';
import { systemClock as clock } from '#platform/clock.ts';
import { createLog } from '#platform/log.ts';
import { reportWhenAsked } from './measured.ts';
import { MODEL } from './scenario.ts';

const [, , engineUrl = '', controlUrl = ''] = process.argv;
const folder = mkdtempSync(join(tmpdir(), 'flywheel-bench-'));
const log = createLog({ process: 'gateway', level: 'info' });
const journal = await openJournal({ folder, clock, log });
const control = createControlClient({
  url: controlUrl,
  joinToken: 'bench',
  gatewayId: journal.gatewayId,
});
const feed = createFeedState(clock, {
  ...EMPTY_FEED,
  version: 1,
  models: [
    {
      name: MODEL,
      modelId: 'mdl_bench',
      tenantId: 'ten_bench',
      visibility: 'public',
      createdAtMs: 0,
      contextLength: 8192,
      capabilities: ['chat'],
      prices: [
        {
          priceId: 'prc_bench',
          modelId: 'mdl_bench',
          currency: 'CNY',
          effectiveFromMs: 0,
          components: [
            { unit: 'token', direction: 'input', amountPico: '1000000000000', perUnits: 1_000_000 },
            {
              unit: 'token',
              direction: 'output',
              amountPico: '2000000000000',
              perUnits: 1_000_000,
            },
          ],
        },
      ],
    },
  ],
  deployments: [
    {
      id: 'dep_bench',
      tenantId: 'ten_bench',
      modelName: MODEL,
      modelId: 'mdl_bench',
      isWanted: true,
      state: 'ready',
      reason: null,
    },
  ],
  replicas: [
    {
      id: 'rep_bench',
      deploymentId: 'dep_bench',
      nodeId: null,
      region: 'local',
      url: engineUrl,
      engineKey: 'bench',
      upstreamModel: MODEL,
      parallel: 10_000,
      contextLength: 8192,
      capabilities: ['chat'],
      state: 'ready',
    },
  ],
});
const tasks = createTaskControl({ url: controlUrl, joinToken: 'bench', gatewayId: 'gtw_bench' });
const gateway = createGateway({
  region: 'local',
  controlUrl,
  control,
  feed,
  journal,
  responses: createMemoryClient({ controlUrl, joinToken: 'bench', log }),
  tasks,
  accessLog: createAccessLog(createWriteStream(join(folder, 'access.log'))),
  clock,
  log,
  bodyLimitBytes: 16 * 1024 * 1024,
  coldStartWaitMs: 1_000,
});
const { url } = await gateway.start({ host: '127.0.0.1', port: 0 });
const shipper = createShipper({ journal, controlUrl, joinToken: 'bench', log });

reportWhenAsked(url, async () => {
  await gateway.stop(1_000);
  await shipper.stop();
  await control.stop();
  await tasks.stop();
  await journal.stop();
  rmSync(folder, { recursive: true });
});
