/** Whether the books agree with each other: what the continuous proof says, and a proof of everything on demand. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Books, cloud } from '../cloud.ts';
import { Failure } from '../shell/failure.tsx';
import { Card } from '../ui/card.tsx';
import { Banner } from '../ui/notice.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { CheckCard } from './books-check.tsx';
import { Findings } from './books-findings.tsx';
import { Laws } from './books-laws.tsx';

/** A round of the continuous run is ten seconds. */
const REFETCH_MS = 10_000;

export const booksQuery = queryOptions({
  queryKey: ['books'],
  queryFn: ({ signal }) => cloud.books.get({ signal }),
  refetchInterval: REFETCH_MS,
});

export function BooksTab() {
  const { t } = useTranslation();
  const { data, error } = useQuery(booksQuery);
  if (error !== null && data === undefined) return <Failure error={error} />;
  if (data === undefined) {
    return (
      <Card isFlush title={t('books.title')}>
        <SkeletonRows rows={6} />
      </Card>
    );
  }
  return (
    <div className="space-y-4">
      <State books={data} />
      <CheckCard last={data.check} />
      {data.findings.length > 0 && <Findings title={t('books.open')} findings={data.findings} />}
      <Laws laws={data.laws} />
      {data.resolved.length > 0 && (
        <Findings title={t('books.resolved')} findings={data.resolved} />
      )}
    </div>
  );
}

function State({ books }: Readonly<{ books: Books }>) {
  const { t } = useTranslation();
  if (books.state === 'broken') {
    return (
      <Banner tone="bad" title={t('books.broken', { count: books.findings.length })}>
        {t('books.brokenText')}
      </Banner>
    );
  }
  if (books.state === 'ok') {
    return (
      <Banner tone="good" title={t('books.ok')}>
        {t('books.okText')}
      </Banner>
    );
  }
  const isFailing = books.laws.some(({ state }) => state === 'failing');
  return (
    <Banner tone={isFailing ? 'warn' : 'info'} title={t('books.waiting')}>
      {isFailing ? t('books.failingText') : t('books.waitingText')}
    </Banner>
  );
}
