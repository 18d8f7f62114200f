/**
 * Bytes of four-byte words put together by their place in the word: first all first bytes, then all second
 * ones. Floats then compress, because their exponents stand side by side. Scheme 2 of
 * huggingface.co/docs/xet/xorb. Pure.
 */

export function groupBytes(bytes: Uint8Array): Uint8Array {
  const grouped = new Uint8Array(bytes.length);
  for (let group = 0, to = 0; group < 4; group += 1) {
    for (let from = group; from < bytes.length; from += 4) grouped[to++] = bytes[from] ?? 0;
  }
  return grouped;
}

export function ungroupBytes(grouped: Uint8Array, bytes: Uint8Array): void {
  for (let group = 0, from = 0; group < 4; group += 1) {
    for (let to = group; to < grouped.length; to += 4) bytes[to] = grouped[from++] ?? 0;
  }
}
