/**
 * From terms and a range of the file to what must be fetched: whole chunks, each stretch of a xorb once.
 * Source: huggingface.co/docs/xet/download-protocol. Pure.
 */
import { HASH_BYTES, type XetHash, bytesOfHash, hashOfBytes } from './hash.ts';
import type { Term } from './shard.ts';
import type { PlacedChunk } from './xorb.ts';

/** Bytes or chunks `[start, end)`. */
export type Span = Readonly<{ start: number; end: number }>;

export type Fetch = Readonly<{ chunks: Span; bytes: Span }>;

export type Reconstruction = Readonly<{
  /** Bytes of the first term that lie before the range. */
  skippedBytes: number;
  terms: readonly Term[];
  fetches: ReadonlyMap<XetHash, readonly Fetch[]>;
}>;

export type XorbChunks = ReadonlyMap<XetHash, readonly PlacedChunk[]>;

/** The terms that hold bytes of the range, whole. */
export function termsWithin(terms: readonly Term[], range: Span): readonly Term[] {
  let at = 0;
  return terms.filter(({ sizeBytes }) => {
    const start = at;
    at += sizeBytes;
    return start < range.end && at > range.start;
  });
}

/** `xorbs` must have those of the terms within the range. */
export function reconstruct(
  terms: readonly Term[],
  range: Span,
  xorbs: XorbChunks,
): Reconstruction {
  const cut: Term[] = [];
  let skippedBytes = 0;
  let at = 0;
  for (const term of terms) {
    const start = at;
    at += term.sizeBytes;
    if (start >= range.end || at <= range.start) continue;
    const chunks = xorbs.get(term.xorb) ?? [];
    const trimmed = trim(term, chunks, { start: range.start - start, end: range.end - start });
    if (cut.length === 0) skippedBytes = Math.max(0, range.start - start - trimmed.leadBytes);
    cut.push(trimmed.term);
  }
  return { skippedBytes, terms: cut, fetches: fetchesOf(cut, xorbs) };
}

/** Without the chunks that lie outside the range, whose numbers count from the term's start. */
function trim(
  term: Term,
  chunks: readonly PlacedChunk[],
  range: Span,
): Readonly<{ term: Term; leadBytes: number }> {
  let { start, end, sizeBytes } = term;
  let leadBytes = 0;
  let endBytes = sizeBytes;
  for (; start < end - 1; start += 1) {
    const size = chunks[start]?.sizeBytes ?? 0;
    if (leadBytes + size > range.start) break;
    leadBytes += size;
  }
  for (; end - 1 > start; end -= 1) {
    const size = chunks[end - 1]?.sizeBytes ?? 0;
    if (endBytes - size < range.end) break;
    endBytes -= size;
  }
  sizeBytes = endBytes - leadBytes;
  return { term: { ...term, start, end, sizeBytes }, leadBytes };
}

function fetchesOf(
  terms: readonly Term[],
  xorbs: XorbChunks,
): ReadonlyMap<XetHash, readonly Fetch[]> {
  const spans = Map.groupBy(terms, ({ xorb }) => xorb);
  return new Map(
    [...spans].map(([xorb, of]) => {
      const chunks = xorbs.get(xorb) ?? [];
      return [xorb, merge(of).map((span) => ({ chunks: span, bytes: bytesOf(chunks, span) }))];
    }),
  );
}

/** Where a stretch of chunks lies in the xorb. */
export function bytesOf(chunks: readonly PlacedChunk[], { start, end }: Span): Span {
  return { start: chunks[start - 1]?.end ?? 0, end: chunks[end - 1]?.end ?? 0 };
}

/** In order, without overlaps. */
function merge(spans: readonly Span[]): readonly Span[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}

/** In the database: 32 bytes of the xorb's hash and three numbers for each term. */
const TERM_BYTES = HASH_BYTES + 12;

export function encodeTerms(terms: readonly Term[]): Buffer {
  const bytes = Buffer.alloc(terms.length * TERM_BYTES);
  terms.forEach(({ xorb, start, end, sizeBytes }, index) => {
    const at = index * TERM_BYTES;
    bytes.set(bytesOfHash(xorb), at);
    [start, end, sizeBytes].forEach((word, i) =>
      bytes.writeUInt32LE(word, at + HASH_BYTES + i * 4),
    );
  });
  return bytes;
}

export function decodeTerms(bytes: Buffer): readonly Term[] {
  return Array.from({ length: bytes.length / TERM_BYTES }, (_, index) => {
    const at = index * TERM_BYTES;
    const word = (i: number): number => bytes.readUInt32LE(at + HASH_BYTES + i * 4);
    return { xorb: hashOfBytes(bytes, at), start: word(0), end: word(1), sizeBytes: word(2) };
  });
}
