/**
 * One repository of the hub, as a page shows and changes it: its card and files, its branches and commits,
 * what is uploaded to it and who was let in. Most of it is at the addresses of Hugging Face's clients.
 */
import type { RepositoryDetail, RepositoryKind, WeightsHeader } from '#hub/api.ts';
import type { DownloadDays } from '#hub/downloads/api.ts';
import type { CallOptions } from './client.ts';
import type { RepositoryAddress } from './hub-community.ts';
import { encoded } from './encoded-path.ts';
import { grantCalls } from './hub-grants.ts';
import type { Transport } from './transport.ts';

export type { RepositoryAddress };

export type RepositoryEntry = Readonly<{
  id: string;
  visibility: 'public' | 'internal' | 'private';
  gated: 'auto' | 'manual' | false;
  tags: readonly string[];
  lastModified: string;
  pipeline_tag?: string;
  downloads?: number;
  likes?: number;
}>;

export type TreeEntry = Readonly<{
  type: 'file' | 'directory';
  path: string;
  size: number;
  oid: string;
  lfs?: Readonly<{ oid: string; size: number }> | null;
  xetHash?: string;
  lastCommit?: Readonly<{ id: string; title: string; date: string }>;
  securityFileStatus?: Readonly<{
    status: string;
    pickleImportScan: Readonly<{
      message: string | null;
      pickleImports: readonly Readonly<{ module: string; name: string; safety: string }>[];
    }> | null;
  }>;
}>;

export type TreePage = Readonly<{ entries: readonly TreeEntry[]; nextCursor: string | null }>;

export type RepositoryRef = Readonly<{ name: string; ref: string; targetCommit: string }>;

export type RepositoryRefs = Readonly<{
  branches: readonly RepositoryRef[];
  tags: readonly RepositoryRef[];
  pullRequests: readonly RepositoryRef[];
}>;

export type RepositoryCommit = Readonly<{
  id: string;
  title: string;
  message: string;
  date: string;
  authors: readonly Readonly<{ user: string }>[];
}>;

export type AccessRequest = Readonly<{
  requestId: string;
  status: 'pending' | 'accepted' | 'rejected';
  timestamp: string;
  user: Readonly<{ user: string }>;
}>;

export type FileAdvice = Readonly<{
  path: string;
  uploadMode: 'regular' | 'lfs';
  shouldIgnore: boolean;
  /** Of what lies there with the same size: a SHA-256, or git's id of a small text. */
  oid?: string;
}>;

export type LfsObject = Readonly<{
  oid: string;
  size: number;
  /** None where the bytes are stored already. */
  actions?: Readonly<{
    upload: Readonly<{ href: string; header?: Readonly<Record<string, string>> }>;
    verify: Readonly<{ href: string }>;
  }>;
}>;

/** A line of a commit after its header. */
export type CommitLine =
  | Readonly<{
      key: 'file';
      value: Readonly<{ path: string; content: string; encoding: 'base64' }>;
    }>
  | Readonly<{
      key: 'lfsFile';
      value: Readonly<{ path: string; algo: 'sha256'; oid: string; size: number }>;
    }>
  | Readonly<{ key: 'deletedFile' | 'deletedFolder'; value: Readonly<{ path: string }> }>
  | Readonly<{ key: 'copyFile'; value: Readonly<{ path: string; srcPath: string }> }>;

export type CommitAsked = Readonly<{
  revision: string;
  summary: string;
  description?: string;
  /** With it, a branch that has moved on refuses the commit with 412. */
  parentCommit?: string;
  lines: readonly CommitLine[];
  /** As a pull request, and not on the branch. */
  isPull?: boolean;
}>;

export type CommitMade = Readonly<{ commitOid: string; pullRequestUrl?: string }>;

/** A commit with some large parts is slow to be checked. */
const COMMIT_TIMEOUT_MS = 10 * 60_000;

/** Where a file is fetched, relative to the cloud: models have no prefix. */
export function resolvePath(
  { kind, name }: RepositoryAddress,
  revision: string,
  path: string,
): string {
  const prefix = kind === 'model' ? '' : `/${kind}s`;
  return `${prefix}/${encoded(name)}/resolve/${encodeURIComponent(revision)}/${encoded(path)}`;
}

export function hubRepositoryCalls(transport: Transport) {
  return {
    ...facts(transport),
    ...files(transport),
    ...uploads(transport),
    ...commits(transport),
    ...gates(transport),
    ...grantCalls(transport),
  };
}

function facts(transport: Transport) {
  return {
    show: ({ kind, name }: RepositoryAddress, options?: CallOptions): Promise<RepositoryDetail> =>
      transport.json({ path: `/cloud/v1/repositories/${kind}/${encoded(name)}`, ...options }),
    /** Downloads, downloaders and bytes by day (UTC), the oldest first; 90 days at most. */
    downloads: (
      { kind, name }: RepositoryAddress,
      query: Readonly<{ days?: number }> = {},
      options?: CallOptions,
    ): Promise<DownloadDays> =>
      transport.json({
        path: `/cloud/v1/repositories/${kind}/${encoded(name)}/downloads`,
        query,
        ...options,
      }),
    /** What a GGUF or safetensors file says of itself. 422 for others. */
    header: (
      { kind, name }: RepositoryAddress,
      query: Readonly<{ path: string; revision: string }>,
      options?: CallOptions,
    ): Promise<WeightsHeader> =>
      transport.json({
        path: `/cloud/v1/repositories/${kind}/${encoded(name)}/header`,
        query,
        ...options,
      }),
    /** Those of one owner that the caller may see, the newest first; the first hundred. */
    ofOwner: (
      kind: RepositoryKind,
      owner: string,
      options?: CallOptions,
    ): Promise<readonly RepositoryEntry[]> =>
      transport.json({ path: `/api/${kind}s`, query: { author: owner, limit: 100 }, ...options }),
    /** The first parts of names that the caller's tenant may use; its own first. */
    namespaces: async (options?: CallOptions): Promise<readonly string[]> => {
      const { orgs } = await transport.json<{ orgs: readonly Readonly<{ name: string }>[] }>({
        path: '/api/whoami-v2',
        ...options,
      });
      return orgs.map(({ name }) => name);
    },
    refs: (at: RepositoryAddress, options?: CallOptions): Promise<RepositoryRefs> =>
      transport.json({ path: `${apiOf(at)}/refs`, query: { include_prs: true }, ...options }),
    commits: (
      at: RepositoryAddress,
      revision: string,
      page: Readonly<{ p: number; limit: number }>,
      options?: CallOptions,
    ): Promise<readonly RepositoryCommit[]> =>
      transport.json({
        path: `${apiOf(at)}/commits/${encodeURIComponent(revision)}`,
        query: page,
        ...options,
      }),
  };
}

function files(transport: Transport) {
  return {
    /** What a folder holds, with the commit that touched each last and what a look into it said. */
    tree: async (
      at: RepositoryAddress,
      asked: Readonly<{
        revision: string;
        path: string;
        cursor?: string | undefined;
        isRecursive?: boolean;
      }>,
      options?: CallOptions,
    ): Promise<TreePage> => {
      const folder = asked.path === '' ? '' : `/${encoded(asked.path)}`;
      const response = await transport.open({
        path: `${apiOf(at)}/tree/${encodeURIComponent(asked.revision)}${folder}`,
        query: {
          cursor: asked.cursor,
          ...(asked.isRecursive === true ? { recursive: true } : { expand: true }),
        },
        ...options,
      });
      const entries: readonly TreeEntry[] = JSON.parse(await response.text());
      const next = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
      const cursor = next === undefined ? null : new URL(next).searchParams.get('cursor');
      return { entries, nextCursor: cursor };
    },
    /** What lies at a path; null where nothing does. */
    entry: async (
      at: RepositoryAddress,
      { revision, path }: Readonly<{ revision: string; path: string }>,
      options?: CallOptions,
    ): Promise<TreeEntry | null> => {
      const [entry] = await transport.json<readonly TreeEntry[]>({
        method: 'POST',
        path: `${apiOf(at)}/paths-info/${encodeURIComponent(revision)}`,
        body: { paths: [path], expand: true },
        ...options,
      });
      return entry ?? null;
    },
    /** Opens a file, or some bytes of it. */
    open: (
      at: RepositoryAddress,
      file: Readonly<{ revision: string; path: string; range?: string | undefined }>,
      options?: CallOptions,
    ): Promise<Response> =>
      transport.open({
        path: resolvePath(at, file.revision, file.path),
        range: file.range,
        ...options,
      }),
  };
}

function uploads(transport: Transport) {
  return {
    /** In the own namespace where the name has no owner. 409 where it is taken. */
    make: (
      { kind, name }: RepositoryAddress,
      made: Readonly<{ visibility: string; license?: string | undefined }>,
    ): Promise<Readonly<{ id: string }>> => {
      const [organization = '', short = ''] = name.split('/');
      const body = { type: kind, organization, name: short, ...made };
      return transport.json({ method: 'POST', path: '/api/repos/create', body });
    },
    preupload: async (
      at: RepositoryAddress,
      revision: string,
      files: readonly Readonly<{ path: string; size: number; sample: string }>[],
      options?: CallOptions & Readonly<{ isPull?: boolean }>,
    ): Promise<readonly FileAdvice[]> => {
      const { isPull, ...call } = options ?? {};
      const answer = await transport.json<{ files: readonly FileAdvice[] }>({
        method: 'POST',
        path: `${apiOf(at)}/preupload/${encodeURIComponent(revision)}`,
        query: { create_pr: isPull === true ? 1 : undefined },
        body: { files },
        ...call,
      });
      return answer.files;
    },
    /** Where to send large files, in one piece or in parts. */
    announce: async (
      { kind, name }: RepositoryAddress,
      objects: readonly Readonly<{ oid: string; size: number }>[],
      options?: CallOptions,
    ): Promise<readonly LfsObject[]> => {
      const prefix = kind === 'model' ? '' : `/${kind}s`;
      const answer = await transport.json<{ objects: readonly LfsObject[] }>({
        method: 'POST',
        path: `${prefix}/${encoded(name)}.git/info/lfs/objects/batch`,
        body: {
          operation: 'upload',
          transfers: ['basic', 'multipart'],
          objects,
          hash_algo: 'sha256',
        },
        ...options,
      });
      return answer.objects;
    },
    /** Sends bytes to an address that the hub signed for them, and gives the answer's ETag. */
    putSigned: async (
      path: string,
      bytes: ReadableStream<Uint8Array>,
      options?: CallOptions,
    ): Promise<string> => {
      const response = await transport.open({ method: 'PUT', path, bytes, ...options });
      await response.arrayBuffer();
      return response.headers.get('etag') ?? '';
    },
    /** At an address that the hub signed for one file: its parts are there, its bytes are right. */
    postSigned: async (path: string, body: unknown, options?: CallOptions): Promise<void> => {
      await transport.json({
        method: 'POST',
        path,
        body,
        timeoutMs: COMMIT_TIMEOUT_MS,
        ...options,
      });
    },
  };
}

function commits(transport: Transport) {
  return {
    commit: (
      at: RepositoryAddress,
      asked: CommitAsked,
      options?: CallOptions,
    ): Promise<CommitMade> => {
      const { summary, description = '', parentCommit } = asked;
      const header = { summary, description, ...(parentCommit !== undefined && { parentCommit }) };
      return transport.json({
        method: 'POST',
        path: `${apiOf(at)}/commit/${encodeURIComponent(asked.revision)}`,
        query: { create_pr: asked.isPull === true ? 1 : undefined },
        lines: [{ key: 'header', value: header }, ...asked.lines],
        timeoutMs: COMMIT_TIMEOUT_MS,
        ...options,
      });
    },
    createRef: async (
      at: RepositoryAddress,
      ref: Readonly<{ kind: 'branch' | 'tag'; name: string; from: string }>,
    ): Promise<void> => {
      const [place, body] =
        ref.kind === 'branch'
          ? [ref.name, { startingPoint: ref.from }]
          : [ref.from, { tag: ref.name }];
      const path = `${apiOf(at)}/${ref.kind}/${encodeURIComponent(place)}`;
      await transport.json({ method: 'POST', path, body });
    },
  };
}

function gates(transport: Transport) {
  return {
    askAccess: async (at: RepositoryAddress): Promise<void> => {
      await transport.json({ method: 'POST', path: `${apiOf(at)}/ask-access`, body: {} });
    },
    accessRequests: (
      at: RepositoryAddress,
      state: AccessRequest['status'],
      options?: CallOptions,
    ): Promise<readonly AccessRequest[]> =>
      transport.json({ path: `${apiOf(at)}/user-access-request/${state}`, ...options }),
    decideAccess: async (
      at: RepositoryAddress,
      decided: Readonly<{ user: string; status: AccessRequest['status'] }>,
    ): Promise<void> => {
      const path = `${apiOf(at)}/user-access-request/handle`;
      await transport.json({ method: 'POST', path, body: decided });
    },
    /** Lets in who never asked. 404 where nobody holds the name. */
    grantAccess: async (at: RepositoryAddress, user: string): Promise<void> => {
      const path = `${apiOf(at)}/user-access-request/grant`;
      await transport.json({ method: 'POST', path, body: { user } });
    },
  };
}

function apiOf({ kind, name }: RepositoryAddress): string {
  return `/api/${kind}s/${encoded(name)}`;
}
