/** Bytes on their way: hashed in a worker, sent with progress, each part tried again when the line breaks. */
import { ApiError, CONNECTION_FAILED, parseApiError } from '#client/api-error.ts';
import type { HashAnswer } from './sha256-worker.ts';

export type Progress = (doneBytes: number) => void;

/** Rejects with the signal's reason when it is aborted, and when the file cannot be read any more. */
export function hashFile(file: File, onProgress: Progress, signal: AbortSignal): Promise<string> {
  const worker = new Worker(new URL('./sha256-worker.ts', import.meta.url), { type: 'module' });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop);
  worker.addEventListener('message', ({ data }: MessageEvent<HashAnswer>) => {
    if (data.kind === 'progress') onProgress(data.doneBytes);
    else if (data.kind === 'done') resolve(data.sha256);
    else reject(new Error(data.message));
  });
  worker.addEventListener('error', (event) => reject(new Error(event.message)));
  // A worker of our own: there is no origin to name.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  worker.postMessage(file);
  return promise.finally(() => {
    signal.removeEventListener('abort', stop);
    worker.terminate();
  });
}

const TRIES = 4;
const FIRST_WAIT_MS = 500;

/** Sends and gives the answer's ETag. What the hub refuses is not tried again. */
export async function putBytes(
  href: string,
  bytes: Blob,
  onProgress: Progress,
  signal: AbortSignal,
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await putOnce(href, bytes, onProgress, signal);
    } catch (error) {
      signal.throwIfAborted();
      const isPassing = error instanceof ApiError && (error.status === 0 || error.status >= 502);
      if (!isPassing || attempt === TRIES) throw error;
      await wait(FIRST_WAIT_MS * 2 ** attempt, signal);
    }
  }
}

/** `fetch` says nothing while it sends. */
function putOnce(
  href: string,
  bytes: Blob,
  onProgress: Progress,
  signal: AbortSignal,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const request = new XMLHttpRequest();
  const stop = (): void => request.abort();
  signal.addEventListener('abort', stop);
  request.upload.addEventListener('progress', ({ loaded }) => onProgress(loaded));
  request.addEventListener('load', () => {
    if (request.status < 300) return resolve(request.getResponseHeader('etag') ?? '');
    reject(parseApiError(request.status, parsed(request.responseText), new Headers()));
  });
  request.addEventListener('error', () =>
    reject(new ApiError({ status: 0, code: CONNECTION_FAILED, message: 'The connection broke.' })),
  );
  request.addEventListener('abort', () => reject(signal.reason));
  // Signed addresses name the host as the hub knows it; the page's own is the one that surely works.
  const { pathname, search } = new URL(href, window.location.href);
  request.open('PUT', pathname + search);
  request.send(bytes);
  return promise.finally(() => signal.removeEventListener('abort', stop));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page: its status says enough.
    return null;
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop);
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  });
}
