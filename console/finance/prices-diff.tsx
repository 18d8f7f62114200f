/** What a draft changes, model by model and amount by amount. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { PriceChange, PriceDiff, PriceDraft } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Pill, type Tone } from '../ui/pill.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { diffQuery } from './prices-queries.ts';
import { sideText, useWords } from './prices-words.ts';

export type PriceDiffViewProps = Readonly<{
  draft: PriceDraft;
  /** Missing where the draft is closed. */
  onEdit: ((index: number) => void) | undefined;
}>;

export function PriceDiffView({ draft, onEdit }: PriceDiffViewProps) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(diffQuery(draft.id, draft.revision));
  if (error !== null && data === undefined) {
    return <Failure error={error} onRetry={() => void refetch()} />;
  }
  if (data === undefined) return <Skeleton className="h-48 rounded-xl" />;
  if (data.items.length === 0)
    return <p className="text-sm text-muted">{t('prices.emptyDraft')}</p>;
  return (
    <div className="space-y-4">
      {data.items.map((item, index) => (
        <ItemDiff
          key={`${item.model} ${item.effectiveFrom}`}
          item={item}
          onEdit={onEdit === undefined ? undefined : () => onEdit(index)}
        />
      ))}
    </div>
  );
}

function ItemDiff({
  item,
  onEdit,
}: Readonly<{ item: PriceDiff['items'][number]; onEdit: (() => void) | undefined }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useWords();
  const { model, effectiveFrom, until, replaces, changes, currency } = item;
  const from = effectiveFrom === null ? t('prices.fromPublication') : format.time(effectiveFrom);
  return (
    <Card
      isFlush
      title={<span className="break-words">{model}</span>}
      description={[
        from,
        ...(until === null ? [] : [t('prices.until', { time: format.time(until) })]),
        ...(replaces === null ? [t('prices.freeSoFar')] : []),
        currency,
      ].join(' · ')}
      actions={
        onEdit !== undefined && (
          <Button size="sm" aria-label={t('prices.changeOf', { name: model })} onClick={onEdit}>
            {t('prices.change')}
          </Button>
        )
      }
    >
      {changes.length === 0 && (
        <p className="px-5 pb-4 text-sm text-muted">{t('prices.noChange')}</p>
      )}
      {changes.length > 0 && (
        <Table
          label={t('prices.changesOf', { name: model })}
          columns={[
            { key: 'what', label: t('prices.rate') },
            { key: 'upTo', label: t('prices.upTo'), isNumber: true },
            { key: 'now', label: t('prices.now'), isNumber: true },
            { key: 'then', label: t('prices.then'), isNumber: true },
            { key: 'change', label: t('prices.change'), isNumber: true },
          ]}
        >
          {changes.map((change) => (
            <Row key={`${change.kind} ${change.what} ${change.upTo}`}>
              <Cell className="min-w-40">{words(change.what)}</Cell>
              <Cell isNumber>{change.upTo === null ? '' : format.number(change.upTo)}</Cell>
              <Cell isNumber>{sideText(change, change.before, format.number)}</Cell>
              <Cell isNumber>{sideText(change, change.after, format.number)}</Cell>
              <Cell isNumber>
                <Pill tone={TONES[change.change]}>
                  {change.percent === null ? t(CHANGES[change.change]) : `${change.percent} %`}
                </Pill>
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </Card>
  );
}

const TONES: Readonly<Record<PriceChange['change'], Tone>> = {
  added: 'info',
  removed: 'quiet',
  raised: 'warn',
  lowered: 'good',
  changed: 'info',
};

const CHANGES = {
  added: 'prices.added',
  removed: 'prices.removed',
  raised: 'prices.raised',
  lowered: 'prices.lowered',
  changed: 'prices.changedHow',
} as const satisfies Record<PriceChange['change'], string>;
