/** A proof of everything, now: begun by an owner, watched while it goes on, and what it came to. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type BookCheck, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { describeFailure } from '../shell/failure.tsx';
import { useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Banner } from '../ui/notice.tsx';
import { ProgressBar } from '../ui/progress.tsx';
import { wordsOfLaw } from './books-words.ts';

const WATCH_MS = 500;

/** The one that was asked for here, or the last that anybody asked for. */
export function CheckCard({ last }: Readonly<{ last: BookCheck | null }>) {
  const { t } = useTranslation();
  const isOwner = useMe().role === 'owner';
  const client = useQueryClient();
  const start = useMutation({
    mutationFn: () => cloud.books.startCheck(),
    onSuccess: (check) => client.setQueryData(['books', 'check', check.id], check),
    meta: { isSilent: true },
  });
  const id = start.data?.id ?? last?.id ?? null;
  const watched = useQuery({
    queryKey: ['books', 'check', id],
    queryFn: async ({ signal }) => {
      const check = await cloud.books.check(id ?? '', { signal });
      // What it found is among the findings of the page.
      if (check.state !== 'running')
        void client.invalidateQueries({ queryKey: ['books'], exact: true });
      return check;
    },
    enabled: isOwner && id !== null && (start.data ?? last)?.state === 'running',
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? WATCH_MS : false),
  });
  const check = watched.data ?? start.data ?? last;
  const isRunning = check?.state === 'running';
  return (
    <Card
      title={t('books.title')}
      description={t('books.text')}
      actions={
        <Button
          size="sm"
          variant="primary"
          disabled={!isOwner}
          isBusy={start.isPending || isRunning}
          onClick={() => start.mutate()}
        >
          {t('books.check')}
        </Button>
      }
    >
      {start.error !== null && <Banner tone="bad">{describeFailure(start.error)}</Banner>}
      {check === null && <p className="text-sm text-muted">{t('books.noneText')}</p>}
      {check !== null && (isRunning ? <Progress check={check} /> : <Outcome check={check} />)}
    </Card>
  );
}

function Progress({ check }: Readonly<{ check: BookCheck }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { law, lawsDone, lawsTotal, examined } = check;
  const name = law === null ? '' : wordsOfLaw(t, { name: law, says: '' }).name;
  return (
    <div className="space-y-2">
      <ProgressBar label={t('books.check')} value={lawsTotal === 0 ? null : lawsDone / lawsTotal} />
      <p className="flex flex-wrap gap-x-3 text-sm text-muted">
        <span>{t('books.progress', { done: lawsDone, total: lawsTotal, law: name })}</span>
        <span className="tabular-nums">{t('books.rows', { rows: format.number(examined) })}</span>
      </p>
    </div>
  );
}

function Outcome({ check }: Readonly<{ check: BookCheck }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { state, holds, events, examined, quarantined, findings, problem, endedAt } = check;
  const when = endedAt === null ? '' : format.time(endedAt);
  if (state === 'failed') {
    return (
      <Banner tone="warn" title={t('books.failed', { when })}>
        {problem}
      </Banner>
    );
  }
  const counted = {
    calls: format.number(events),
    rows: format.number(examined),
    waiting: format.number(quarantined),
  };
  return (
    <p className="text-sm">
      <span className={holds ? 'font-medium text-good' : 'font-medium text-bad'}>
        {holds ? t('books.holds') : t('books.broken', { count: findings.length })}
      </span>{' '}
      <span className="text-muted">
        {t('books.holdsText', counted)} {when}
      </span>
    </p>
  );
}
