/** Repositories found by words, filters and order, and how many there are of each kind. */
import type { Model, RepositoryKind } from '#hub/api.ts';
import type { CatalogueFacets, Sort } from '#hub/catalogue/api.ts';
import type { Family } from '#hub/lineage/api.ts';
import type { CallOptions, List, Page } from './client.ts';
import { encoded } from './encoded-path.ts';
import type { Query, Transport } from './transport.ts';

/** Of several values of one filter one is enough; tags must all be there. */
export type CatalogueFilters = Readonly<{
  kind?: RepositoryKind | undefined;
  search?: string | undefined;
  author?: string | undefined;
  tags?: readonly string[] | undefined;
  task?: readonly string[] | undefined;
  /** `language`, `speech`, `image`, … */
  taskGroup?: string | undefined;
  library?: readonly string[] | undefined;
  license?: readonly string[] | undefined;
  language?: readonly string[] | undefined;
  quantization?: readonly string[] | undefined;
  /** `min:6B,max:128B` */
  parameters?: string | undefined;
}>;

export type { CatalogueFacets };

export type CatalogueQuery = CatalogueFilters &
  Page &
  Readonly<{ sort?: Sort | undefined; direction?: 'asc' | 'desc' | undefined }>;

export function catalogueCalls(transport: Transport) {
  const path = '/cloud/v1/models';
  return {
    /** By fit where something is searched for, else by what trends. */
    list: (query: CatalogueQuery = {}, options?: CallOptions): Promise<List<Model>> =>
      transport.json({ path, query: joined(query), ...options }),
    /** What it was made from and what was made from it. `name` is `owner/name`. */
    family: (name: string, options?: CallOptions): Promise<Family> =>
      transport.json({
        path: `${path}/${encoded(name)}/family`,
        ...options,
      }),
    facets: (filters: CatalogueFilters = {}, options?: CallOptions): Promise<CatalogueFacets> =>
      transport.json({ path: `${path}/facets`, query: joined(filters), ...options }),
  };
}

function joined(query: CatalogueQuery): Query {
  const { tags, task, library, license, language, quantization, ...rest } = query;
  const lists = { tags, task, library, license, language, quantization };
  return {
    ...rest,
    ...Object.fromEntries(Object.entries(lists).map(([name, values]) => [name, values?.join()])),
  };
}
