/** The hub: models, datasets and spaces that the member may see, found by words, filters and order. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RepositoryKind } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { NewRepositoryButton } from '../repositories/new-repository.tsx';
import { KIND_LABELS } from '../repositories/words.ts';
import { MODELS_SORTS, type ModelsSearch } from '../search.ts';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { DownloadIcon } from '../ui/icons.tsx';
import { Page } from '../ui/page.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Select } from '../ui/select.tsx';
import { ActiveFilters } from './active-filters.tsx';
import { FacetPanel } from './facet-panel.tsx';
import { allChosen, queryOf, withoutFilters } from './filters.ts';
import { ImportDialog } from './import-dialog.tsx';
import { ImportList } from './import-list.tsx';
import { ModelGrid } from './model-grid.tsx';
import { facetsQuery } from './queries.ts';
import { SearchField } from './search-field.tsx';

const route = getRouteApi('/signed-in/models');

const KINDS = ['model', 'dataset', 'space'] as const;
const SORT_LABELS = {
  best: 'models.sortBest',
  trending: 'models.sortTrending',
  downloads: 'models.sortDownloads',
  likes: 'models.sortLikes',
  updated: 'models.sortUpdated',
  created: 'models.sortCreated',
  parameters: 'models.sortParameters',
  name: 'models.sortName',
} as const;
type SortChoice = keyof typeof SORT_LABELS;
const SORT_CHOICES = ['best', ...MODELS_SORTS] as const;

export function ModelsPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/models' });
  const set = (next: ModelsSearch) => void navigate({ search: next, replace: true });
  const actions = (
    <AddActions
      kind={search.kind ?? 'model'}
      onImport={() => void navigate({ search: { import: true } })}
    />
  );
  return (
    <Page title={t('nav.models')} description={t('models.text')} actions={actions}>
      <ImportList />
      <div className="lg:grid lg:grid-cols-[13rem_minmax(0,1fr)] lg:gap-8">
        <aside className="hidden lg:block">
          <Facets search={search} onSearch={set} />
        </aside>
        <div className="min-w-0">
          <Controls search={search} onSearch={set} />
          <ActiveFilters search={search} onSearch={set} />
          <ModelGrid search={search} actions={actions} />
        </div>
      </div>
      {search.import === true && <ImportDialog onClose={() => void navigate({ search: {} })} />}
    </Page>
  );
}

type AddActionsProps = Readonly<{ kind: RepositoryKind; onImport: () => void }>;

function AddActions({ kind, onImport }: AddActionsProps) {
  const { t } = useTranslation();
  if (!maySee(useMe().role, 'building')) return null;
  if (kind !== 'model') return <NewRepositoryButton key={kind} kind={kind} variant="primary" />;
  return (
    <>
      <NewRepositoryButton />
      <Button variant="primary" onClick={onImport}>
        <DownloadIcon />
        {t('models.import')}
      </Button>
    </>
  );
}

export type SearchProps = Readonly<{
  search: ModelsSearch;
  onSearch: (search: ModelsSearch) => void;
}>;

function Facets({ search, onSearch }: SearchProps) {
  const { sort: _, ...query } = queryOf(search);
  const { data } = useQuery(facetsQuery(query));
  return <FacetPanel facets={data} search={search} onSearch={onSearch} />;
}

function Controls({ search, onSearch }: SearchProps) {
  const { t } = useTranslation();
  const { kind = 'model', q = '' } = search;
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <Segmented
          label={t('models.kinds')}
          value={kind}
          choices={KINDS.map((value) => ({ value, label: t(KIND_LABELS[value]) }))}
          // Another kind has other tasks and licences; the words stay.
          onChange={(next) =>
            onSearch({ ...(q !== '' && { q }), ...(next !== 'model' && { kind: next }) })
          }
        />
        <SearchField
          key={kind}
          label={t(SEARCH_LABELS[kind])}
          value={q}
          onChange={(next) => {
            const { q: _, ...rest } = search;
            onSearch(next === '' ? rest : { ...rest, q: next });
          }}
        />
      </div>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-2">
        <FoundCount search={search} />
        <div className="flex gap-2">
          <FilterSheet search={search} onSearch={onSearch} />
          <SortSelect search={search} onSearch={onSearch} />
        </div>
      </div>
    </>
  );
}

const SEARCH_LABELS = {
  model: 'models.search',
  dataset: 'models.searchDataset',
  space: 'models.searchSpace',
} as const;

function FoundCount({ search }: Readonly<{ search: ModelsSearch }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { sort: _, ...query } = queryOf(search);
  const { data } = useQuery(facetsQuery(query));
  if (data === undefined) return <span />;
  const shown = format.number(data.total);
  return (
    <output className="text-sm text-muted tabular">
      {data.isMore
        ? t('models.countMore', { shown })
        : t('models.count', { count: data.total, shown })}
    </output>
  );
}

function SortSelect({ search, onSearch }: SearchProps) {
  const { t } = useTranslation();
  const { sort, q } = search;
  const unsaid: SortChoice = q === undefined ? 'trending' : 'best';
  const choices = SORT_CHOICES.filter((value) => value !== 'best' || q !== undefined)
    .map((value) => ({ value, label: t(SORT_LABELS[value]) }));
  return (
    <Select
      label={t('models.sort')}
      size="sm"
      value={sort ?? unsaid}
      choices={choices}
      onChange={(value) => {
        const { sort: _, ...rest } = search;
        onSearch(value === unsaid || value === 'best' ? rest : { ...rest, sort: value });
      }}
    />
  );
}

/** On narrow pages the filters come when they are asked for. */
function FilterSheet({ search, onSearch }: SearchProps) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const count = allChosen(search).length;
  return (
    <div className="lg:hidden">
      <Button size="sm" onClick={() => setIsOpen(true)}>
        {count === 0 ? t('models.filters') : t('models.filtersChosen', { count })}
      </Button>
      <Dialog
        isOpen={isOpen}
        onClose={() => setIsOpen(false)}
        title={t('models.filters')}
        closeLabel={t('action.close')}
        place="right"
        width="22rem"
      >
        <Facets search={search} onSearch={onSearch} />
        <div className="sticky -bottom-5 -mx-5 mt-6 -mb-5 flex gap-2 border-t bg-surface px-5 py-3">
          <Button className="flex-1" onClick={() => onSearch(withoutFilters(search))}>
            {t('models.clear')}
          </Button>
          <Button variant="primary" className="flex-1" onClick={() => setIsOpen(false)}>
            {t('models.showFound')}
          </Button>
        </div>
      </Dialog>
    </div>
  );
}
