/**
 * A thread that does what would hold up everybody else: unpacking, hashing, cutting, packing. It knows
 * neither database nor objects; bytes come and go by transfer, without a copy.
 */
import { type Hash, createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { FlywheelError } from '#platform/error.ts';
import { type Hashes, openHashes } from './hash.ts';
import { createPacker } from './packer.ts';
import type { Answer, Job } from './worker-jobs.ts';
import { encodeChunks, inspectXorb, readFrames, unpack } from './xorb.ts';

type Message = Readonly<{ id: number; job: Job }>;

const sums = new Map<number, Hash>();
const packers = new Map<number, ReturnType<typeof createPacker>>();
const hashes = openHashes();

parentPort?.on('message', (message: Message) => {
  void hashes.then((ready) => reply(message, ready));
});

function reply({ id, job }: Message, ready: Hashes): void {
  try {
    const answer = work(job, ready);
    const moved = 'bytes' in answer && answer.bytes !== null ? [answer.bytes] : [];
    parentPort?.postMessage({ id, answer }, moved);
  } catch (error) {
    const known = error instanceof FlywheelError ? error.code : null;
    const message = error instanceof Error ? error.message : String(error);
    parentPort?.postMessage({ id, error: { code: known, message } }, []);
  }
}

function work(job: Job, ready: Hashes): Answer {
  switch (job.kind) {
    case 'inspect': {
      const { hash, chunks, framesBytes } = inspectXorb(ready, new Uint8Array(job.bytes));
      const contentBytes = chunks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const index = encodeChunks(chunks);
      return { kind: 'inspected', hash, index, framesBytes, contentBytes, bytes: job.bytes };
    }
    case 'sum': {
      const sum = sums.get(job.session) ?? createHash('sha256');
      sums.set(job.session, sum);
      for (const frame of readFrames(new Uint8Array(job.bytes))) sum.update(unpack(frame));
      return { kind: 'done' };
    }
    case 'sum-end': {
      const sum = sums.get(job.session) ?? createHash('sha256');
      sums.delete(job.session);
      return { kind: 'summed', sha256: sum.digest('hex') };
    }
    case 'cut': {
      const packer = packers.get(job.session) ?? createPacker(ready);
      packers.set(job.session, packer);
      return { kind: 'chunks', chunks: packer.cut(new Uint8Array(job.bytes), job.isLast) };
    }
    case 'pack': {
      const packed = packers.get(job.session)?.pack(job.wanted, job.isLast) ?? null;
      const bytes = packed?.bytes ?? null;
      return { kind: 'packed', xorb: packed?.xorb ?? null, bytes };
    }
    case 'forget':
      break;
  }
  sums.delete(job.session);
  packers.delete(job.session);
  return { kind: 'done' };
}
