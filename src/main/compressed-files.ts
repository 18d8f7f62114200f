/**
 * Files made small for the way, each once and for as long as it stays as it is: the console's files
 * are few and never change under their names, so their small forms are kept in memory. What has been
 * there longest makes room when they become too many.
 */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

export type Encoding = 'br' | 'gzip';

/** `tag` changes with the content. */
export type SourceFile = Readonly<{ path: string; sizeBytes: number; tag: string }>;

export type CompressedFiles = Readonly<{
  /** Null where the plain bytes serve as well or better. */
  read: (file: SourceFile, encoding: Encoding) => Promise<Uint8Array<ArrayBuffer> | null>;
}>;

/** The whole console takes 0.6 MB in both forms; a file larger than half of this is sent as it is. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;
const SOURCE_BYTES_MAX = 2 * 1024 * 1024;

/** Below this the headers weigh as much as what is saved. */
const SOURCE_BYTES_MIN = 512;

/** A twelfth larger than the best (305 KB for 281 KB) in a sixteenth of its time: somebody waits. */
const BROTLI_QUALITY = 5;

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

export function createCompressedFiles(keptBytesMax: number = KEPT_BYTES_MAX): CompressedFiles {
  const kept = new Map<string, Readonly<{ tag: string; bytes: Uint8Array<ArrayBuffer> }>>();
  const running = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  let keptBytes = 0;

  const forget = (key: string): void => {
    keptBytes -= kept.get(key)?.bytes.byteLength ?? 0;
    kept.delete(key);
  };
  const keep = (key: string, tag: string, bytes: Uint8Array<ArrayBuffer>): void => {
    forget(key);
    kept.set(key, { tag, bytes });
    keptBytes += bytes.byteLength;
    for (const oldest of kept.keys()) {
      if (keptBytes <= keptBytesMax) return;
      forget(oldest);
    }
  };

  return {
    read: async (file, encoding) => {
      if (file.sizeBytes < SOURCE_BYTES_MIN || file.sizeBytes > SOURCE_BYTES_MAX) return null;
      const key = `${encoding} ${file.path}`;
      const found = kept.get(key);
      if (found?.tag === file.tag) return found.bytes;
      // Visitors who come at once wait for the same work.
      const job = `${file.tag} ${key}`;
      const work = running.get(job) ?? compress(file.path, encoding);
      running.set(job, work);
      try {
        const bytes = await work;
        if (kept.get(key)?.bytes !== bytes) keep(key, file.tag, bytes);
        return bytes;
      } finally {
        running.delete(job);
      }
    },
  };
}

async function compress(path: string, encoding: Encoding): Promise<Uint8Array<ArrayBuffer>> {
  const content = await readFile(path);
  if (encoding === 'gzip') return new Uint8Array(await zip(content));
  return new Uint8Array(
    await brotli(content, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  );
}

/** The smallest form that the reader takes (RFC 9110 12.5.3); null for the plain one. Pure. */
export function chooseEncoding(acceptEncoding: string | undefined): Encoding | null {
  const weights = new Map(
    (acceptEncoding ?? '').split(',').map((part): [string, number] => {
      const [name = '', ...parameters] = part
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/);
      const weight = parameters.find((parameter) => parameter.startsWith('q='));
      return [name, weight === undefined ? 1 : Number(weight.slice(2))];
    }),
  );
  const takes = (name: string): boolean => (weights.get(name) ?? weights.get('*') ?? 0) > 0;
  if (takes('br')) return 'br';
  return takes('gzip') ? 'gzip' : null;
}
