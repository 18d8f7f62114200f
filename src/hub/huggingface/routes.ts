/**
 * The hub as Hugging Face's clients know it: who am I, repositories, their revisions, trees and files,
 * uploads and commits. `HF_ENDPOINT=http://this.cloud` is all that a client has to be told. Sources:
 * huggingface_hub (hf_api.py, file_download.py, _commit_api.py, lfs.py), https://huggingface.co/docs/hub/api.
 */
import { type Context, Hono } from 'hono';
import { FlywheelError } from '#platform/error.ts';
import { fail as failAuth } from '#tenancy/errors.ts';
import type { Me } from '#tenancy/api.ts';
import { failHub } from '../errors.ts';
import { refusalOf } from '../wire/huggingface/refusal.ts';
import { addAccessRoutes } from './access-routes.ts';
import { addBranchRoutes } from './branch-routes.ts';
import { addCollectionRoutes } from './collection-routes.ts';
import { addCommitRoutes } from './commit-routes.ts';
import { addDiscussionRoutes } from './discussion-routes.ts';
import { addLfsRoutes } from './lfs-routes.ts';
import { addLikeRoutes } from './like-routes.ts';
import type { Face, HuggingFaceParts } from '../face/parts.ts';
import { addReadRoutes } from './read-routes.ts';
import { addRepositoryRoutes } from './repository-routes.ts';
import { addWebhookRoutes } from './webhook-routes.ts';
import { createReadViewer, createWriteViewer } from '../face/viewer.ts';

export function createHuggingFaceRoutes(parts: HuggingFaceParts): Hono {
  const { hub, tenancy, clock } = parts;
  const api = new Hono();
  const viewerOf = createReadViewer(tenancy, clock);
  const face: Face = { ...parts, viewerOf, writerOf: createWriteViewer(viewerOf, tenancy) };
  api.onError((error, context) => refuse(error, context));

  api.get('/api/whoami-v2', async (context) => {
    const { principal } = await viewerOf(context);
    if (principal === null) throw failAuth('auth.missing', 'Send a token.');
    const me = await tenancy.me(principal);
    return context.json(whoami(me, await hub.repositories.namespacesOf(me.tenant)));
  });
  addReadRoutes(api, face);
  addRepositoryRoutes(api, face);
  addAccessRoutes(api, face);
  addBranchRoutes(api, face);
  addCommitRoutes(api, face);
  addLfsRoutes(api, face);
  addDiscussionRoutes(api, face);
  addLikeRoutes(api, face);
  addCollectionRoutes(api, face);
  addWebhookRoutes(api, face);

  api.all('/api/*', (context) => {
    throw failHub(
      'hub.face_missing',
      `This hub does not answer ${context.req.method} ${context.req.path}.`,
    );
  });
  return api;
}

/** Who holds the token, as `hf auth whoami` shows it: what a client puts before a repository's name comes first. */
function whoami(
  { member, tenant, role }: Me,
  namespaces: readonly string[],
): Readonly<Record<string, unknown>> {
  const isWriter = role !== 'viewer' && role !== 'finance';
  const roleInOrg = isWriter ? (role === 'developer' ? 'write' : 'admin') : 'read';
  return {
    type: 'user',
    id: member?.id ?? tenant.id,
    name: namespaces[0] ?? tenant.name,
    fullname: member?.name ?? tenant.name,
    ...(member !== null && { email: member.email, emailVerified: true }),
    orgs: namespaces.map((name) => ({
      type: 'org',
      id: `${tenant.id}/${name}`,
      name,
      fullname: tenant.name,
      roleInOrg,
    })),
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
