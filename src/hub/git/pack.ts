/** A pack, as `git index-pack` takes it: every object whole. https://git-scm.com/docs/gitformat-pack */
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { GitKind } from '../wire/huggingface/git-object.ts';

export type PackObject = Readonly<{
  kind: GitKind;
  read: () => Promise<Uint8Array>;
}>;

const NUMBERS: Readonly<Record<GitKind, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };

export async function* writePack(objects: readonly PackObject[]): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha1');
  const head = Buffer.alloc(12);
  head.write('PACK');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(objects.length, 8);
  hash.update(head);
  yield head;
  for (const { kind, read } of objects) {
    const bytes = await read();
    const part = Buffer.concat([headOf(kind, bytes.length), deflateSync(bytes, { level: 1 })]);
    hash.update(part);
    yield part;
  }
  yield hash.digest();
}

/** Kind and size: four bits of it, and then seven at a time. */
function headOf(kind: GitKind, size: number): Uint8Array {
  const bytes = [((NUMBERS[kind] & 7) << 4) | (size & 15)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push((bytes.pop() ?? 0) | 128, rest & 127);
  }
  return Buffer.from(bytes);
}
