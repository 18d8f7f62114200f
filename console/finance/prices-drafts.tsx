/** Drafts that are open: what somebody wants prices to be. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { PriceDraft } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Card } from '../ui/card.tsx';
import { Pill } from '../ui/pill.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { draftsQuery } from './prices-queries.ts';

export function PriceDraftList({ onOpen }: Readonly<{ onOpen: (id: string) => void }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data = [] } = useInfiniteQuery(draftsQuery);
  if (data.length === 0) return null;
  return (
    <Card isFlush title={t('prices.drafts')} description={t('prices.draftsText')}>
      <Table
        label={t('prices.drafts')}
        columns={[
          { key: 'title', label: t('prices.draft') },
          { key: 'prices', label: t('prices.models'), isNumber: true },
          { key: 'by', label: t('prices.by') },
          { key: 'state', label: t('prices.state') },
          { key: 'changed', label: t('prices.changed') },
        ]}
      >
        {data.map((draft) => (
          <Row key={draft.id}>
            <Cell className="min-w-44 font-medium">
              <button
                type="button"
                className="text-left after:absolute after:inset-0"
                onClick={() => onOpen(draft.id)}
              >
                {draft.title}
              </button>
            </Cell>
            <Cell isNumber>{format.number(draft.items.length)}</Cell>
            <Cell>{draft.editors.map(({ name }) => name).join(', ')}</Cell>
            <Cell>
              <DraftState draft={draft} />
            </Cell>
            <Cell className="whitespace-nowrap text-muted">{format.ago(draft.updatedAt)}</Cell>
          </Row>
        ))}
      </Table>
    </Card>
  );
}

export function DraftState({ draft }: Readonly<{ draft: PriceDraft }>) {
  const { t } = useTranslation();
  if (draft.state === 'published') return <Pill tone="good">{t('prices.published')}</Pill>;
  if (draft.state === 'discarded') return <Pill tone="quiet">{t('prices.discarded')}</Pill>;
  if (draft.approval !== null) {
    return <Pill tone="good">{t('prices.approvedBy', { name: draft.approval.by.name })}</Pill>;
  }
  if (draft.needsApproval) return <Pill tone="warn">{t('prices.toApprove')}</Pill>;
  return <Pill tone="info">{t('prices.open')}</Pill>;
}
