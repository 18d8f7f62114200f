import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createManualClock, systemClock } from '#platform/clock.ts';
import { listen, serveApp } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import { EMPTY_FEED, type Feed } from './feed.ts';
import { createFeedFollower } from './feed-follower.ts';
import { FeedPublisher } from './feed-publisher.ts';
import { composeModels } from './feed-source.ts';
import { type FeedState, createFeedState } from './feed-state.ts';
import { MODEL, feedReplica, until } from './gateway-fixture.ts';
import { createGatewayInternalRoutes } from './internal-routes.ts';

type World = {
  feed: Feed;
  reads: number;
  publisher: FeedPublisher;
  url: string;
  folder: string;
  stop: () => Promise<void>;
};

async function startPublisher(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'flywheel-feed-'));
  const world = { feed: { ...EMPTY_FEED, version: 1 }, reads: 0 };
  const publisher = new FeedPublisher({
    readVersion: async () => started.feed.version,
    readFeed: async () => {
      started.reads += 1;
      return started.feed;
    },
    log: silentLog,
  });
  const { app } = createGatewayInternalRoutes({ publisher, clock: systemClock });
  const server = await serveApp(app, { host: '127.0.0.1', port: 0 });
  publisher.start();
  const stop = async (): Promise<void> => {
    await publisher.stop();
    await server.stop(0);
    await rm(folder, { recursive: true });
  };
  const started: World = { ...world, publisher, url: server.url, folder, stop };
  return started;
}

function follower(world: Pick<World, 'url' | 'folder'>, feed: FeedState) {
  return createFeedFollower({
    controlUrl: world.url,
    joinToken: 'join',
    gatewayId: 'gtw_one',
    region: 'local',
    file: join(world.folder, 'gateway', 'feed.json'),
    feed,
    log: silentLog,
  });
}

describe('the feed', () => {
  it('brings the state at once and every change after it, and reads control only when it changed', async () => {
    const world = await startPublisher();
    const feed = createFeedState(systemClock);
    const following = follower(world, feed);
    await following.start();

    await until(() => feed.view().version === 1);
    world.feed = { ...world.feed, version: 2, revokedKeyIds: ['key_gone'] };
    await until(() => feed.view().version === 2);

    assert.deepEqual(feed.feed().revokedKeyIds, ['key_gone']);
    assert.equal(world.reads, 2);
    await following.stop();
    await until(() => world.publisher.followers === 0);
    await world.stop();
  });

  it('is kept on disk for its owner only, and served from there while control is away', async () => {
    const world = await startPublisher();
    const first = createFeedState(systemClock);
    const following = follower(world, first);
    await following.start();
    await until(() => first.view().version === 1);
    await following.stop();
    const file = join(world.folder, 'gateway', 'feed.json');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal((JSON.parse(await readFile(file, 'utf8')) as Feed).version, 1);

    const again = createFeedState(systemClock);
    const lost = follower({ url: 'http://127.0.0.1:9', folder: world.folder }, again);
    await lost.start();

    assert.equal(again.view().version, 1);
    await lost.stop();
    await world.stop();
  });

  it('comes back by itself when the stream breaks', async () => {
    let connections = 0;
    const server = createServer((_incoming, outgoing) => {
      connections += 1;
      const line = { kind: 'state', feed: { ...EMPTY_FEED, version: connections } };
      outgoing.write(`${JSON.stringify(line)}\n`, () => outgoing.destroy());
    });
    const { url, stop } = await listen(server, { host: '127.0.0.1', port: 0 });
    const folder = await mkdtemp(join(tmpdir(), 'flywheel-feed-'));
    const feed = createFeedState(systemClock);
    const following = follower({ url, folder }, feed);
    await following.start();

    await until(() => feed.view().version >= 3);

    await following.stop();
    await stop(0);
    await rm(folder, { recursive: true });
  });

  it('gives a slow follower the latest state and none of those between', async () => {
    let version = 1;
    const publisher = new FeedPublisher({
      readVersion: async () => version,
      readFeed: async (of) => ({ ...EMPTY_FEED, version: of }),
      log: silentLog,
    });
    publisher.start();
    const lines: number[] = [];
    const reader = publisher.follow().getReader();
    const read = async (): Promise<void> => {
      const { value } = await reader.read();
      lines.push((JSON.parse(Buffer.from(value ?? []).toString()) as { feed: Feed }).feed.version);
    };
    await read();
    for (const next of [2, 3, 4]) {
      version = next;
      await until(() => publisher.version === next);
    }

    await read();
    await read();

    assert.deepEqual(lines, [1, 2, 4]);
    await publisher.stop();
  });
});

describe('composing the feed', () => {
  const model = {
    id: 'mdl_one',
    name: MODEL,
    tenantId: 'ten_author',
    visibility: 'public',
    createdAt: new Date(0),
    contextLength: 4096,
  } as const;
  const deployment = {
    id: 'dep_one',
    tenantId: 'ten_author',
    modelName: MODEL,
    modelId: 'mdl_one',
    isWanted: true,
    state: 'ready',
    reason: null,
  } as const;

  it('gives another name of a public model to whoever deployed it', () => {
    const composed = composeModels({
      models: [model],
      deployments: [
        deployment,
        { ...deployment, id: 'dep_two', tenantId: 'ten_two', modelName: 'mine' },
      ],
      replicas: [feedReplica({ url: 'http://a', contextLength: 2048, capabilities: ['chat'] })],
      prices: [],
    });

    assert.deepEqual(
      composed.map(({ name, tenantId, visibility, contextLength, capabilities }) => ({
        name,
        tenantId,
        visibility,
        contextLength,
        capabilities,
      })),
      [
        {
          name: MODEL,
          tenantId: 'ten_author',
          visibility: 'public',
          contextLength: 2048,
          capabilities: ['chat'],
        },
        {
          name: 'mine',
          tenantId: 'ten_two',
          visibility: 'private',
          contextLength: 4096,
          capabilities: [],
        },
      ],
    );
  });
});

describe('gateways', () => {
  it('are online for three heartbeats and forgotten after an hour', async () => {
    const clock = createManualClock();
    const publisher = { follow: () => new ReadableStream<Uint8Array>() };
    const { app, listGateways } = createGatewayInternalRoutes({ publisher, clock });
    const beat = { id: 'gtw_one', region: 'local', feedVersion: 7, unshippedBytes: 12 };

    const noted = await app.request('/internal/v1/gateways/heartbeat', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(beat),
    });

    assert.equal(noted.status, 204);
    assert.equal(listGateways()[0]?.isOnline, true);
    assert.equal(listGateways()[0]?.feedVersion, 7);
    clock.advance(9_000);
    assert.equal(listGateways()[0]?.isOnline, false);
    clock.advance(3_600_000);
    assert.deepEqual(listGateways(), []);
  });
});
