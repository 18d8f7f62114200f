/** The latest calls, one row each; a row opens everything known about it. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { UsageEvent } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { Card } from '../ui/card.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { OutcomePill } from './outcome-pill.tsx';
import { eventsQuery } from './queries.ts';
import { tokensOf } from './report-series.ts';

export function EventTable() {
  const { t } = useTranslation();
  const query = useInfiniteQuery(eventsQuery);
  const { data, error, refetch } = query;
  if (data === undefined && error !== null) {
    return <Failure error={error} onRetry={() => void refetch()} />;
  }
  return (
    <Card isFlush title={t('usage.recent')} className="mt-4 overflow-hidden">
      {data === undefined ? (
        <SkeletonRows rows={5} />
      ) : (
        <Table
          label={t('usage.recent')}
          columns={[
            { key: 'time', label: t('usage.time') },
            { key: 'model', label: t('usage.byModel') },
            { key: 'outcome', label: t('usage.outcome') },
            { key: 'tokens', label: t('usage.tokens'), isNumber: true },
            { key: 'duration', label: t('usage.duration'), isNumber: true },
            { key: 'amount', label: t('usage.amount'), isNumber: true },
          ]}
        >
          {data.map((event) => (
            <EventRow key={`${event.requestId}-${event.attempt}`} event={event} />
          ))}
        </Table>
      )}
      {data?.length === 0 && <p className="px-5 py-4 text-sm text-muted">{t('usage.emptyText')}</p>}
      <LoadMore query={query} label={t('action.more')} className="border-t" />
    </Card>
  );
}

function EventRow({ event }: Readonly<{ event: UsageEvent }>) {
  const format = useFormat();
  return (
    <Row>
      <Cell className="whitespace-nowrap">
        <Link
          from="/usage"
          to="/usage"
          search={(now) => ({ ...now, event: event.requestId })}
          resetScroll={false}
          className="tabular after:absolute after:inset-0"
        >
          {format.time(event.admittedAt)}
        </Link>
      </Cell>
      <Cell className="min-w-36">{event.modelName === '' ? '—' : event.modelName}</Cell>
      <Cell>
        <OutcomePill event={event} />
      </Cell>
      <Cell isNumber>{format.number(tokensOf(event))}</Cell>
      <Cell isNumber>{format.duration(event.durationMs)}</Cell>
      <Cell isNumber>{format.money(event.amount, event.currency)}</Cell>
    </Row>
  );
}
