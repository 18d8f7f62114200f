/** Lists the files of a model repository at Hugging Face, at ModelScope, or at a hub that speaks alike. */
import { z } from '@hono/zod-openapi';
import { FlywheelError } from '#platform/error.ts';
import { failImport } from '../errors.ts';
import type { SourceClient, SourceRequest } from './http.ts';
import { IMPORT_LIMITS, type PlannedFile } from './plan.ts';
import type { Repository } from './source.ts';

type Asking = Readonly<{ client: SourceClient } & Omit<SourceRequest, 'url' | 'headers'>>;

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

const revisionSchema = z.object({
  sha: z.string().regex(/^[\w.-]{1,100}$/),
  siblings: z.array(z.object({ rfilename: z.string() })).default([]),
});

const treeSchema = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    size: z.number().int().nonnegative().optional(),
    lfs: z.object({ oid: sha256Schema, size: z.number().int().optional() }).nullish(),
  }),
);

/** Pages of 1,000; beyond this many the limit on files is passed anyway. */
const PAGES_MAX = 50;

export async function listHuggingFace(
  { client, ...asking }: Asking,
  repository: Repository,
): Promise<readonly PlannedFile[]> {
  const { origin, id } = repository;
  const api = `${origin}/api/models/${encodePath(id)}`;
  const revision = await client.getJson(
    { ...asking, url: `${api}/revision/${encodeURIComponent(repository.revision)}` },
    revisionSchema,
  );
  const { sha, siblings } = revision.value;
  const resolve = (path: string): string =>
    `${origin}/${encodePath(id)}/resolve/${sha}/${encodePath(path)}`;
  const tree = await readTree({ client, ...asking }, `${api}/tree/${sha}?recursive=true`);
  if (tree === null) return siblings.map(({ rfilename }) => unknownFile(rfilename, resolve));
  return tree
    .filter((entry) => entry.type === 'file')
    .map(({ path, size, lfs }) => ({
      path,
      from: resolve(path),
      sizeBytes: lfs?.size ?? size ?? null,
      sha256: lfs?.oid ?? null,
      validator: null,
    }));
}

function unknownFile(path: string, resolve: (path: string) => string): PlannedFile {
  return { path, from: resolve(path), sizeBytes: null, sha256: null, validator: null };
}

/** Null where the hub has no tree call; its siblings then name the files without their sizes. */
async function readTree(
  { client, ...asking }: Asking,
  firstUrl: string,
): Promise<z.output<typeof treeSchema> | null> {
  const entries: z.output<typeof treeSchema> = [];
  let url: string | null = firstUrl;
  for (let page = 0; url !== null && page < PAGES_MAX; page += 1) {
    try {
      const answer: Awaited<ReturnType<typeof client.getJson<typeof treeSchema>>> =
        await client.getJson({ ...asking, url }, treeSchema);
      entries.push(...answer.value);
      url = nextPage(answer.headers['link'], url);
    } catch (error) {
      if (page === 0 && isMissing(error)) return null;
      throw error;
    }
  }
  return entries;
}

/** `Link: <url>; rel="next"`, followed only on the same origin: the token goes with it. */
function nextPage(link: string | undefined, from: string): string | null {
  const target = /<([^>]+)>\s*;\s*rel="next"/.exec(link ?? '')?.[1];
  if (target === undefined) return null;
  const url = URL.parse(target, from);
  return url !== null && url.origin === new URL(from).origin ? url.href : null;
}

function isMissing(error: unknown): boolean {
  return error instanceof FlywheelError && error.code === 'import.source_missing';
}

const modelScopeSchema = z.object({
  Data: z.object({
    Files: z.array(
      z.object({
        Path: z.string(),
        Type: z.string(),
        Size: z.number().int().nonnegative().nullish(),
        Sha256: z.string().nullish(),
      }),
    ),
  }),
});

export async function listModelScope(
  { client, ...asking }: Asking,
  { origin, id, revision }: Repository,
): Promise<readonly PlannedFile[]> {
  const api = `${origin}/api/v1/models/${encodePath(id)}/repo`;
  const listing = new URL(`${api}/files`);
  listing.searchParams.set('Revision', revision);
  listing.searchParams.set('Recursive', 'True');
  const { value } = await client.getJson({ ...asking, url: listing.href }, modelScopeSchema);
  const files = value.Data.Files.filter((file) => file.Type === 'blob');
  if (files.length > IMPORT_LIMITS.filesMax) {
    throw failImport('import.too_large', `There are ${files.length} files in ${id}.`);
  }
  return files.map((file) => {
    const from = new URL(api);
    from.searchParams.set('Revision', revision);
    from.searchParams.set('FilePath', file.Path);
    return {
      path: file.Path,
      from: from.href,
      sizeBytes: file.Size ?? null,
      sha256: sha256Schema.safeParse(file.Sha256).data ?? null,
      validator: null,
    };
  });
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
