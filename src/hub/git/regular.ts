/** Which files git keeps itself: small text, as at the original hub. Of the others it keeps a pointer of LFS. Pure. */

/** What a browser shows in one piece, and a clone without LFS still bears. */
export const REGULAR_BYTES_MAX = 1024 * 1024;

/** UTF-8 without a NUL; the last letter of a sample may be cut. */
export function isText(sample: Uint8Array): boolean {
  if (sample.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: true });
    return true;
  } catch {
    // Bytes that are no letters: that is the answer.
    return false;
  }
}

/** Of files that came without a word on how git is to keep them. */
export function isRegular(bytes: Uint8Array): boolean {
  return bytes.length <= REGULAR_BYTES_MAX && isText(bytes);
}
