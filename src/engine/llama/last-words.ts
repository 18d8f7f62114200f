/**
 * What a dying engine writes to standard error, to explain its end. Only lines of the native
 * library's and the runtime's own kind are kept: everything else there may quote a caller's request
 * (a grammar that cannot be parsed, say), and requests never reach a log.
 */
import type { Readable } from 'node:stream';

const FATAL_LINE =
  /^(GGML_ASSERT|ggml|llama_|CUDA error|terminate called|what\(\):|FATAL ERROR|Segmentation fault|libc\+\+|.*\b(GGML_ASSERT|std::bad_alloc)\b)/;

/** Native traces are long; the first line that fits tells the cause. */
const LINE_MAX = 300;

/** A function that gives the explaining line, or null. */
export function watchLastWords(stream: Readable | null): () => string | null {
  let rest = '';
  let found: string | null = null;
  stream?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(-LINE_MAX);
    found ??= lines.map((line) => line.trim()).find((line) => FATAL_LINE.test(line)) ?? null;
  });
  return () => {
    found ??= FATAL_LINE.test(rest) ? rest : null;
    return found?.slice(0, LINE_MAX) ?? null;
  };
}
