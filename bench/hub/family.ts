/**
 * A family of models as hubs see them, out of a seed: a base, partial fine-tunes that change some tensors, and
 * variants in the manner of quantisations, which write most tensors anew and leave the small ones as they are.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { seededBytes } from '#xet/seeded-bytes.ts';

export type FamilyFile = Readonly<{ path: string; sizeBytes: number; sha256: string }>;

const TUNES = 5;
/** Bits a weight, as in the names of GGUF files. */
const QUANTISATIONS = [2.6, 3.4, 3.9, 4.5, 4.8, 5.5, 6.6, 8.5];
const TENSORS = 48;
/** Norms, and embeddings kept in 16 bits. */
const KEPT_EVERY = 8;
const GGUF_ALIGNMENT_BYTES = 32;

export async function writeFamily(
  folder: string,
  baseBytes: number,
): Promise<readonly FamilyFile[]> {
  const tensorBytes = Math.floor(baseBytes / TENSORS);
  const base = Array.from({ length: TENSORS }, (_, index) => index + 1);
  const files = [await writeModel(join(folder, 'base.safetensors'), 'base', base, tensorBytes)];
  for (let tune = 0; tune < TUNES; tune += 1) {
    // From the last layers down to a third of all.
    const first = TENSORS - Math.floor((TENSORS * (tune + 1)) / (3 * TUNES));
    const seeds = base.map((seed, index) => (index < first ? seed : seed + 1000 * (tune + 1)));
    const path = join(folder, `tune-${tune}.safetensors`);
    files.push(await writeModel(path, `tune ${tune}`, seeds, tensorBytes));
  }
  for (const [index, bits] of QUANTISATIONS.entries()) {
    const path = join(folder, `q${index}.gguf`);
    files.push(await writeQuantised(path, 10_000 * (index + 1), bits / 16, tensorBytes));
  }
  return files;
}

function writeModel(
  path: string,
  name: string,
  seeds: readonly number[],
  tensorBytes: number,
): Promise<FamilyFile> {
  const tensors = seeds.map((_, index) => [
    `layer.${index}`,
    { dtype: 'BF16', data_offsets: [index * tensorBytes, (index + 1) * tensorBytes] },
  ]);
  const header = Buffer.from(
    JSON.stringify({ __metadata__: { name }, ...Object.fromEntries(tensors) }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return write(path, [
    () => Buffer.concat([length, header]),
    ...seeds.map((seed) => () => seededBytes(seed, tensorBytes)),
  ]);
}

function writeQuantised(
  path: string,
  firstSeed: number,
  share: number,
  tensorBytes: number,
): Promise<FamilyFile> {
  const smallBytes = Math.floor((tensorBytes * share) / GGUF_ALIGNMENT_BYTES);
  return write(path, [
    () => Buffer.from(`GGUF, ${share} of the base`.padEnd(4096)),
    ...Array.from(
      { length: TENSORS },
      (_, index) => () =>
        index % KEPT_EVERY === 0
          ? seededBytes(index + 1, tensorBytes)
          : seededBytes(firstSeed + index, smallBytes * GGUF_ALIGNMENT_BYTES),
    ),
  ]);
}

async function write(path: string, parts: readonly (() => Uint8Array)[]): Promise<FamilyFile> {
  const file = createWriteStream(path);
  const sum = createHash('sha256');
  let sizeBytes = 0;
  for (const make of parts) {
    const bytes = make();
    sum.update(bytes);
    sizeBytes += bytes.length;
    if (!file.write(bytes)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
  return { path, sizeBytes, sha256: sum.digest('hex') };
}
