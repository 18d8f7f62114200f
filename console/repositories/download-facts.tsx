/** How often a repository is fetched: its last 30 days as a line, and what they add up to. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { RepositoryDetail } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Sparkline } from '../ui/sparkline.tsx';
import { addressOf } from './address.ts';
import { Fact, FactGroup } from './fact.tsx';
import { downloadsQuery } from './queries.ts';

/** Nothing where nobody came. */
export function DownloadFacts({ repository }: Readonly<{ repository: RepositoryDetail }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useQuery(downloadsQuery(addressOf(repository)));
  const days = data?.days ?? [];
  const sum = (key: 'downloads' | 'downloaders' | 'bytes'): number =>
    days.reduce((all, day) => all + day[key], 0);
  if (sum('bytes') === 0 && sum('downloads') === 0) return null;
  return (
    <FactGroup title={t('repository.fetched')}>
      <div className="py-2.5">
        <Sparkline
          label={t('repository.downloadsByDay')}
          values={days.map(({ downloads }) => downloads)}
        />
      </div>
      <Fact label={t('repository.downloadsMonth')}>{format.number(sum('downloads'))}</Fact>
      <Fact label={t('repository.downloadersMonth')}>{format.number(sum('downloaders'))}</Fact>
      <Fact label={t('repository.sentMonth')}>{format.bytes(sum('bytes'))}</Fact>
    </FactGroup>
  );
}
