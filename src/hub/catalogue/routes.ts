/** The catalogue on our own API: `/cloud/v1/models` and `/cloud/v1/models/facets`. */
import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { createApi } from '#platform/http.ts';
import { errorSchema } from '#tenancy/api.ts';
import { type CloudEnv, requirePermission } from '#tenancy/principal.ts';
import { repositoryKindSchema } from '../api.ts';
import type { Hub } from '../hub.ts';
import { PAGE_LIMIT, PAGE_LIMIT_MAX } from '../page.ts';
import { SORTS, facetsSchema, modelPageSchema } from './api.ts';
import type { Facets } from './catalogue.ts';
import { SIZE_CLASSES } from './catalogue-store.ts';
import { type Filters, parseParameterRange } from './list-query.ts';
import { TASK_GROUPS, groupOfTask, tasksOfGroup } from './tasks.ts';

const LIST_LENGTH_MAX = 2_000;

/** Several values stand with commas between them, and one of them is enough. */
const list = () => z.string().max(LIST_LENGTH_MAX).optional();

const filterQuery = z.object({
  kind: repositoryKindSchema.default('model'),
  search: z.string().max(200).optional(),
  author: z.string().max(96).optional(),
  /** All of these tags. */
  tags: list(),
  task: list(),
  /** A group of tasks: `language`, `speech`, `image`, … */
  taskGroup: z.string().max(30).optional(),
  library: list(),
  license: list(),
  language: list(),
  quantization: list(),
  /** `min:6B,max:128B` */
  parameters: z.string().max(60).optional(),
  gated: z.enum(['true', 'false']).optional(),
});

const listQuery = filterQuery.extend({
  /** `relevance` where something is searched for, else `trending`. */
  sort: z.enum(SORTS).optional(),
  direction: z.enum(['asc', 'desc']).optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(PAGE_LIMIT),
  cursor: z.string().max(1_000).optional(),
});

const failures = {
  400: {
    content: { 'application/json': { schema: errorSchema } },
    description: 'The request is not valid.',
  },
  403: {
    content: { 'application/json': { schema: errorSchema } },
    description: 'The role does not include this.',
  },
};

const listModels = createRoute({
  method: 'get',
  path: '/cloud/v1/models',
  tags: ['Models'],
  summary: 'Repositories you may see, by text, filters and order',
  request: { query: listQuery },
  responses: {
    200: {
      content: { 'application/json': { schema: modelPageSchema } },
      description: 'A page of repositories.',
    },
    ...failures,
  },
});

const countFacets = createRoute({
  method: 'get',
  path: '/cloud/v1/models/facets',
  tags: ['Models'],
  summary: 'How many there are of each task, library, license, language, quantisation and size',
  request: { query: filterQuery },
  responses: {
    200: {
      content: { 'application/json': { schema: facetsSchema } },
      description: 'Counts of what matches.',
    },
    ...failures,
  },
});

export function createCatalogueRoutes({
  catalogue,
}: Pick<Hub, 'catalogue'>): OpenAPIHono<CloudEnv> {
  const api = createApi<CloudEnv>();
  api.openapi(listModels, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'model.read');
    const { sort, direction, limit, cursor, ...asked } = context.req.valid('query');
    const filters = filtersOf(asked);
    const found = await catalogue.list(principal.tenantId, {
      ...filters,
      sort: sort ?? (filters.search === undefined ? 'trending' : 'relevance'),
      direction,
      limit,
      cursor,
    });
    return context.json({ ...found, data: [...found.data] }, 200);
  });
  api.openapi(countFacets, async (context) => {
    const principal = context.get('principal');
    requirePermission(principal, 'model.read');
    const filters = filtersOf(context.req.valid('query'));
    return context.json(present(await catalogue.facets(principal.tenantId, filters)), 200);
  });
  return api;
}

function filtersOf(asked: z.infer<typeof filterQuery>): Filters {
  const { kind, author, parameters, gated, taskGroup } = asked;
  const search = asked.search?.trim();
  const tasks = [
    ...(split(asked.task) ?? []),
    ...(taskGroup === undefined ? [] : groupTasks(taskGroup)),
  ];
  return {
    kind,
    author: author === '' ? undefined : author,
    search: search === '' ? undefined : search,
    terms: split(asked.tags),
    task: tasks.length === 0 ? undefined : tasks,
    library: split(asked.library),
    license: split(asked.license),
    language: split(asked.language),
    quantization: split(asked.quantization),
    parameters: parameters === undefined ? undefined : parseParameterRange(parameters),
    gated: gated === undefined ? undefined : gated === 'true',
  };
}

/** A group that is not known has no task, and matches nothing. */
function groupTasks(group: string): readonly string[] {
  const tasks = tasksOfGroup(group);
  return tasks.length === 0 ? [''] : tasks;
}

function split(values: string | undefined): readonly string[] | undefined {
  const parts = values?.split(',').map((value) => value.trim());
  const named = parts?.filter((value) => value !== '');
  return named === undefined || named.length === 0 ? undefined : named;
}

function present({ counts, total, isMore }: Facets): z.infer<typeof facetsSchema> {
  const of = (facet: string) =>
    counts.filter((entry) => entry.facet === facet).map(({ value, count }) => ({ value, count }));
  const tasks = Map.groupBy(of('task'), ({ value }) => groupOfTask(value));
  return {
    total,
    isMore,
    taskGroups: TASK_GROUPS.flatMap(({ group }) => {
      const found = tasks.get(group) ?? [];
      const count = found.reduce((sum, task) => sum + task.count, 0);
      return found.length === 0 ? [] : [{ group, count, tasks: found }];
    }),
    library: of('library'),
    license: of('license'),
    language: of('language'),
    quantization: of('quantization'),
    parameters: of('parameters')
      .toSorted((a, b) => Number(a.value) - Number(b.value))
      .map(({ value, count }) => ({ value: rangeOf(Number(value)), count })),
  };
}

/** `width_bucket` counts from 0 below the first border. */
function rangeOf(place: number): string {
  const bounds = [
    ['min', SIZE_CLASSES[place - 1]],
    ['max', SIZE_CLASSES[place]],
  ] as const;
  return bounds
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}:${value / 1e9}B`]))
    .join(',');
}
