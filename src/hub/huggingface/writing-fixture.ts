/** For tests: the whole face on a real hub, with two tenants whose token is their id. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createApi, handleErrors } from '#platform/http.ts';
import { silentLog } from '#platform/log.ts';
import type { CloudEnv, Principal } from '#tenancy/principal.ts';
import { ACME, BOLT, type HubWorld, OPERATOR } from '../hub-fixture.ts';
import { createGitRoutes } from '../git/routes.ts';
import type { Hub } from '../hub.ts';
import { createHuggingFaceRoutes } from './routes.ts';

/** Signed in and without the right to write. */
export const READER = 'reader';

export type Asked = Readonly<{
  as?: string;
  method?: string;
  headers?: Readonly<Record<string, string>>;
  json?: unknown;
  body?: string | Uint8Array;
}>;

export type Answered = Readonly<{
  status: number;
  body: Record<string, unknown>;
  response: Response;
}>;

export function createFace(world: HubWorld, hub: Hub = world.hub) {
  const app = createApi<CloudEnv>();
  handleErrors(app, silentLog);
  const tenancy = {
    publicUrl: 'http://localhost',
    authenticate: async (headers: Headers) => principalOf(headers.get('authorization')),
    me: async ({ tenantId, role }: Principal) => {
      const tenant = {
        id: tenantId,
        name: tenantId.replace('ten_', ''),
        kind: 'customer' as const,
      };
      const rest = { currency: 'CNY', state: 'active' as const, createdAt: '2026-01-01T00:00:00Z' };
      return { member: null, tenant: { ...tenant, ...rest }, role, projects: [], tenants: [] };
    },
  };
  const parts = { hub, clock: world.clock, tenancy };
  app.route('/', createGitRoutes(parts));
  app.route('/', createHuggingFaceRoutes(parts));
  const ask = async (path: string, asked: Asked = {}): Promise<Answered> => {
    const { as = ACME, json, headers, ...rest } = asked;
    const response = await app.request(path, {
      method: json === undefined && asked.body === undefined ? 'GET' : 'POST',
      ...rest,
      headers: { ...(as !== '' && { authorization: `Bearer ${as}` }), ...headers },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
    const text = await response.clone().text();
    return {
      status: response.status,
      body: text.startsWith('{') ? JSON.parse(text) : {},
      response,
    };
  };
  /** As huggingface_hub writes a commit: a header and one line per change. */
  const commit = (name: string, changes: readonly Line[], more: Commit = {}): Promise<Answered> => {
    const { revision = 'main', query = '', as = ACME, parentCommit } = more;
    const header = { summary: more.summary ?? 'A commit', description: '', parentCommit };
    const lines = [{ key: 'header', value: header }, ...changes];
    const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    return ask(`/api/models/${name}/commit/${encodeURIComponent(revision)}${query}`, { as, body });
  };
  /** By LFS: announced, sent, verified. */
  const upload = async (name: string, bytes: Uint8Array, as = ACME): Promise<string> => {
    const oid = sha256Of(bytes);
    const objects = [{ oid, size: bytes.length }];
    const json = { operation: 'upload', transfers: ['basic'], objects, hash_algo: 'sha256' };
    const batch = await ask(`/${name}.git/info/lfs/objects/batch`, { as, json });
    assert.equal(batch.status, 200);
    const [object] = batchOf(batch);
    if (object?.actions === undefined) return oid;
    const sent = await ask(pathOf(object.actions.upload.href), {
      as: '',
      method: 'PUT',
      body: bytes,
    });
    assert.equal(sent.status, 200, await sent.response.text());
    return oid;
  };
  const read = async (path: string, as = ACME): Promise<Uint8Array> => {
    const { response, status } = await ask(path, { as });
    assert.equal(status, 200, path);
    return new Uint8Array(await response.arrayBuffer());
  };
  return { app, tenancy, ask, commit, upload, read };
}

export type Line = Readonly<{ key: string; value: unknown }>;
type Commit = Readonly<{
  revision?: string;
  query?: string;
  as?: string;
  parentCommit?: string;
  summary?: string;
}>;

export const put = (path: string, text: string): Line => ({
  key: 'file',
  value: { path, content: Buffer.from(text).toString('base64'), encoding: 'base64' },
});

export const large = (path: string, oid: string, size: number): Line => ({
  key: 'lfsFile',
  value: { path, algo: 'sha256', oid, size },
});

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export type BatchObject = Readonly<{
  oid: string;
  actions?: Readonly<{
    upload: Readonly<{ href: string; header?: Readonly<Record<string, string>> }>;
    verify: Readonly<{ href: string }>;
  }>;
}>;

export function batchOf({ body }: Answered): readonly BatchObject[] {
  const { objects }: { objects?: readonly BatchObject[] } = body;
  return objects ?? [];
}

/** What we hand out names our own host. */
export function pathOf(href: string): string {
  return new URL(href).pathname;
}

const TOKENS = new Set([ACME, BOLT, OPERATOR, READER]);

function principalOf(authorization: string | null): Principal | null {
  const token = authorization?.replace('Bearer ', '');
  if (token === undefined || !TOKENS.has(token)) return null;
  return {
    tenantId: token === READER ? ACME : token,
    tenantKind: 'customer',
    role: token === READER ? 'viewer' : 'developer',
    userId: null,
    keyId: 'key_1',
    projectId: 'prj_1',
  };
}
