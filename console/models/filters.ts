/** What the list of models is asked for, as its address holds it. Pure. */
import type { CatalogueQuery } from '#client/catalogue.ts';
import type { ModelsSearch } from '../search.ts';

/** Of these several values may be chosen at once, and stand with commas between. */
export const CHECKED_FACETS = ['task', 'library', 'license', 'language', 'quantization'] as const;
export type CheckedFacet = (typeof CHECKED_FACETS)[number];
export type Facet = CheckedFacet | 'parameters';

export function chosen(search: ModelsSearch, facet: Facet): readonly string[] {
  const values = search[facet];
  if (values === undefined) return [];
  return facet === 'parameters' ? [values] : values.split(',');
}

/** With the value where it was not, without it where it was; of size classes one at a time. */
export function toggled(search: ModelsSearch, facet: Facet, value: string): ModelsSearch {
  const before = chosen(search, facet);
  const rest = before.filter((other) => other !== value);
  const isOne = facet === 'parameters';
  const next = rest.length < before.length ? rest : [...(isOne ? [] : rest), value];
  const { [facet]: _, ...others } = search;
  return next.length === 0 ? others : { ...others, [facet]: next.join() };
}

/** Every value that is chosen, in the order of the page. */
export function allChosen(
  search: ModelsSearch,
): readonly Readonly<{ facet: Facet; value: string }>[] {
  return [...CHECKED_FACETS, 'parameters' as const].flatMap((facet) =>
    chosen(search, facet).map((value) => ({ facet, value })),
  );
}

export function withoutFilters({ kind, q, sort }: ModelsSearch): ModelsSearch {
  return {
    ...(kind !== undefined && { kind }),
    ...(q !== undefined && { q }),
    ...(sort !== undefined && { sort }),
  };
}

export function queryOf(search: ModelsSearch): CatalogueQuery {
  const { kind = 'model', q, sort, parameters } = search;
  const lists = Object.fromEntries(
    CHECKED_FACETS.map((facet) => {
      const values = chosen(search, facet);
      return [facet, values.length === 0 ? undefined : values];
    }),
  );
  return { kind, search: q, sort, parameters, ...lists };
}

/** `min:1B,max:6B` as `1B – 6B`; open on one side as `< 1B` and `≥ 128B`. */
export function rangeLabel(range: string): string {
  const [, min] = /min:([^,]+)/.exec(range) ?? [];
  const [, max] = /max:([^,]+)/.exec(range) ?? [];
  if (min === undefined) return `< ${max ?? ''}`;
  return max === undefined ? `≥ ${min}` : `${min} – ${max}`;
}
