import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from '#platform/database.ts';
import { silentLog } from '#platform/log.ts';
import { createTestDatabase } from '../../test/database.ts';
import {
  CUSTOMER,
  OPERATOR,
  REVISION,
  createFleetFixture,
  readyReplica,
  reportFrom,
} from './fleet-fixture.ts';
import { createFleet } from './fleet.ts';

const testDatabase = await createTestDatabase();

describe('a deployment', () => {
  it('becomes ready on the node that joins and is told to gateways', async () => {
    const { fleet, deploy } = await createFleetFixture(testDatabase);
    const id = await deploy();
    assert.equal(
      (await fleet.getDeployment({ tenantId: OPERATOR, id })).reason,
      'no node is online',
    );

    await reportFrom(fleet, 'one');
    await fleet.reconcile();
    const { replicas } = await reportFrom(fleet, 'one');
    await reportFrom(fleet, 'one', [readyReplica(replicas[0]?.id ?? '')]);

    assert.equal(replicas[0]?.revisionId, REVISION);
    const shown = await fleet.getDeployment({ tenantId: OPERATOR, id });
    assert.equal(shown.state, 'ready');
    assert.equal(shown.replicas[0]?.nodeName, 'one');
    const feed = await fleet.listForFeed();
    assert.equal(feed.replicas[0]?.url, 'http://127.0.0.1:1');
    assert.deepEqual(feed.deployments[0]?.state, 'ready');
  });

  it('drains before it is gone, and takes no report back', async () => {
    const { fleet, deploy } = await createFleetFixture(testDatabase);
    await reportFrom(fleet, 'one');
    const id = await deploy();
    const replicaId = (await reportFrom(fleet, 'one')).replicas[0]?.id ?? '';
    await reportFrom(fleet, 'one', [readyReplica(replicaId)]);

    await fleet.removeDeployment({ tenantId: OPERATOR, id });
    const answer = await reportFrom(fleet, 'one', [readyReplica(replicaId)]);

    assert.equal(answer.replicas[0]?.isDraining, true);
    const during = await fleet.listForFeed();
    assert.deepEqual(during.deployments, []);
    assert.equal(during.replicas[0]?.state, 'draining');
    await reportFrom(fleet, 'one', []);
    assert.deepEqual((await fleet.listForFeed()).replicas, []);
    await assert.rejects(fleet.getDeployment({ tenantId: OPERATOR, id }), {
      code: 'deployment.unknown',
    });
  });

  it('starts again on a node that came back empty', async () => {
    const { fleet, deploy } = await createFleetFixture(testDatabase);
    await reportFrom(fleet, 'one');
    const id = await deploy();
    const replicaId = (await reportFrom(fleet, 'one')).replicas[0]?.id ?? '';
    await reportFrom(fleet, 'one', [readyReplica(replicaId)]);

    const answer = await reportFrom(fleet, 'one', []);

    assert.deepEqual(
      answer.replicas.map((replica) => [replica.id, replica.isDraining]),
      [[replicaId, false]],
    );
    assert.equal((await fleet.getDeployment({ tenantId: OPERATOR, id })).state, 'absent');
    assert.deepEqual((await fleet.listForFeed()).replicas, []);
  });

  it('moves to another node when its own stays silent', async () => {
    const { fleet, deploy, clock } = await createFleetFixture(testDatabase);
    await reportFrom(fleet, 'one');
    const id = await deploy();
    const replicaId = (await reportFrom(fleet, 'one')).replicas[0]?.id ?? '';
    await reportFrom(fleet, 'one', [readyReplica(replicaId)]);

    clock.advance(20_000);
    await reportFrom(fleet, 'two');
    await fleet.reconcile();
    const lost = await fleet.getDeployment({ tenantId: OPERATOR, id });
    clock.advance(50_000);
    await reportFrom(fleet, 'two');
    await fleet.reconcile();
    await fleet.reconcile();

    assert.equal(lost.reason, 'node one does not answer');
    assert.equal((await reportFrom(fleet, 'two')).replicas.length, 1);
    assert.deepEqual((await reportFrom(fleet, 'one')).replicas, []);
  });

  it('sleeps when nobody asks and wakes with the next request', async () => {
    const { fleet, deploy, clock } = await createFleetFixture(testDatabase);
    await reportFrom(fleet, 'one');
    const id = await deploy({ model: 'op/tiny', replicasMin: 0 });
    const replicaId = (await reportFrom(fleet, 'one')).replicas[0]?.id ?? '';
    await reportFrom(fleet, 'one', [readyReplica(replicaId)]);

    clock.advance(601_000);
    await reportFrom(fleet, 'one', [readyReplica(replicaId)]);
    await fleet.reconcile();
    await reportFrom(fleet, 'one', []);
    const asleep = await fleet.listForFeed();
    await fleet.wake(id);

    assert.equal(asleep.deployments[0]?.isWanted, false);
    assert.equal(asleep.deployments[0]?.state, 'absent');
    assert.equal((await reportFrom(fleet, 'one')).replicas.length, 1);
    assert.equal((await fleet.listForFeed()).deployments[0]?.isWanted, true);
  });

  it('is refused when it cannot be served', async () => {
    const { fleet, deploy } = await createFleetFixture(testDatabase);
    const customer = { tenantId: CUSTOMER, isOperator: false };

    await assert.rejects(deploy({ model: 'op/none' }), { code: 'deployment.model_unknown' });
    await assert.rejects(deploy({ model: 'op/tiny', replicasMin: 3, replicasMax: 2 }), {
      code: 'deployment.replicas_invalid',
    });
    await assert.rejects(deploy({ model: 'op/tiny', contextLength: 4096 }), {
      code: 'deployment.context_too_long',
    });
    await assert.rejects(deploy({ model: 'op/tiny', modelName: 'cust/own' }), {
      code: 'deployment.name_taken',
    });
    await assert.rejects(deploy({ model: 'op/tiny', engine: 'openai' }), {
      code: 'deployment.base_url_missing',
    });
    await assert.rejects(fleet.createDeployment(customer, { model: 'op/secret' }), {
      code: 'deployment.model_unknown',
    });
    await assert.rejects(
      fleet.createDeployment(customer, {
        model: 'op/tiny',
        engine: 'openai',
        baseUrl: 'http://169.254.169.254',
      }),
      { code: 'deployment.base_url_refused' },
    );
  });
});

describe('a report', () => {
  it('is held until there is something to do', async () => {
    const { fleet, deploy } = await createFleetFixture(testDatabase);
    const { tag } = await reportFrom(fleet, 'one');

    const held = reportFrom(fleet, 'one', [], { knownTag: tag });
    await deploy();

    assert.equal((await held).replicas.length, 1);
  });

  it('ends when the node leaves', async () => {
    const { fleet } = await createFleetFixture(testDatabase);
    const { tag } = await reportFrom(fleet, 'one');
    const leaving = new AbortController();
    const machine = { name: 'one', region: 'local', zone: 'a', cores: 1, memoryBytes: 1 };
    const state = { version: '', isLeaving: false, replicas: [], logs: [], knownTag: tag };
    const report = { ...machine, ...state };

    const held = fleet.sync(report, leaving.signal);
    leaving.abort();

    assert.deepEqual((await held).replicas, []);
  });

  it('moves the feed only when gateways should know', async () => {
    const { fleet, deploy, database } = await createFleetFixture(testDatabase);
    const version = async (): Promise<number | undefined> =>
      (await sql<{ version: number }>`select version from feed_version`.execute(database.database))
        .rows[0]?.version;
    await reportFrom(fleet, 'one');
    await deploy();
    const replicaId = (await reportFrom(fleet, 'one')).replicas[0]?.id ?? '';
    await reportFrom(fleet, 'one', [readyReplica(replicaId)]);
    const before = await version();

    await reportFrom(fleet, 'one', [readyReplica(replicaId, { running: 3, wasActive: true })]);
    const busy = await version();
    await reportFrom(fleet, 'one', [readyReplica(replicaId, { url: 'http://127.0.0.1:2' })]);

    assert.equal(busy, before);
    assert.notEqual(await version(), before);
  });

  it('keeps the last lines of the engines for the owner alone', async () => {
    const { fleet, deploy } = await createFleetFixture(testDatabase);
    await reportFrom(fleet, 'one');
    const id = await deploy();
    const replicaId = (await reportFrom(fleet, 'one')).replicas[0]?.id ?? '';
    for (let batch = 0; batch < 3; batch += 1) {
      const logs = Array.from({ length: 400 }, (_, i) => ({
        replicaId,
        atMs: 1_800_000_000_000,
        line: `line ${batch * 400 + i}`,
      }));
      await reportFrom(fleet, 'one', [readyReplica(replicaId)], { logs });
    }

    const page = { deploymentId: id, afterId: 0, limit: 5000 };
    const lines = await fleet.listLogs({ tenantId: OPERATOR, ...page });

    assert.equal(lines.length, 1000);
    assert.equal(lines.at(-1)?.line, 'line 1199');
    await assert.rejects(fleet.listLogs({ tenantId: CUSTOMER, ...page }), {
      code: 'deployment.unknown',
    });
  });
});

describe('several controls', () => {
  it('make one replica for one wish', async () => {
    const { fleet, deploy, database, clock } = await createFleetFixture(testDatabase);
    const models = {
      resolve: async () => ({ kind: 'model_unknown' }) as const,
      isName: async () => false,
    };
    const other = createFleet({ database: database.database, models, clock, log: silentLog });
    await reportFrom(fleet, 'one');
    await deploy({ model: 'op/tiny', replicasMin: 2, replicasMax: 2 });

    await Promise.all([1, 2, 3, 4].flatMap(() => [fleet.reconcile(), other.reconcile()]));

    assert.equal((await reportFrom(fleet, 'one')).replicas.length, 2);
  });
});
