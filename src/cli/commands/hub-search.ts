/** `hub search`: repositories by words, filters and order. */
import type { CatalogueFilters } from '#client/catalogue.ts';
import type { Model } from '#hub/api.ts';
import type { CatalogueFacets } from '#hub/catalogue/api.ts';
import { type Context, defineCommand } from '../command.ts';
import { formatAgo, formatBytes, formatCount, formatParameters } from '../format.ts';
import { printJson, printList } from '../result.ts';

/** Of one page of the API. */
const LIMIT_MAX = 200;
const NOTHING = 'Nothing matches. Fewer words or filters find more.';

const search = defineCommand({
  words: ['hub', 'search'],
  summary: 'Find models, datasets and spaces.',
  details:
    'WORDS are looked for by their beginnings in names and cards, Chinese by any run of characters. ' +
    'Of several values of one filter one is enough; tags must all be there. Without words the list ' +
    'begins with what trends.',
  arguments: [{ name: 'words', kind: 'rest', summary: 'What to look for.' }],
  options: {
    kind: {
      type: 'string',
      summary: 'What to look among.',
      choices: ['model', 'dataset', 'space'],
      default: 'model',
    },
    author: { type: 'string', value: 'OWNER', summary: 'Of one owner.' },
    task: { type: 'list', value: 'TASK', summary: 'Such as text-generation.' },
    library: { type: 'list', value: 'NAME', summary: 'Such as transformers or gguf.' },
    license: { type: 'list', value: 'ID', summary: 'Such as apache-2.0.' },
    language: { type: 'list', value: 'CODE', summary: 'Such as en or zh.' },
    quantization: { type: 'list', value: 'TYPE', summary: 'Such as Q4_K_M.' },
    tag: { type: 'list', value: 'TAG', summary: 'A tag of the card.' },
    parameters: { type: 'string', value: 'RANGE', summary: 'Such as min:6B,max:32B.' },
    sort: {
      type: 'string',
      summary: 'What comes first; the best fit, or what trends.',
      choices: [
        'trending',
        'downloads',
        'likes',
        'updated',
        'created',
        'parameters',
        'size',
        'name',
      ],
    },
    limit: { type: 'number', summary: 'How many are shown.', default: 20 },
    counts: { type: 'boolean', summary: 'Show how many there are of each kind instead.' },
  },
  examples: [
    'flywheel hub search qwen coder --library gguf --parameters max:12B',
    'flywheel hub search 语音识别 --license apache-2.0 --sort downloads',
  ],
  run: async ({ arguments: { words }, options }, context) => {
    const { sort, limit, counts, tag, ...rest } = options;
    const filters: CatalogueFilters = {
      ...rest,
      tags: tag,
      search: words.length === 0 ? undefined : words.join(' '),
    };
    const client = await context.connect();
    if (counts) {
      const found = await client.models.facets(filters);
      return context.isJson ? printJson(context, found) : printCounts(context, found);
    }
    const page = { sort, limit: Math.min(Math.max(Math.trunc(limit), 1), LIMIT_MAX) };
    const { data } = await client.models.list({ ...filters, ...page });
    return printList(context, data, COLUMNS, NOTHING);
  },
});

const COLUMNS = [
  { title: 'NAME', value: ({ name }: Model) => name },
  { title: 'TASK', value: ({ task }: Model) => task ?? '-' },
  {
    title: 'PARAMETERS',
    align: 'right' as const,
    value: ({ weights }: Model) =>
      weights?.parameters == null ? '-' : formatParameters(weights.parameters),
  },
  {
    title: 'SIZE',
    align: 'right' as const,
    value: ({ sizeBytes }: Model) => formatBytes(sizeBytes),
  },
  { title: 'LICENCE', value: ({ license }: Model) => license ?? '-' },
  {
    title: 'DOWNLOADS',
    align: 'right' as const,
    value: ({ downloads }: Model) => formatCount(downloads),
  },
  { title: 'LIKES', align: 'right' as const, value: ({ likes }: Model) => formatCount(likes) },
  { title: 'CHANGED', value: ({ updatedAt }: Model) => formatAgo(updatedAt, Date.now()) },
];

function printCounts(context: Context, facets: CatalogueFacets): void {
  const { taskGroups, library, license, language, quantization, parameters } = facets;
  const groups = {
    task: taskGroups.flatMap(({ tasks }) => tasks),
    library,
    license,
    language,
    quantization,
    parameters,
  };
  const rows = Object.entries(groups).flatMap(([facet, values]) =>
    values.map(({ value, count }) => ({ facet, value, count })),
  );
  printList(
    context,
    rows,
    [
      { title: 'FACET', value: ({ facet }) => facet },
      { title: 'VALUE', value: ({ value }) => value },
      { title: 'REPOSITORIES', align: 'right', value: ({ count }) => formatCount(count) },
    ],
    NOTHING,
  );
}

export const hubSearchCommands = [search];
