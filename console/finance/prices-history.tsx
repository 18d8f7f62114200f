/** Who did what to prices. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { PriceEvent } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Card } from '../ui/card.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { priceEventsQuery } from './prices-queries.ts';

export function PriceHistory() {
  const { t } = useTranslation();
  const format = useFormat();
  const events = useInfiniteQuery(priceEventsQuery);
  const { data = [] } = events;
  if (data.length === 0) return null;
  return (
    <Card isFlush title={t('prices.history')} description={t('prices.historyText')}>
      <Table
        label={t('prices.history')}
        columns={[
          { key: 'at', label: t('prices.at') },
          { key: 'who', label: t('prices.by') },
          { key: 'what', label: t('prices.what') },
          { key: 'detail', label: '' },
        ]}
      >
        {data.map(({ id, at, actor, action, detail }) => (
          <Row key={id}>
            <Cell className="whitespace-nowrap text-muted">{format.time(at)}</Cell>
            <Cell className="whitespace-nowrap">{actor?.name ?? t('prices.cloudItself')}</Cell>
            <Cell className="whitespace-nowrap">{t(ACTIONS[action])}</Cell>
            <Cell className="text-muted">
              {[detail['title'], detail['model']].filter((each) => each !== undefined).join(' · ')}
            </Cell>
          </Row>
        ))}
      </Table>
      <LoadMore query={events} label={t('action.more')} />
    </Card>
  );
}

const ACTIONS = {
  'draft.created': 'prices.action_created',
  'draft.edited': 'prices.action_edited',
  'draft.approved': 'prices.action_approved',
  'draft.discarded': 'prices.action_discarded',
  'draft.published': 'prices.action_published',
  'price.published': 'prices.action_price',
  'settings.changed': 'prices.action_settings',
} as const satisfies Record<PriceEvent['action'], string>;
