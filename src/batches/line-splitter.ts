/** Cuts a stream of bytes at its line ends and says where each line lies. Never holds more than one line. */

export type RawLine = Readonly<{
  /** From 1. */
  line: number;
  startByte: number;
  sizeBytes: number;
  /** Null where it is longer than it may be. */
  bytes: Buffer | null;
}>;

const LINE_FEED = 0x0a;

/** Lines that are not blank; the last one needs no line end. */
export async function* splitLines(
  source: AsyncIterable<Uint8Array>,
  bytesMax: number,
): AsyncGenerator<RawLine> {
  let line = 0;
  let startByte = 0;
  let sizeBytes = 0;
  let parts: Uint8Array[] = [];

  const take = (piece: Uint8Array): void => {
    sizeBytes += piece.length;
    if (sizeBytes > bytesMax) parts = [];
    else if (piece.length > 0) parts.push(piece);
  };
  const cut = (): RawLine | null => {
    line += 1;
    const bytes = sizeBytes > bytesMax ? null : Buffer.concat(parts);
    const found = { line, startByte, sizeBytes, bytes };
    parts = [];
    const isBlank = bytes !== null && bytes.toString('latin1').trim() === '';
    return isBlank ? null : found;
  };

  for await (const piece of source) {
    let from = 0;
    for (;;) {
      const at = piece.indexOf(LINE_FEED, from);
      if (at === -1) break;
      take(piece.subarray(from, at));
      const found = cut();
      if (found !== null) yield found;
      startByte += sizeBytes + 1;
      sizeBytes = 0;
      from = at + 1;
    }
    take(piece.subarray(from));
  }
  const last = sizeBytes > 0 ? cut() : null;
  if (last !== null) yield last;
}
