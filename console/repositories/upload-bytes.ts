/** Bytes on their way: hashed in a worker, sent with progress. */
import { ApiError, CONNECTION_FAILED, parseApiError } from '#client/api-error.ts';
import { pathOf } from '#client/hub-upload.ts';
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

/** Sends and gives the answer's ETag. `fetch` says nothing while it sends. */
export function putBytes(
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
  request.open('PUT', pathOf(href));
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
