/** What the list can be narrowed by, with how many there are of each. */
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CatalogueFacets } from '#client/catalogue.ts';
import { useFormat } from '../format/format.ts';
import type { ModelsSearch } from '../search.ts';
import { classNames } from '../ui/class-names.ts';
import { CheckIcon } from '../ui/icons.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { FACET_LABELS, useFacetNames } from './facet-names.ts';
import { type Facet, chosen, toggled } from './filters.ts';

/** Longer lists are opened. */
const SHOWN_FIRST = 6;

type Value = Readonly<{ value: string; count: number }>;

export type FacetPanelProps = Readonly<{
  facets: CatalogueFacets | undefined;
  search: ModelsSearch;
  onSearch: (search: ModelsSearch) => void;
}>;

export function FacetPanel({ facets, search, onSearch }: FacetPanelProps) {
  if (facets === undefined) return <PanelSkeleton />;
  const list = (facet: Exclude<Facet, 'task'>) => (
    <FacetList facet={facet} values={facets[facet]} search={search} onSearch={onSearch} />
  );
  return (
    <div className="space-y-6">
      <TaskGroups groups={facets.taskGroups} search={search} onSearch={onSearch} />
      {list('parameters')}
      {list('library')}
      {list('license')}
      {list('language')}
      {list('quantization')}
    </div>
  );
}

type Chooser = Omit<FacetPanelProps, 'facets'>;

function TaskGroups({
  groups,
  search,
  onSearch,
}: Chooser & Readonly<{ groups: CatalogueFacets['taskGroups'] }>) {
  const { t } = useTranslation();
  const names = useFacetNames();
  if (groups.length === 0) return null;
  return (
    <Section title={t(FACET_LABELS.task)}>
      <div className="space-y-3">
        {groups.map(({ group, tasks }) => (
          <div key={group}>
            <p className="px-2 pb-0.5 text-2xs font-medium text-faint">{names.group(group)}</p>
            <FacetValues facet="task" values={tasks} search={search} onSearch={onSearch} />
          </div>
        ))}
      </div>
    </Section>
  );
}

type FacetListProps = Chooser & Readonly<{ facet: Facet; values: readonly Value[] }>;

function FacetList(props: FacetListProps) {
  const { t } = useTranslation();
  const { facet, search, values } = props;
  const known = new Set(values.map(({ value }) => value));
  // What is chosen stays on the page where it can be taken back, also when nothing has it any more.
  const gone = chosen(search, facet).filter((value) => !known.has(value));
  const all = [...values, ...gone.map((value) => ({ value, count: 0 }))];
  if (all.length === 0) return null;
  return (
    <Section title={t(FACET_LABELS[facet])}>
      <FacetValues {...props} values={all} />
    </Section>
  );
}

function FacetValues({ facet, values, search, onSearch }: FacetListProps) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const taken = chosen(search, facet);
  const shown = values.filter(
    ({ value }, index) => isOpen || index < SHOWN_FIRST || taken.includes(value),
  );
  const hidden = values.length - shown.length;
  return (
    <>
      <ul>
        {shown.map((value) => (
          <FacetValue
            key={value.value}
            facet={facet}
            value={value}
            isTaken={taken.includes(value.value)}
            onToggle={() => onSearch(toggled(search, facet, value.value))}
          />
        ))}
      </ul>
      {(hidden > 0 || isOpen) && values.length > SHOWN_FIRST && (
        <button
          type="button"
          onClick={() => setIsOpen(!isOpen)}
          className="mt-0.5 px-2 py-1 text-xs text-muted hover:text-ink"
        >
          {isOpen ? t('models.lessValues') : t('models.moreValues', { count: hidden })}
        </button>
      )}
    </>
  );
}

type FacetValueProps = Readonly<{
  facet: Facet;
  value: Value;
  isTaken: boolean;
  onToggle: () => void;
}>;

function FacetValue({ facet, value: { value, count }, isTaken, onToggle }: FacetValueProps) {
  const format = useFormat();
  const names = useFacetNames();
  return (
    <li>
      <label
        className={classNames(
          'flex min-h-7 w-full cursor-pointer items-center gap-2 rounded-md px-2 py-1 text-sm hover:bg-hover',
          'has-focus-visible:outline-2 has-focus-visible:outline-accent-line',
          isTaken ? 'text-ink' : 'text-muted hover:text-ink',
        )}
      >
        <input type="checkbox" checked={isTaken} onChange={onToggle} className="sr-only" />
        <span
          aria-hidden="true"
          className={classNames(
            'grid size-4 shrink-0 place-items-center rounded-sm border',
            isTaken ? 'border-accent bg-accent text-canvas' : 'border-line-strong bg-surface',
          )}
        >
          {isTaken && <CheckIcon className="size-3" />}
        </span>
        <span className="min-w-0 flex-1 truncate" title={value}>
          {names.value(facet, value)}
        </span>
        <span className="text-xs text-faint tabular">{format.compact(count)}</span>
      </label>
    </li>
  );
}

function Section({ title, children }: Readonly<{ title: string; children: ReactNode }>) {
  return (
    <section aria-label={title}>
      <h2 className="px-2 pb-1.5 text-xs font-semibold tracking-tight">{title}</h2>
      {children}
    </section>
  );
}

function PanelSkeleton() {
  return (
    <div aria-busy="true" className="space-y-3">
      {[0, 1, 2, 3, 4].map((line) => (
        <Skeleton key={line} className="h-6 rounded-md" />
      ))}
    </div>
  );
}
