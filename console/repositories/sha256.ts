/**
 * SHA-256 piece by piece (FIPS 180-4, section 6.2). Written here because `crypto.subtle` takes a file only whole and
 * only on secure pages, and the page's policy lets no WebAssembly run.
 */
export type Sha256 = Readonly<{
  update: (bytes: Uint8Array) => void;
  /** In hex. Nothing may be added after it. */
  digest: () => string;
}>;

const BLOCK_BYTES = 64;
const ROUNDS = 64;

export function createSha256(): Sha256 {
  const state = Uint32Array.from(firstBits(8, 1 / 2));
  const block = new Uint8Array(BLOCK_BYTES);
  let [held, total] = [0, 0];
  const update = (bytes: Uint8Array): void => {
    total += bytes.length;
    let at = 0;
    if (held > 0) {
      at = Math.min(BLOCK_BYTES - held, bytes.length);
      block.set(bytes.subarray(0, at), held);
      held += at;
      if (held < BLOCK_BYTES) return;
      compress(state, block, 0);
    }
    for (; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) compress(state, bytes, at);
    held = bytes.length - at;
    block.set(bytes.subarray(at));
  };
  return {
    update,
    digest: () => {
      const bits = BigInt(total) * 8n;
      // A one, zeros up to the last eight bytes of a block, and the length in bits.
      const padding = new Uint8Array(
        1 + ((BLOCK_BYTES * 2 - 9 - (total % BLOCK_BYTES)) % BLOCK_BYTES) + 8,
      );
      padding[0] = 0x80;
      new DataView(padding.buffer).setBigUint64(padding.length - 8, bits);
      update(padding);
      return [...state].map((word) => word.toString(16).padStart(8, '0')).join('');
    },
  };
}

/** The first 32 bits behind the point of the roots of the first primes. */
function firstBits(count: number, power: number): readonly number[] {
  return primes(count).map((prime) => {
    const root = prime ** power;
    return Math.floor((root - Math.floor(root)) * 2 ** 32);
  });
}

function primes(count: number): readonly number[] {
  const found: number[] = [];
  for (let next = 2; found.length < count; next += 1) {
    if (found.every((prime) => next % prime !== 0)) found.push(next);
  }
  return found;
}

const CONSTANTS = Int32Array.from(firstBits(ROUNDS, 1 / 3), (value) => value | 0);
const SCHEDULE = new Int32Array(ROUNDS);

/** Its loop is the whole cost, so it is written out: no calls, no arrays beside the two above. */
function compress(state: Uint32Array, bytes: Uint8Array, at: number): void {
  const w = SCHEDULE;
  for (let i = 0; i < 16; i += 1) {
    const from = at + i * 4;
    w[i] =
      ((bytes[from] ?? 0) << 24) |
      ((bytes[from + 1] ?? 0) << 16) |
      ((bytes[from + 2] ?? 0) << 8) |
      (bytes[from + 3] ?? 0);
  }
  for (let i = 16; i < ROUNDS; i += 1) {
    const x = w[i - 15] ?? 0;
    const y = w[i - 2] ?? 0;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = ((w[i - 16] ?? 0) + s0 + (w[i - 7] ?? 0) + s1) | 0;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < ROUNDS; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const choice = (e & f) ^ (~e & g);
    const first = (h + s1 + choice + (CONSTANTS[i] ?? 0) + (w[i] ?? 0)) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + s0 + majority) | 0;
  }
  const words = [a, b, c, d, e, f, g, h];
  for (let i = 0; i < 8; i += 1) state[i] = (state[i] ?? 0) + (words[i] ?? 0);
}
