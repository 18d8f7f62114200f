/** The same numbers as the chart, exact, one row per group. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { UsageReport } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Card } from '../ui/card.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { useGroupNames } from './group-names.ts';
import { sumByGroup } from './report-series.ts';
import { useUnitText } from './unit-facts.tsx';

export type GroupTableProps = Readonly<{
  report: UsageReport;
  actions: ReactNode;
}>;

export function GroupTable({ report, actions }: GroupTableProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { groupBy } = report;
  const nameOf = useGroupNames(groupBy);
  const sums = sumByGroup(report);
  const hasUnits = sums.some(({ units }) => units.length > 0);
  const unitText = useUnitText();
  return (
    <Card isFlush title={t('usage.breakdown')} actions={actions} className="overflow-hidden">
      <Table
        label={t('usage.breakdown')}
        columns={[
          { key: 'group', label: t(HEADINGS[groupBy]) },
          { key: 'calls', label: t('usage.calls'), isNumber: true },
          { key: 'input', label: t('usage.input'), isNumber: true },
          { key: 'cached', label: t('usage.cached'), isNumber: true },
          { key: 'output', label: t('usage.output'), isNumber: true },
          { key: 'reasoning', label: t('usage.reasoning'), isNumber: true },
          ...(hasUnits ? [{ key: 'units', label: t('spend.units'), isNumber: true }] : []),
          { key: 'amount', label: t('usage.amount'), isNumber: true },
        ]}
      >
        {sums.map((sum) => (
          <Row key={sum.group}>
            <Cell className="min-w-40 font-medium">{nameOf(sum.group)}</Cell>
            <Cell isNumber>{format.number(sum.calls)}</Cell>
            <Cell isNumber>{format.number(sum.inputTokens)}</Cell>
            <Cell isNumber>{format.number(sum.cacheReadTokens)}</Cell>
            <Cell isNumber>{format.number(sum.outputTokens)}</Cell>
            <Cell isNumber>{format.number(sum.reasoningTokens)}</Cell>
            {hasUnits && <Cell isNumber>{unitText(sum.units)}</Cell>}
            <Cell isNumber>{format.money(sum.amount, report.total.currency)}</Cell>
          </Row>
        ))}
      </Table>
      {sums.length === 0 && <p className="px-5 py-4 text-sm text-muted">{t('usage.empty')}</p>}
    </Card>
  );
}

const HEADINGS = {
  model: 'usage.byModel',
  key: 'usage.byKey',
  project: 'usage.byProject',
  tag: 'spend.byTag',
  none: 'usage.by',
} as const;
