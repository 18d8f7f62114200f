/** An upload of files that a person chose: hashed in a worker, sent with progress. */
import { type Sent, type UploadFile, runUpload } from '#client/hub-upload.ts';
import { cloud } from '../cloud.ts';
import type { RepositoryAddress } from './address.ts';
import { hashFile, putBytes } from './upload-bytes.ts';
import type { UploadItem } from './upload-plan.ts';

export type UploadTold = Readonly<{
  at: RepositoryAddress;
  revision: string;
  summary: string;
  isPull: boolean;
  items: readonly UploadItem[];
}>;

/** What is known of each file already; kept between runs. */
export type Memory = Map<File, Sent>;

type Chosen = UploadFile & Readonly<{ file: File }>;

/** Gives the address of the pull request, where one was asked for; null when there is nothing to commit. */
export async function uploadItems(
  { items, ...asked }: UploadTold,
  memory: Memory,
  tell: (path: string, part: Partial<UploadItem>) => void,
  signal: AbortSignal,
): Promise<Readonly<{ pullRequestUrl?: string }> | null> {
  return runUpload<Chosen>(
    { ...asked, files: items.map(chosen) },
    {
      hub: cloud.hub,
      recall: ({ file }) => {
        const sent = memory.get(file) ?? { etags: new Map<string, string>(), isSent: false };
        memory.set(file, sent);
        return sent;
      },
      tell: ({ path }, step) => tell(path, { ...step, error: null }),
      fail: ({ path }, error) =>
        tell(
          path,
          signal.aborted ? { state: 'waiting', doneBytes: 0 } : { state: 'failed', error },
        ),
      signal,
    },
  );
}

function chosen({ path, file }: UploadItem): Chosen {
  return {
    path,
    file,
    sizeBytes: file.size,
    read: async ({ start, end }) => new Uint8Array(await file.slice(start, end).arrayBuffer()),
    hash: (onProgress, signal) => hashFile(file, onProgress, signal),
    put: (href, { start, end }, onProgress, signal) =>
      putBytes(href, file.slice(start, end), onProgress, signal),
  };
}
