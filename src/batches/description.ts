/**
 * What the addresses of files and batches take and answer, for the public description. They are served as
 * OpenAI's are and not as the rest of our API is, so they are described beside the routes and not by them.
 */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { errorSchema } from '#tenancy/api.ts';
import type { CloudEnv } from '#tenancy/principal.ts';
import { batchCreateSchema, batchSchema, deletedFileSchema, fileSchema } from './api.ts';

type Path = Parameters<OpenAPIHono<CloudEnv>['openAPIRegistry']['registerPath']>[0];

const json = (schema: z.ZodType, description: string) => ({
  200: { description, content: { 'application/json': { schema } } },
  default: {
    description: 'Refused; the body says why.',
    content: { 'application/json': { schema: errorSchema } },
  },
});

const listOf = (schema: z.ZodType) =>
  z.object({
    object: z.literal('list'),
    data: z.array(schema),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  });

const params = z.object({ id: z.string() });
const page = { after: z.string().optional(), limit: z.number().int().optional() };
const purpose = z.enum(['batch', 'user_data']);

const FILES: readonly Path[] = [
  {
    method: 'post',
    path: '/v1/files',
    request: {
      body: {
        required: true,
        content: { 'multipart/form-data': { schema: z.object({ file: z.any(), purpose }) } },
      },
    },
    responses: json(fileSchema, 'The file, whole and kept.'),
  },
  {
    method: 'get',
    path: '/v1/files',
    request: {
      query: z.object({
        ...page,
        order: z.enum(['asc', 'desc']).optional(),
        purpose: z.enum(['batch', 'batch_output', 'user_data']).optional(),
      }),
    },
    responses: json(listOf(fileSchema), "The project's files."),
  },
  {
    method: 'get',
    path: '/v1/files/{id}',
    request: { params },
    responses: json(fileSchema, 'One of them.'),
  },
  {
    method: 'delete',
    path: '/v1/files/{id}',
    request: { params },
    responses: json(deletedFileSchema, 'It is gone.'),
  },
  {
    method: 'get',
    path: '/v1/files/{id}/content',
    request: { params },
    responses: {
      200: { description: 'Its bytes, or the range that was asked for with 206.' },
      default: json(errorSchema, '').default,
    },
  },
];

const BATCHES: readonly Path[] = [
  {
    method: 'post',
    path: '/v1/batches',
    request: {
      body: { required: true, content: { 'application/json': { schema: batchCreateSchema } } },
    },
    responses: json(batchSchema, 'The batch, about to be checked.'),
  },
  {
    method: 'get',
    path: '/v1/batches',
    request: { query: z.object(page) },
    responses: json(listOf(batchSchema), "The project's batches, newest first."),
  },
  {
    method: 'get',
    path: '/v1/batches/{id}',
    request: { params },
    responses: json(batchSchema, 'How far it is and what it cost.'),
  },
  {
    method: 'post',
    path: '/v1/batches/{id}/cancel',
    request: { params },
    responses: json(batchSchema, 'It ends; what is answered stays.'),
  },
];

export function describeBatches(app: OpenAPIHono<CloudEnv>): void {
  for (const path of FILES) app.openAPIRegistry.registerPath({ ...path, tags: ['Files'] });
  for (const path of BATCHES) app.openAPIRegistry.registerPath({ ...path, tags: ['Batches'] });
}
