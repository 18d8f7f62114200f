/** Lists as Hugging Face's clients ask for them. huggingface_hub: hf_api.py, list_models; huggingface.js: list-models.ts. */
import type { Context } from 'hono';
import type { Sort } from '../catalogue/api.ts';
import { LIST_PAGE_MAX, type ListQuery, parseParameterRange } from '../catalogue/list-query.ts';
import { failHub } from '../errors.ts';
import { KINDS, isSet, linkNext, param } from '../face/address.ts';
import type { Hub } from '../hub.ts';
import type { Viewer } from '../repositories/access.ts';
import { listEntry } from '../wire/huggingface/model-info.ts';

const LIST_PAGE = 100;

/** Each name in both of their spellings. */
const SORTS: Readonly<Record<string, Sort>> = {
  trendingscore: 'trending',
  // Likes of late are most of what trends.
  likes30d: 'trending',
  likes7d: 'trending',
  downloads: 'downloads',
  downloadsalltime: 'downloads',
  likes: 'likes',
  lastmodified: 'updated',
  createdat: 'created',
  numparameters: 'parameters',
  mainsize: 'size',
  id: 'name',
};

/** What an app opens, as a tag. */
const APPS: Readonly<Record<string, string>> = {
  'llama.cpp': 'gguf',
  lmstudio: 'gguf',
  ollama: 'gguf',
  jan: 'gguf',
  'node-llama-cpp': 'gguf',
  'mlx-lm': 'mlx',
  vllm: 'safetensors',
  sglang: 'safetensors',
};

/** `GET /api/models` and of the other kinds. Raises `list.sort_unknown`, `list.filter_invalid`, `list.cursor_invalid`. */
export async function listRepositories(
  context: Context,
  hub: Hub,
  viewer: Viewer,
): Promise<Response> {
  const query = context.req.query();
  // Nobody else serves what lies here.
  if (query['inference_provider'] !== undefined) return context.json([]);
  const page = await hub.catalogue.list(viewer.tenantId, readQuery(context));
  if (page.nextCursor !== null) linkNext(context, page.nextCursor);
  const expand = ['expand', 'expand[]'].flatMap((name) => context.req.queries(name) ?? []);
  const isFull = ['full', 'cardData', 'config'].some((name) => isSet(query[name]));
  return context.json(page.data.map((model) => listEntry(model, { isFull, expand })));
}

function readQuery(context: Context): ListQuery {
  const { search, author, sort, direction, limit, cursor, gated, ...query } = context.req.query();
  const tags = (context.req.queries('filter') ?? []).flatMap((filter) => filter.split(','));
  const apps = (context.req.queries('apps') ?? []).map(
    (app) => APPS[app.toLowerCase()] ?? `app:${app}`,
  );
  const { num_parameters: parameters, pipeline_tag: task, library } = query;
  return {
    kind: KINDS[param(context, 'kinds')] ?? 'model',
    search,
    author,
    terms: [...tags, ...apps],
    task: task?.toLowerCase().split(','),
    library: library?.toLowerCase().split(','),
    gated: gated === undefined ? undefined : isSet(gated),
    parameters: parameters === undefined ? undefined : parseParameterRange(parameters),
    sort: sort === undefined ? 'trending' : sortOf(sort),
    direction: direction === '1' || direction === 'asc' ? 'asc' : undefined,
    limit: Math.min(Math.max(Math.trunc(Number(limit)) || LIST_PAGE, 1), LIST_PAGE_MAX),
    cursor,
  };
}

function sortOf(name: string): Sort {
  const sort = SORTS[name.replaceAll('_', '').toLowerCase()];
  if (sort !== undefined) return sort;
  throw failHub('list.sort_unknown', `This hub does not sort by ${name.slice(0, 50)}.`);
}
