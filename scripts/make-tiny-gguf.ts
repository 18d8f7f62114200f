/**
 * Writes the tiny random model that stands in for a real one: `node scripts/make-tiny-gguf.ts
 * [path] [seed]`. It speaks no language; it proves that everything around it works.
 */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { writeTinyGguf } from '../test/tiny-gguf.ts';

const path = process.argv[2] ?? 'models/flywheel-tiny.gguf';
const seed = Number(process.argv[3] ?? 1);

if (!Number.isInteger(seed)) {
  console.error('The seed must be a whole number: node scripts/make-tiny-gguf.ts <path> <seed>');
  process.exit(2);
}

await mkdir(dirname(path), { recursive: true });
await writeTinyGguf(path, { seed });
console.log(`${path}: ${(await stat(path)).size} bytes, seed ${seed}`);
