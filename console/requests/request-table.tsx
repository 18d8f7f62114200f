/** One row for each call, with its waterfall; a row opens everything known about it. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { UsageEvent } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Tag } from '../ui/pill.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { OutcomePill } from '../usage/outcome-pill.tsx';
import { tokensOf } from '../usage/report-series.ts';
import { TimingBar } from './timing-bar.tsx';

export function RequestTable({ events }: Readonly<{ events: readonly UsageEvent[] }>) {
  const { t } = useTranslation();
  return (
    <Table
      label={t('nav.requests')}
      columns={[
        { key: 'time', label: t('usage.time') },
        { key: 'model', label: t('usage.byModel') },
        { key: 'outcome', label: t('usage.outcome') },
        { key: 'timing', label: t('requests.timing') },
        { key: 'duration', label: t('usage.duration'), isNumber: true },
        { key: 'tokens', label: t('usage.tokens'), isNumber: true },
        { key: 'amount', label: t('usage.amount'), isNumber: true },
      ]}
    >
      {events.map((event) => (
        <RequestRow key={`${event.requestId}-${event.attempt}`} event={event} />
      ))}
    </Table>
  );
}

function RequestRow({ event }: Readonly<{ event: UsageEvent }>) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Row>
      <Cell className="whitespace-nowrap">
        <Link
          to="/requests"
          search={(now) => ({ ...now, request: event.requestId })}
          resetScroll={false}
          className="tabular after:absolute after:inset-0"
        >
          {format.time(event.admittedAt)}
        </Link>
      </Cell>
      <Cell className="min-w-36">{event.modelName === '' ? '—' : event.modelName}</Cell>
      <Cell>
        <span className="flex items-center gap-2">
          <OutcomePill event={event} />
          <span className="text-xs text-muted tabular">{event.status}</span>
          {event.cache === 'hit' && <Tag>{t('cache.hit')}</Tag>}
          {event.errorCode !== null && (
            <span className="font-mono text-xs text-muted">{event.errorCode}</span>
          )}
          {event.repeats !== undefined && (
            <Tag>{t('requests.repeats', { count: event.repeats })}</Tag>
          )}
        </span>
      </Cell>
      <Cell className="min-w-28">
        <TimingBar event={event} />
      </Cell>
      <Cell isNumber>{format.duration(event.durationMs)}</Cell>
      <Cell isNumber>{format.number(tokensOf(event))}</Cell>
      <Cell isNumber>{format.money(event.amount, event.currency)}</Cell>
    </Row>
  );
}
