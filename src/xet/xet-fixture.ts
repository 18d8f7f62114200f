/** For tests: Xet storage on a real database and a real folder, behind its routes, and a client that uploads. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { createManualClock } from '#platform/clock.ts';
import { sql } from '#platform/database.ts';
import { serveApp } from '#platform/http.ts';
import { createFolderObjects } from '#platform/objects/folder.ts';
import type { ObjectStore } from '#platform/objects.ts';
import { createHash } from 'node:crypto';
import type { TestDatabase } from '../../test/database.ts';
import { createChunker } from './chunker.ts';
import { type Hashes, type XetHash, openHashes } from './hash.ts';
import { createXetRoutes } from './routes.ts';
import { type Shard, encodeShard } from './shard.ts';
import type { Access } from './signing.ts';
import { type Xet, createXet } from './xet.ts';
import { SCHEME, packFrame } from './xorb.ts';

export const ACME = 'ten_acme';
export const BOLT = 'ten_bolt';

export type XetWorld = Readonly<{
  xet: Xet;
  url: string;
  database: TestDatabase;
  objects: ObjectStore;
  folder: string;
  clock: ReturnType<typeof createManualClock>;
  hashes: Hashes;
  /** Which SHA-256 each tenant may read; a file that it sends is among them. */
  readable: Map<string, Set<string>>;
  /** What the hub has of any tenant. */
  kept: Set<string>;
}>;

export async function createXetWorld(database: TestDatabase): Promise<XetWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'flywheel-xet-'));
  const clock = createManualClock(Date.now());
  const objects = createFolderObjects({ folder: join(folder, 'objects'), reserveBytes: 0 });
  for (const id of [ACME, BOLT]) {
    await sql`insert into tenants (id, kind, name) values (${id}, 'customer', ${id})`.execute(
      database.database,
    );
  }
  const readable = new Map([ACME, BOLT].map((id) => [id, new Set<string>()]));
  const kept = new Set<string>();
  const xet = createXet({
    database: database.database,
    objects,
    clock,
    secret: 'a secret of this test',
    readable: async ({ tenantId }, sha256s) =>
      new Set(sha256s.filter((sha256) => readable.get(tenantId)?.has(sha256))),
    keeps: async (_, sha256s) => new Set(sha256s.filter((sha256) => kept.has(sha256))),
    accept: async (tenantId, { sha256 }) => {
      readable.get(tenantId)?.add(sha256);
      kept.add(sha256);
    },
  });
  const server = await serveApp(createXetRoutes(xet), { host: '127.0.0.1', port: 0 });
  after(async () => {
    await server.stop(0);
    await xet.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const hashes = await openHashes();
  return { xet, url: server.url, database, objects, folder, clock, hashes, readable, kept };
}

export function tokenOf(world: XetWorld, tenantId: string, access: Access): string {
  return world.xet.signing.issue({ tenantId, repositoryId: 'mdl_one', access }).token;
}

export function call(
  world: XetWorld,
  path: string,
  options: RequestInit & { token?: string } = {},
): Promise<Response> {
  const { token, headers, ...rest } = options;
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return fetch(`${world.url}/xet${path}`, { ...rest, headers: { ...authorization, ...headers } });
}

export type Upload = Readonly<{
  xorb: Buffer<ArrayBuffer>;
  xorbHash: XetHash;
  shard: Shard;
  fileHash: XetHash;
  sha256: string;
}>;

/** What a client would send for a file of one xorb, with LZ4 where it helps. */
export function prepare({ hashes }: Pick<XetWorld, 'hashes'>, bytes: Uint8Array): Upload {
  const chunker = createChunker();
  const pieces = [...chunker.push(bytes)];
  const last = chunker.end();
  if (last !== null) pieces.push(last);
  const chunks = pieces.map((piece) => ({ hash: hashes.chunk(piece), sizeBytes: piece.length }));
  const xorb = Buffer.concat(pieces.map((piece) => packFrame(piece, SCHEME.lz4)));
  const xorbHash = hashes.xorb(chunks);
  const fileHash = hashes.file(chunks);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const term = { xorb: xorbHash, start: 0, end: chunks.length, sizeBytes: bytes.length };
  const proofs = [hashes.term(chunks.map(({ hash }) => hash))];
  const shard: Shard = {
    files: [{ hash: fileHash, terms: [term], proofs, sha256 }],
    xorbs: [{ hash: xorbHash, packedBytes: xorb.length, chunks }],
  };
  return { xorb, xorbHash, shard, fileHash, sha256 };
}

/** Sends a file as a client does, and expects that it is taken. */
export async function send(world: XetWorld, tenantId: string, upload: Upload): Promise<void> {
  const token = tokenOf(world, tenantId, 'write');
  const xorb = await call(world, `/v1/xorbs/default/${upload.xorbHash}`, {
    method: 'POST',
    body: upload.xorb,
    token,
  });
  assert.equal(xorb.status, 200, await xorb.text());
  const shard = await sendShard(world, token, upload.shard);
  assert.equal(shard.status, 200, await shard.text());
}

export function sendShard(world: XetWorld, token: string, shard: Shard): Promise<Response> {
  const body = new Uint8Array(encodeShard(shard, null));
  return call(world, '/v1/shards', { method: 'POST', body, token });
}
