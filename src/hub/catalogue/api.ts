/** The public shapes of the catalogue. */
import { z } from '@hono/zod-openapi';
import { modelSchema } from '../api.ts';

export const SORTS = [
  'relevance',
  'trending',
  'downloads',
  'likes',
  'updated',
  'created',
  'parameters',
  'size',
  'name',
] as const;
export type Sort = (typeof SORTS)[number];

export const modelPageSchema = z
  .object({ data: z.array(modelSchema), nextCursor: z.string().nullable() })
  .openapi('ModelPage');
export type ModelPage = z.infer<typeof modelPageSchema>;

const facetValueSchema = z.object({ value: z.string(), count: z.number().int() });

export const facetsSchema = z
  .object({
    /** Repositories that match; from `COUNT_MAX` on there may be more. */
    total: z.number().int(),
    isMore: z.boolean(),
    /** Tasks in the groups that people look for, in the order of the page. */
    taskGroups: z.array(
      z.object({ group: z.string(), count: z.number().int(), tasks: z.array(facetValueSchema) }),
    ),
    library: z.array(facetValueSchema),
    license: z.array(facetValueSchema),
    language: z.array(facetValueSchema),
    quantization: z.array(facetValueSchema),
    /** Size classes as `min:…,max:…`, the smallest first. */
    parameters: z.array(facetValueSchema),
  })
  .openapi('CatalogueFacets');
export type CatalogueFacets = z.infer<typeof facetsSchema>;
