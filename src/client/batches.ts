/** Files and batches, at OpenAI's addresses: they want a key, the client's own or the one given with a call. */
import type { Batch, BatchCreate, File as StoredFile } from '#batches/api.ts';
import type { Transport } from './transport.ts';

type Listed<T> = Readonly<{ data: readonly T[]; nextCursor: string | null }>;
type PageQuery = Readonly<{ cursor?: string | undefined; limit?: number | undefined }>;
export type BatchCall = Readonly<{
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
  apiKey?: string | undefined;
}>;

export type FileUpload = Readonly<{
  content: Blob;
  name: string;
  purpose: 'batch' | 'user_data';
  /** Seconds from now. */
  expiresAfter?: number | undefined;
}>;

/** 200 MiB over a slow line. */
const UPLOAD_TIMEOUT_MS = 15 * 60_000;

type OpenAiList<T> = Readonly<{ data: readonly T[]; last_id: string | null; has_more: boolean }>;

export function batchCalls(transport: Transport) {
  const list =
    <T>(path: string) =>
    async ({ cursor, limit }: PageQuery = {}, call?: BatchCall): Promise<Listed<T>> => {
      const query = { after: cursor, limit };
      const found = await transport.json<OpenAiList<T>>({ path, query, ...call });
      return { data: found.data, nextCursor: found.has_more ? found.last_id : null };
    };
  const at = (noun: string, id: string): string => `/v1/${noun}/${encodeURIComponent(id)}`;
  return {
    files: {
      list: list<StoredFile>('/v1/files'),
      get: (id: string, call?: BatchCall): Promise<StoredFile> =>
        transport.json({ path: at('files', id), ...call }),
      upload: (upload: FileUpload, call?: BatchCall): Promise<StoredFile> =>
        transport.json({
          method: 'POST',
          path: '/v1/files',
          form: formOf(upload),
          timeoutMs: UPLOAD_TIMEOUT_MS,
          ...call,
        }),
      remove: async (id: string, call?: BatchCall): Promise<void> => {
        await transport.json({ method: 'DELETE', path: at('files', id), ...call });
      },
      /** The open answer; its body is the file. */
      content: (id: string, call?: BatchCall): Promise<Response> =>
        transport.open({ path: `${at('files', id)}/content`, ...call }),
    },
    batches: {
      /** Newest first. */
      list: list<Batch>('/v1/batches'),
      get: (id: string, call?: BatchCall): Promise<Batch> =>
        transport.json({ path: at('batches', id), ...call }),
      create: (body: BatchCreate, call?: BatchCall): Promise<Batch> =>
        transport.json({ method: 'POST', path: '/v1/batches', body, ...call }),
      cancel: (id: string, call?: BatchCall): Promise<Batch> =>
        transport.json({ method: 'POST', path: `${at('batches', id)}/cancel`, body: {}, ...call }),
    },
  };
}

function formOf({ content, name, purpose, expiresAfter }: FileUpload): FormData {
  const form = new FormData();
  form.set('purpose', purpose);
  if (expiresAfter !== undefined) {
    form.set('expires_after[anchor]', 'created_at');
    form.set('expires_after[seconds]', String(expiresAfter));
  }
  form.set('file', content, name);
  return form;
}
