/** What every model costs now, and what is coming. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Price } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Pill, Tag } from '../ui/pill.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { versionsQuery } from './prices-queries.ts';
import { useWords } from './prices-words.ts';

export type PricesInForceProps = Readonly<{ onEdit: (price: Price) => void }>;

export function PricesInForce({ onEdit }: PricesInForceProps) {
  const { t } = useTranslation();
  const { data, dataUpdatedAt, error, refetch } = useInfiniteQuery(versionsQuery);
  if (error !== null && data === undefined) {
    return <Failure error={error} onRetry={() => void refetch()} />;
  }
  if (data === undefined) return <Skeleton className="h-64 rounded-xl" />;
  const models = modelsOf(data, dataUpdatedAt);
  return (
    <Card isFlush title={t('prices.inForce')} description={t('prices.inForceText')}>
      <Table
        label={t('prices.inForce')}
        columns={[
          { key: 'model', label: t('usage.byModel') },
          { key: 'input', label: t('usage.input'), isNumber: true },
          { key: 'output', label: t('usage.output'), isNumber: true },
          { key: 'more', label: t('prices.more') },
          { key: 'since', label: t('prices.since') },
          { key: 'edit', label: '' },
        ]}
      >
        {models.map((model) => (
          <PriceRow key={model.shown.modelId} {...model} onEdit={onEdit} />
        ))}
      </Table>
      {models.length === 0 && (
        <p className="px-5 py-4 text-sm text-muted">{t('prices.noneText')}</p>
      )}
    </Card>
  );
}

type ModelPrices = Readonly<{ shown: Price; isComing: boolean; coming: number }>;

function PriceRow({ shown, isComing, coming, onEdit }: ModelPrices & PricesInForceProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { modelName, currency } = shown;
  return (
    <Row>
      <Cell className="min-w-44 font-medium">{modelName}</Cell>
      <Cell isNumber>{format.money(shown.inputPerMillion, currency)}</Cell>
      <Cell isNumber>{format.money(shown.outputPerMillion, currency)}</Cell>
      <Cell>
        <Facts price={shown} />
      </Cell>
      <Cell className="whitespace-nowrap text-muted">
        {format.time(shown.effectiveFrom)}{' '}
        {isComing && <Pill tone="info">{t('prices.coming')}</Pill>}
        {coming > 0 && <Pill tone="info">{t('prices.comingCount', { count: coming })}</Pill>}
      </Cell>
      <Cell className="text-right">
        <Button
          size="sm"
          aria-label={t('prices.changeOf', { name: modelName })}
          onClick={() => onEdit(shown)}
        >
          {t('prices.change')}
        </Button>
      </Cell>
    </Row>
  );
}

/** Whatever two amounts do not say. */
function Facts({ price }: Readonly<{ price: Price }>) {
  const { t } = useTranslation();
  const words = useWords();
  const { rates, regions } = price;
  const tiers = Math.max(...rates.map((rate) => rate.tiers.length));
  const modes = new Set(rates.map(({ mode }) => mode).filter((mode) => mode !== 'whole_request'));
  const units = new Set(rates.map(({ unit }) => unit).filter((unit) => unit !== 'token'));
  const facts = [
    ...(tiers > 1 ? [t('prices.tierCount', { count: tiers })] : []),
    ...[...modes, ...units].map(words),
    ...(rates.some(({ isThinking }) => isThinking !== undefined) ? [t('prices.thinking')] : []),
    ...(rates.some(({ direction }) => direction.startsWith('cache')) ? [t('prices.cache')] : []),
    ...(Object.keys(regions).length > 0 ? [t('prices.regions')] : []),
  ];
  return (
    <span className="flex flex-wrap gap-1">
      {facts.map((fact) => (
        <Tag key={fact}>{fact}</Tag>
      ))}
    </span>
  );
}

/** Of each model what is in force, or what begins first; versions come the last published first. */
function modelsOf(versions: readonly Price[], nowMs: number): readonly ModelPrices[] {
  const byModel = Map.groupBy(versions, ({ modelId }) => modelId);
  return [...byModel.values()]
    .flatMap((group) => {
      const sorted = group.toSorted((a, b) => (a.effectiveFrom < b.effectiveFrom ? -1 : 1));
      const begun = sorted.filter(({ effectiveFrom }) => Date.parse(effectiveFrom) <= nowMs);
      const shown = begun.at(-1) ?? sorted[0];
      if (shown === undefined) return [];
      const isComing = begun.length === 0;
      return [{ shown, isComing, coming: isComing ? 0 : sorted.length - begun.length }];
    })
    .toSorted((a, b) => a.shown.modelName.localeCompare(b.shown.modelName));
}
