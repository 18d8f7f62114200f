/**
 * Repositories on our own API, as the console's pages ask: a repository with its card and what the caller may
 * do with it, and the inside of a weights file. Everything else about them is at the addresses that Hugging
 * Face's clients use too, which take the page's session.
 */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { errorSchema } from '#tenancy/api.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import {
  type RepositoryDetail,
  repositoryDetailSchema,
  repositoryKindSchema,
  weightsHeaderSchema,
} from './api.ts';
import { CARD_BYTES_MAX, parseCard } from './card.ts';
import { failHub } from './errors.ts';
import { requireFiles } from './face/resolve.ts';
import { readInside } from './file-inside.ts';
import type { Hub } from './hub.ts';
import type { Viewer } from './repositories/access.ts';
import { type Repository, unknownRepository } from './repositories/repositories.ts';

const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  content: { 'application/json': { schema } },
  description,
});

const failures = {
  400: json(errorSchema, 'The request is not valid, or the file is damaged.'),
  403: json(errorSchema, 'Its files are gated, or the role does not include this.'),
  404: json(errorSchema, 'There is no such thing, or it is not yours to see.'),
};

const params = z.object({
  kind: repositoryKindSchema,
  owner: z.string().max(96),
  name: z.string().max(96),
});

const showRepository = createRoute({
  method: 'get',
  path: '/cloud/v1/repositories/{kind}/{owner}/{name}',
  tags: ['Repositories'],
  summary: 'A model, dataset or space with its card and what you may do with it',
  request: { params },
  responses: { 200: json(repositoryDetailSchema, 'The repository.'), ...failures },
});

const showHeader = createRoute({
  method: 'get',
  path: '/cloud/v1/repositories/{kind}/{owner}/{name}/header',
  tags: ['Repositories'],
  summary: 'What a GGUF or safetensors file says of itself: its metadata and tensors',
  request: {
    params,
    query: z.object({
      path: z.string().min(1).max(1024),
      revision: z.string().min(1).max(300).default('main'),
    }),
  },
  responses: { 200: json(weightsHeaderSchema, 'Its header.'), ...failures },
});

export function createRepositoryRoutes(hub: Hub): OpenAPIHono<CloudEnv> {
  const api = createApi<CloudEnv>();
  const found = async (viewer: Viewer, { kind, owner, name }: z.output<typeof params>) => {
    const id = { kind, name: `${owner}/${name}` };
    const repository = await hub.repositories.find(viewer, id);
    if (repository === null) throw unknownRepository(id);
    return repository;
  };
  api.openapi(showRepository, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'model.read');
    const viewer = { tenantId: principal.tenantId, principal };
    const repository = await found(viewer, context.req.valid('param'));
    return context.json(await detailOf(hub, viewer, repository), 200);
  });
  api.openapi(showHeader, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'model.read');
    const viewer = { tenantId: principal.tenantId, principal };
    const repository = await found(viewer, context.req.valid('param'));
    requireFiles(repository);
    const { path, revision } = context.req.valid('query');
    const { files } = await hub.history.revision(repository, revision);
    const file = files.find((candidate) => candidate.path === path);
    if (file === undefined) {
      throw failHub('file.unknown', `There is no ${path.slice(0, 200)} in ${repository.name}.`);
    }
    return context.json(await readInside(hub, file), 200);
  });
  return api;
}

async function detailOf(
  hub: Hub,
  viewer: Viewer,
  repository: Repository,
): Promise<RepositoryDetail> {
  const { access, mayReadFiles, row } = repository;
  const model = await hub.repositories.describe(viewer, repository);
  const detail = {
    ...model,
    access,
    mayReadFiles,
    accessRequest: mayReadFiles ? null : await hub.gates.stateOf(viewer, repository),
  };
  if (row.latestRevisionId === null) return { ...detail, card: '', cardFields: {}, fileCount: 0 };
  const { files, id } = await hub.history.revision(repository, 'main');
  const readme = files.find(({ path }) => path === 'README.md');
  const parts: Uint8Array[] = [];
  if (readme !== undefined) {
    const range = { start: 0, end: Math.min(readme.sizeBytes, CARD_BYTES_MAX) };
    for await (const part of await hub.readBlob(readme.sha256, range)) parts.push(part);
  }
  const card = parseCard(Buffer.concat(parts).toString('utf8'));
  const cardFields = Object.fromEntries(
    [...card.fields].map(([key, values]) => [key, [...values]]),
  );
  return {
    ...detail,
    latestRevisionId: id,
    card: card.body,
    cardFields,
    fileCount: files.length,
  };
}
