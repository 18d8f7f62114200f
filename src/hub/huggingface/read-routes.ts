/** What is read: lists, facts, refs, commits, trees and files, of models, datasets and spaces. */
import type { Context, Hono } from 'hono';
import { fullRefName } from '../repositories/refs.ts';
import { type FoundRevision, listCommits, sendInfo, sendPaths, sendTree } from './answers.ts';
import { listRepositories } from './lists.ts';
import { REPOSITORY, isSet, param } from '../face/address.ts';
import { type Face, changeable, seen } from '../face/parts.ts';
import { requireFiles, sendFile } from '../face/resolve.ts';

export function addReadRoutes(api: Hono, face: Face): void {
  const { hub, viewerOf } = face;
  const found = async (context: Context, name: string): Promise<FoundRevision> => {
    const { viewer, repository } = await seen(face, context);
    return { viewer, repository, revision: await hub.history.revision(repository, name) };
  };
  const info = async (context: Context, revision: string): Promise<Response> =>
    sendInfo(context, hub, await found(context, revision));

  api.get('/api/:kinds{(?:models|datasets|spaces)}', async (context) =>
    listRepositories(context, hub, await viewerOf(context)),
  );
  api.get(REPOSITORY, (context) => info(context, 'main'));
  api.get(`${REPOSITORY}/revision/:revision`, (context) =>
    info(context, param(context, 'revision')),
  );
  api.get(`${REPOSITORY}/auth-check`, async (context) => {
    // A gated repository says here whether its files may be had.
    requireFiles((await seen(face, context)).repository);
    return context.json({});
  });
  api.get(`${REPOSITORY}/auth-check/write`, async (context) => {
    await changeable(face, context, 'write');
    return context.json({});
  });
  api.get(`${REPOSITORY}/refs`, (context) => listRefs(context, face));
  api.get(`${REPOSITORY}/commits/:revision`, async (context) =>
    listCommits(context, hub, (await seen(face, context)).repository),
  );
  const tree = async (context: Context) =>
    sendTree(context, hub, await found(context, param(context, 'revision')));
  api.get(`${REPOSITORY}/tree/:revision`, tree);
  api.get(`${REPOSITORY}/tree/:revision/:path{.+}`, tree);
  api.post(`${REPOSITORY}/paths-info/:revision`, async (context) =>
    sendPaths(context, hub, await found(context, param(context, 'revision'))),
  );
  const file = async (context: Context): Promise<Response> => {
    const revision = param(context, 'revision');
    const asked = await found(context, revision);
    const path = param(context, 'path');
    return sendFile(context, hub, { ...asked, path, isBySha: revision === asked.revision.id });
  };
  for (const way of ['resolve', 'raw']) {
    api.on(['GET', 'HEAD'], `/:owner/:name/${way}/:revision/:path{.+}`, file);
    const prefixed = `/:kinds{(?:datasets|spaces)}/:owner/:name/${way}/:revision/:path{.+}`;
    api.on(['GET', 'HEAD'], prefixed, file);
  }
}

async function listRefs(context: Context, face: Face): Promise<Response> {
  const { repository } = await seen(face, context);
  const refs = (await face.hub.history.refs(repository)).map((ref) => ({
    kind: ref.kind,
    shown: {
      name: ref.kind === 'pull' ? fullRefName(ref) : ref.name,
      ref: fullRefName(ref),
      targetCommit: ref.revisionId,
    },
  }));
  const of = (kind: string) => refs.filter((ref) => ref.kind === kind).map(({ shown }) => shown);
  const head = repository.row.latestRevisionId;
  const main = { name: 'main', ref: 'refs/heads/main', targetCommit: head };
  const pullRequests = isSet(context.req.query('include_prs')) ? of('pull') : [];
  return context.json({
    branches: [main, ...of('branch')],
    converts: [],
    tags: of('tag'),
    pullRequests,
  });
}
