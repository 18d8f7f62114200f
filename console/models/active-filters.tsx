/** The filters that are in force, each with its way out. */
import { useTranslation } from 'react-i18next';
import type { ModelsSearch } from '../search.ts';
import { CloseIcon } from '../ui/icons.tsx';
import { useFacetNames } from './facet-names.ts';
import { allChosen, toggled, withoutFilters } from './filters.ts';

export type ActiveFiltersProps = Readonly<{
  search: ModelsSearch;
  onSearch: (search: ModelsSearch) => void;
}>;

export function ActiveFilters({ search, onSearch }: ActiveFiltersProps) {
  const { t } = useTranslation();
  const names = useFacetNames();
  const taken = allChosen(search);
  if (taken.length === 0) return null;
  return (
    <div className="mb-4 flex flex-wrap items-center gap-1.5">
      {taken.map(({ facet, value }) => {
        const name = names.value(facet, value);
        return (
          <button
            key={`${facet}:${value}`}
            type="button"
            aria-label={t('models.removeFilter', { name })}
            onClick={() => onSearch(toggled(search, facet, value))}
            className="inline-flex h-7 max-w-full items-center gap-1.5 rounded-full border border-line-strong bg-inset pr-2 pl-3 text-xs hover:bg-hover"
          >
            <span className="truncate">{name}</span>
            <CloseIcon className="size-3 shrink-0 text-faint" />
          </button>
        );
      })}
      <button
        type="button"
        onClick={() => onSearch(withoutFilters(search))}
        className="h-7 px-2 text-xs text-muted hover:text-ink"
      >
        {t('models.clear')}
      </button>
    </div>
  );
}
