/** What narrows the list of calls; kept in the address, so that a view can be shared. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useServedNames } from '../deployments/queries.ts';
import { keysQuery } from '../keys/queries.ts';
import { OUTCOMES, type RequestsSearch } from '../search.ts';
import { tagsQuery } from '../spend/queries.ts';
import { Select } from '../ui/select.tsx';
import type { RequestFilter } from './queries.ts';

const route = getRouteApi('/signed-in/requests');

/** What a select shows where nothing narrows; no id and no name looks like it. */
const ALL = '*';

const STATUSES = [200, 400, 401, 402, 403, 404, 429, 499, 500, 502, 503, 504] as const;

const OUTCOME_LABELS = {
  finished: 'outcome.finished',
  cancelled: 'outcome.cancelled',
  failed: 'outcome.failed',
  abandoned: 'outcome.abandoned',
  refused: 'outcome.refused',
} as const;

export function Filters() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/requests' });
  const names = useServedNames();
  const { data: keys } = useInfiniteQuery(keysQuery);
  const { data: tags = [] } = useQuery(tagsQuery);
  const set = (part: Partial<RequestFilter>): void =>
    void navigate({ search: (now) => withPart(now, part), replace: true });
  const models = [...new Set([...names, ...(search.model === undefined ? [] : [search.model])])];
  return (
    <div className="flex flex-wrap gap-2">
      <Select
        size="sm"
        label={t('usage.byModel')}
        value={search.model ?? ALL}
        choices={[all(t('requests.anyModel')), ...models.map((name) => choice(name, name))]}
        onChange={(model) => set({ model: model === ALL ? undefined : model })}
      />
      <Select
        size="sm"
        label={t('usage.byKey')}
        value={search.key ?? ALL}
        choices={[
          all(t('requests.anyKey')),
          ...(keys ?? []).map(({ id, name }) => choice(id, name)),
        ]}
        onChange={(key) => set({ key: key === ALL ? undefined : key })}
      />
      {tags.length > 0 && (
        <Select
          size="sm"
          label={t('spend.byTag')}
          value={search.tag ?? ALL}
          choices={[all(t('spend.allTags')), ...tags.map((word) => choice(word, word))]}
          onChange={(tag) => set({ tag: tag === ALL ? undefined : tag })}
        />
      )}
      <Select
        size="sm"
        label={t('usage.outcome')}
        value={search.outcome ?? ALL}
        choices={[
          all(t('requests.anyOutcome')),
          ...OUTCOMES.map((outcome) => choice(outcome, t(OUTCOME_LABELS[outcome]))),
        ]}
        onChange={(value) => set({ outcome: OUTCOMES.find((outcome) => outcome === value) })}
      />
      <Select
        size="sm"
        label={t('requests.status')}
        value={search.status === undefined ? ALL : String(search.status)}
        choices={[
          all(t('requests.anyStatus')),
          ...STATUSES.map((status) => choice(String(status), `HTTP ${status}`)),
        ]}
        onChange={(status) => set({ status: status === ALL ? undefined : Number(status) })}
      />
    </div>
  );
}

const choice = (value: string, label: string) => ({ value, label });
const all = (label: string) => choice(ALL, label);

function withPart(now: RequestsSearch, part: Partial<RequestFilter>): RequestsSearch {
  const next: RequestsSearch = { ...now };
  for (const [name, value] of Object.entries(part)) {
    if (value === undefined) Reflect.deleteProperty(next, name);
    else Reflect.set(next, name, value);
  }
  return next;
}
