/** Hashes a file of any size beside the page, piece by piece, so that the page goes on answering. */
import { createSha256 } from './sha256.ts';

export type HashAnswer =
  | Readonly<{ kind: 'progress'; doneBytes: number }>
  | Readonly<{ kind: 'done'; sha256: string }>
  | Readonly<{ kind: 'failed'; message: string }>;

/** Large enough that reading costs little, small enough for progress that moves. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** A worker talks to its page alone: there is no origin to name. */
const answer = (message: HashAnswer): void =>
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  globalThis.postMessage(message);

globalThis.addEventListener('message', ({ data }: MessageEvent<File>) => {
  hash(data).then(
    (digest) => answer({ kind: 'done', sha256: digest }),
    (error: unknown) => answer({ kind: 'failed', message: String(error) }),
  );
});

async function hash(file: File): Promise<string> {
  const digest = createSha256();
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    digest.update(new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer()));
    answer({ kind: 'progress', doneBytes: Math.min(at + PIECE_BYTES, file.size) });
  }
  return digest.digest();
}
