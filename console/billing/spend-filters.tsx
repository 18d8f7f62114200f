/** Which days, and of which model, key and project. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { keysQuery } from '../keys/queries.ts';
import type { BillingSearch } from '../search.ts';
import { useMe } from '../shell/session.ts';
import { spendQuery, tagsQuery } from '../spend/queries.ts';
import { RangePicker } from '../spend/range-picker.tsx';
import { Select } from '../ui/select.tsx';

const route = getRouteApi('/signed-in/billing');

/** What a select shows for "all of them": no id is empty. */
const ALL = '';

export function SpendFilters() {
  const { t } = useTranslation();
  const { range = '30d', by = 'model', model, key, project, tag } = route.useSearch();
  const { data: tags = [] } = useQuery(tagsQuery);
  const navigate = useNavigate({ from: '/billing' });
  const { projects } = useMe();
  const { data: keys } = useInfiniteQuery(keysQuery);
  const { data: models } = useQuery(spendQuery(range, 'model'));
  const names = [...new Set((models?.buckets ?? []).map(({ group }) => group ?? ''))].toSorted();
  const set = (change: Partial<Record<keyof BillingSearch, string>>): void =>
    void navigate({
      search: (now) => dropEmpty({ ...now, ...change }),
      replace: true,
      resetScroll: false,
    });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <RangePicker range={range} onChange={(next) => set({ range: next })} />
      <Select
        label={t('usage.byModel')}
        size="sm"
        value={model ?? ALL}
        onChange={(next) => set({ model: next })}
        choices={[
          { value: ALL, label: t('spend.allModels') },
          ...names.map((name) => ({ value: name, label: name })),
        ]}
      />
      {by !== 'source' && (
        <Select
          label={t('usage.byKey')}
          size="sm"
          value={key ?? ALL}
          onChange={(next) => set({ key: next })}
          choices={[
            { value: ALL, label: t('spend.allKeys') },
            ...(keys ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      )}
      {by !== 'source' && tags.length > 0 && (
        <Select
          label={t('spend.byTag')}
          size="sm"
          value={tag ?? ALL}
          onChange={(next) => set({ tag: next })}
          choices={[
            { value: ALL, label: t('spend.allTags') },
            ...tags.map((word) => ({ value: word, label: word })),
          ]}
        />
      )}
      {projects.length > 1 && (
        <Select
          label={t('usage.byProject')}
          size="sm"
          value={project ?? ALL}
          onChange={(next) => set({ project: next })}
          choices={[
            { value: ALL, label: t('spend.allProjects') },
            ...projects.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      )}
    </div>
  );
}

function dropEmpty(search: Readonly<Record<string, unknown>>): BillingSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== ALL));
}
