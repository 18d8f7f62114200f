import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { admittedOf, identityOf, settledOf } from '../../test/usage-records.ts';
import { systemClock } from '#platform/clock.ts';
import { createApi, serveApp } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import type { RawShipment } from './ingest.ts';
import { createMeteringInternalRoutes } from './internal-routes.ts';
import { openJournal } from './journal.ts';
import { type Shipper, createShipper } from './ship.ts';

const DRAIN_GRACE_MS = 20_000;

/** Control's edge over a memory that counts: what arrives, and how often it refuses first. */
async function startControl(options: { refusals?: number; port?: number } = {}) {
  const shipments: RawShipment[] = [];
  let refusals = options.refusals ?? 0;
  const app = createApi<{ Variables: { requestId: string } }>();
  app.onError((_, context) => context.text('not now', 500));
  const routes = createMeteringInternalRoutes({
    ingest: async (shipment) => {
      if (refusals > 0) {
        refusals -= 1;
        throw new Error('not now');
      }
      shipments.push(shipment);
      return { recorded: shipment.settled.length, duplicates: 0, quarantined: 0 };
    },
  });
  app.route('/', routes);
  const server = await serveApp(app, { host: '127.0.0.1', port: options.port ?? 0 });
  const requestIds = (): unknown[] =>
    shipments.flatMap(({ settled }) =>
      settled.map((record) => (record as { requestId: string }).requestId),
    );
  return { server, shipments, requestIds };
}

async function openFolder(segmentBytes?: number) {
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-ship-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return openJournal({
    folder,
    clock: systemClock,
    log: silentLog,
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
  });
}

const ship = (journal: Awaited<ReturnType<typeof openFolder>>, controlUrl: string): Shipper =>
  createShipper({ journal, controlUrl, joinToken: 'secret', log: silentLog, random: () => 0 });

describe('the shipper', () => {
  it('sends settled records in order, without admissions and progress, and says who sends', async () => {
    const control = await startControl();
    const journal = await openFolder(3000);
    const shipper = ship(journal, control.server.url);
    const written: string[] = [];
    for (let index = 0; index < 50; index += 1) {
      const identity = identityOf({ modelName: '千问 "quoted"' });
      written.push(identity.requestId);
      journal.append(admittedOf(identity));
      journal.append(settledOf(identity));
    }
    await journal.flush();

    assert.equal(await shipper.drain(DRAIN_GRACE_MS), true);

    assert.deepEqual(control.requestIds(), written);
    assert.equal(control.shipments[0]?.gatewayId, journal.gatewayId);
    assert.equal(journal.unshippedBytes(), 0);
    await shipper.stop();
    await journal.stop();
    await control.server.stop(0);
  });

  it('tries again when control refuses or is away, and forgets nothing', async () => {
    const control = await startControl({ refusals: 2 });
    const { port } = control.server;
    const journal = await openFolder();
    const shipper = ship(journal, control.server.url);
    const records = [identityOf(), identityOf(), identityOf()];
    journal.append(settledOf(records[0] ?? identityOf()));
    await journal.flush();
    assert.equal(await shipper.drain(DRAIN_GRACE_MS), true);
    await control.server.stop(0);
    for (const identity of records.slice(1)) journal.append(settledOf(identity));
    await journal.flush();
    assert.equal(await shipper.drain(1), false);

    const again = await startControl({ port });
    assert.equal(await shipper.drain(DRAIN_GRACE_MS), true);

    assert.deepEqual(
      [...control.requestIds(), ...again.requestIds()],
      records.map(({ requestId }) => requestId),
    );
    await shipper.stop();
    await journal.stop();
    await again.server.stop(0);
  });

  it('stops at once while control is away', async () => {
    const journal = await openFolder();
    journal.append(settledOf(identityOf()));
    await journal.flush();
    const shipper = ship(journal, 'http://127.0.0.1:9');

    await shipper.stop();

    assert.ok(journal.unshippedBytes() > 0);
    await journal.stop();
  });
});
