/** Where bytes lie while they come in: filled, checked against what was announced, put together of parts. */
import { createHash } from 'node:crypto';
import type { Bytes, ObjectStore, Stage } from '#platform/objects.ts';
import { failHub } from '../errors.ts';

/** What a signed address says: who sends which bytes. */
export type Grant = Readonly<{ tenantId: string; sha256: string; sizeBytes: number }>;

const COPY_BYTES = 1024 * 1024;

/** Appends exactly what was announced, or throws the stage away. */
export async function fill(stage: Stage, source: Bytes, grant: Grant): Promise<void> {
  try {
    await stage.append(atMost(source, grant.sizeBytes));
    requireAnnounced(stage, grant);
  } catch (error) {
    await stage.discard();
    throw error;
  }
}

/** One part; gives its SHA-256. Sent again it replaces what came before. */
export async function fillPart(stage: Stage, source: Bytes, bytesMax: number): Promise<string> {
  await stage.reset();
  await stage.append(atMost(source, bytesMax));
  await stage.close();
  return stage.sha256();
}

function requireAnnounced(stage: Stage, { sizeBytes, sha256 }: Grant): void {
  if (stage.sizeBytes !== sizeBytes) throw sizeMismatch(sizeBytes, stage.sizeBytes);
  const actual = stage.sha256();
  if (actual === sha256) return;
  throw failHub(
    'upload.hash_mismatch',
    `The bytes have the SHA-256 ${actual}, and ${sha256} was announced. Nothing of them is kept.`,
  );
}

function sizeMismatch(announced: number, actual: number): Error {
  return failHub(
    'upload.size_mismatch',
    `${announced} bytes were announced, and ${actual === announced ? 'more' : actual} came. Nothing of them is kept.`,
  );
}

/** Stops a sender that goes on beyond what it announced. */
async function* atMost(source: Bytes, bytesMax: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of source) {
    bytes += piece.length;
    if (bytes > bytesMax) throw sizeMismatch(bytesMax, bytesMax);
    yield piece;
  }
}

/** Raises `upload.missing` where a part is not what its ETag says. */
export async function joinParts(
  objects: ObjectStore,
  grant: Grant,
  etags: readonly string[],
): Promise<Stage> {
  const whole = await objects.stage(stageName(grant), grant.sizeBytes);
  await whole.reset();
  for (const [index, etag] of etags.entries()) {
    const part = await objects.stage(stageName(grant, index + 1));
    if (part.sha256() !== etag.replaceAll('"', '')) {
      throw failHub('upload.missing', `Part ${index + 1} is not here as it was sent.`);
    }
    await whole.append(piecesOf(part));
  }
  try {
    requireAnnounced(whole, grant);
  } catch (error) {
    await whole.discard();
    throw error;
  } finally {
    for (const index of etags.keys()) await objects.discardStage(stageName(grant, index + 1));
  }
  return whole;
}

async function* piecesOf(stage: Stage): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < stage.sizeBytes; offset += COPY_BYTES) {
    yield await stage.read(offset, COPY_BYTES);
  }
}

export function stageName(grant: Grant, part?: number): string {
  const name = createHash('sha256').update(`${grant.tenantId}\0${grant.sha256}`).digest('hex');
  return `upload-${name.slice(0, 32)}${part === undefined ? '' : `-${part}`}`;
}

/** Runs work of one name one after the other, whatever became of what came before. */
export function createTurns(): (name: string, work: () => Promise<void>) => Promise<void> {
  const last = new Map<string, Promise<void>>();
  return async (name, work) => {
    const before = last.get(name);
    const mine = (async () => {
      // Its failure is told to whoever asked for it.
      await before?.catch(() => undefined);
      return work();
    })();
    last.set(name, mine);
    try {
      await mine;
    } finally {
      if (last.get(name) === mine) last.delete(name);
    }
  };
}
