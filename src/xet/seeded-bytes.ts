/** Bytes for tests and benches: the same for the same seed, and as hard to compress as weights are. */

export function seededBytes(seed: number, length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed >>> 0 || 1;
  for (let i = 0; i < words.length; i += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}
