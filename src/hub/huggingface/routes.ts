/**
 * The hub as Hugging Face's clients know it, for reading: who am I, models, their revisions, trees and
 * files. `HF_ENDPOINT=http://this.cloud` is all that a client has to be told. Sources: huggingface_hub
 * (hf_api.py, file_download.py), https://huggingface.co/docs/hub/api.
 */
import { type Context, Hono } from 'hono';
import type { Clock } from '#platform/clock.ts';
import { FlywheelError } from '#platform/error.ts';
import { fail as failAuth } from '#tenancy/errors.ts';
import type { Tenancy } from '#tenancy/tenancy.ts';
import type { Me } from '#tenancy/api.ts';
import { failHub } from '../errors.ts';
import type { Hub } from '../hub.ts';
import { refusalOf } from '../wire/huggingface/refusal.ts';
import { listCommits, listModels, sendInfo, sendPaths, sendTree } from './answers.ts';
import { type FoundRevision, findModel, findRevision } from './find.ts';
import { sendFile } from './resolve.ts';
import { type Viewer, createReadViewer } from './viewer.ts';

export type HuggingFaceParts = Readonly<{
  hub: Hub;
  tenancy: Pick<Tenancy, 'authenticate' | 'me'>;
  clock: Clock;
}>;

type Found = FoundRevision & Readonly<{ viewer: Viewer }>;

const MODEL = '/api/models/:owner/:name';

export function createHuggingFaceRoutes({ hub, tenancy, clock }: HuggingFaceParts): Hono {
  const api = new Hono();
  const viewerOf = createReadViewer(tenancy, clock);
  api.onError((error, context) => refuse(error, context));

  api.get('/api/whoami-v2', async (context) => {
    const { principal } = await viewerOf(context);
    if (principal === null) throw failAuth('auth.missing', 'Send a token.');
    return context.json(whoami(await tenancy.me(principal)));
  });
  api.get('/api/models', async (context) => listModels(context, hub, await viewerOf(context)));

  const found = async (context: Context, revision: string): Promise<Found> => {
    const viewer = await viewerOf(context);
    return { viewer, ...(await findRevision(hub, viewer, { name: nameOf(context), revision })) };
  };
  const info = async (context: Context, revision: string): Promise<Response> =>
    sendInfo(context, hub, await found(context, revision));
  api.get(MODEL, (context) => info(context, 'main'));
  api.get(`${MODEL}/revision/:revision`, (context) => info(context, param(context, 'revision')));
  api.get(`${MODEL}/auth-check`, async (context) => {
    await findModel(hub, await viewerOf(context), nameOf(context));
    return context.json({});
  });
  api.get(`${MODEL}/refs`, async (context) => {
    const model = await findModel(hub, await viewerOf(context), nameOf(context));
    const main = { name: 'main', ref: 'refs/heads/main', targetCommit: model.latestRevisionId };
    return context.json({ branches: [main], converts: [], tags: [], pullRequests: [] });
  });
  api.get(`${MODEL}/commits/:revision`, async (context) => {
    const { viewer, model } = await found(context, param(context, 'revision'));
    return listCommits(context, hub, { viewer, name: model.name });
  });
  const tree = async (context: Context) =>
    sendTree(context, await found(context, param(context, 'revision')));
  api.get(`${MODEL}/tree/:revision`, tree);
  api.get(`${MODEL}/tree/:revision/:path{.+}`, tree);
  api.post(`${MODEL}/paths-info/:revision`, async (context) => {
    const { revision } = await found(context, param(context, 'revision'));
    return sendPaths(context, revision);
  });
  const file = async (context: Context): Promise<Response> => {
    const revision = param(context, 'revision');
    const asked = await found(context, revision);
    const path = param(context, 'path');
    return sendFile(context, hub, { ...asked, path, isBySha: revision === asked.revision.id });
  };
  for (const way of ['resolve', 'raw']) {
    api.on(['GET', 'HEAD'], `/:owner/:name/${way}/:revision/:path{.+}`, file);
  }

  api.all('/api/*', (context) => {
    throw failHub(
      'hub.face_missing',
      `This hub does not answer ${context.req.method} ${context.req.path}.`,
    );
  });
  return api;
}

/** Who holds the token, as `hf auth whoami` shows it. */
function whoami({ member, tenant, role }: Me): Readonly<Record<string, unknown>> {
  const isWriter = role !== 'viewer' && role !== 'finance';
  return {
    type: 'user',
    id: member?.id ?? tenant.id,
    name: member?.name ?? tenant.name,
    fullname: member?.name ?? tenant.name,
    ...(member !== null && { email: member.email, emailVerified: true }),
    orgs: [{ type: 'org', id: tenant.id, name: tenant.name, roleInOrg: role }],
    auth: {
      type: 'access_token',
      accessToken: { displayName: tenant.name, role: isWriter ? 'write' : 'read' },
    },
  };
}

/** Their clients read headers. What is no error of ours is for the app around to say. */
function refuse(error: Error, context: Context): Response {
  if (!(error instanceof FlywheelError)) throw error;
  const { status, headers, body } = refusalOf(error);
  const commit: unknown = context.get('commit');
  // With it clients remember that the file is not there.
  const named = typeof commit === 'string' ? { ...headers, 'x-repo-commit': commit } : headers;
  return Response.json(body, { status, headers: named });
}

function nameOf(context: Context): string {
  return `${param(context, 'owner')}/${param(context, 'name')}`;
}

function param(context: Context, name: string): string {
  return context.req.param(name) ?? '';
}
