/** The same sums as the chart, exact, one row per group. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Spend } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Card } from '../ui/card.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { sumByGroup } from '../usage/report-series.ts';
import { useUnitText } from '../usage/unit-facts.tsx';
import { GROUP_LABELS, useSpendNames } from './group-names.ts';

export function SpendTable({ spend, actions }: Readonly<{ spend: Spend; actions: ReactNode }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const nameOf = useSpendNames(spend.groupBy);
  const sums = sumByGroup(spend);
  // Who paid is not kept with tokens.
  const hasTokens = spend.groupBy !== 'source';
  const hasUnits = sums.some(({ units }) => units.length > 0);
  const unitText = useUnitText();
  const columns = [
    { key: 'group', label: t(GROUP_LABELS[spend.groupBy]) },
    { key: 'calls', label: t('usage.calls'), isNumber: true },
    ...(hasTokens
      ? [
          { key: 'input', label: t('usage.input'), isNumber: true },
          { key: 'cached', label: t('usage.cached'), isNumber: true },
          { key: 'output', label: t('usage.output'), isNumber: true },
        ]
      : []),
    ...(hasUnits ? [{ key: 'units', label: t('spend.units'), isNumber: true }] : []),
    { key: 'amount', label: t('usage.amount'), isNumber: true },
  ];
  return (
    <Card isFlush title={t('usage.breakdown')} actions={actions} className="overflow-hidden">
      <Table label={t('usage.breakdown')} columns={columns}>
        {sums.map((sum) => (
          <Row key={sum.group}>
            <Cell className="min-w-40 font-medium">{nameOf(sum.group)}</Cell>
            <Cell isNumber>{format.number(sum.calls)}</Cell>
            {hasTokens && (
              <>
                <Cell isNumber>{format.number(sum.inputTokens)}</Cell>
                <Cell isNumber>{format.number(sum.cacheReadTokens)}</Cell>
                <Cell isNumber>{format.number(sum.outputTokens + sum.reasoningTokens)}</Cell>
              </>
            )}
            {hasUnits && <Cell isNumber>{unitText(sum.units)}</Cell>}
            <Cell isNumber>{format.money(sum.amount, spend.currency)}</Cell>
          </Row>
        ))}
      </Table>
      {sums.length === 0 && <p className="px-5 py-4 text-sm text-muted">{t('spend.empty')}</p>}
    </Card>
  );
}
