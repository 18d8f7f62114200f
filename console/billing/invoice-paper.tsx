/** The lines and sums of a paper. Each line of usage, and each source that paid, leads to its requests. */
import { useTranslation } from 'react-i18next';
import type { InvoiceLine, InvoiceStatement } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { buttonClass } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { FileIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { PURCHASES, SOURCES, describeLine } from './invoice-words.ts';

type PaperProps = Readonly<{ paper: InvoiceStatement; onLine: (line: string) => void }>;

export function InvoicePaper({ paper, onLine }: PaperProps) {
  const { t } = useTranslation();
  if (paper.lines.length === 0) {
    return (
      <Empty icon={FileIcon} title={t('invoices.noLines')}>
        {t('invoices.noLinesText')}
      </Empty>
    );
  }
  return (
    <>
      <Lines paper={paper} onLine={onLine} />
      <Sums paper={paper} onLine={onLine} />
    </>
  );
}

function Lines({ paper, onLine }: PaperProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className="-mx-5 border-y">
      <Table
        label={t('invoices.lines')}
        columns={[
          { key: 'what', label: t('invoices.what') },
          { key: 'units', label: t('invoices.units'), isNumber: true },
          { key: 'amount', label: t('invoices.amount'), isNumber: true },
          { key: 'requests', label: t('invoices.requests'), isNumber: true },
        ]}
      >
        {paper.lines.map((line) => (
          <Row key={line.key}>
            <Cell className="min-w-52 py-2">
              <What line={line} />
            </Cell>
            <Cell isNumber>
              {line.kind === 'purchase' ? '' : format.number(Number(line.units))}
            </Cell>
            <Cell isNumber>{format.money(line.amount, paper.currency)}</Cell>
            <Cell isNumber>
              {line.kind !== 'purchase' && (
                <button
                  type="button"
                  className={buttonClass('ghost', 'sm')}
                  aria-label={t('invoices.requestsOf', { line: describeLine(line) })}
                  onClick={() => onLine(line.key)}
                >
                  {format.number(line.calls)}
                </button>
              )}
            </Cell>
          </Row>
        ))}
      </Table>
    </div>
  );
}

function What({ line }: Readonly<{ line: InvoiceLine }>) {
  const { t } = useTranslation();
  const days = line.service;
  return (
    <>
      <span className="block font-medium">
        {line.kind === 'purchase' && `${t(PURCHASES[line.rate ?? ''] ?? 'invoices.plan')} `}
        {line.description}
      </span>
      <span className="block text-xs text-muted">
        {line.kind === 'purchase'
          ? days !== undefined && `${days.firstDate} – ${days.lastDate}`
          : describeLine(line)}
        {line.correctionOf !== null && ` · ${t('invoices.late', { day: line.correctionOf })}`}
      </span>
    </>
  );
}

type Sum = Readonly<{ name: string; amount: string; line?: string; isTotal?: boolean }>;

function Sums({ paper, onLine }: PaperProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { currency, tax } = paper;
  const sums: readonly Sum[] = [
    { name: t('invoices.usage'), amount: paper.usage },
    ...(Number(paper.purchases) === 0
      ? []
      : [{ name: t('invoices.purchases'), amount: paper.purchases }]),
    ...paper.deductions.map(({ source, sourceId, amount }) => ({
      name: t('invoices.paidBy', { source: t(SOURCES[source]) }),
      amount: `-${amount}`,
      line: `${source}:${sourceId ?? ''}`,
    })),
    ...(tax === null ? [] : [{ name: `${tax.name} ${tax.ratePpm / 10_000}%`, amount: tax.amount }]),
    { name: t('invoices.total'), amount: paper.total, isTotal: true },
    ...(paper.mode === 'prepaid'
      ? [{ name: t('invoices.fromBalance'), amount: `-${paper.paidFromBalance}` }]
      : []),
    { name: t('invoices.toPay'), amount: paper.due, isTotal: true },
  ];
  return (
    <dl className="ml-auto max-w-96 text-sm">
      {sums.map((sum, index) => (
        <div
          // A name may come twice: two grants.
          // oxlint-disable-next-line react/no-array-index-key
          key={index}
          className={classNames(
            'flex items-baseline justify-between gap-6 py-1.5',
            sum.isTotal === true && 'mt-1 border-t pt-2.5 font-semibold',
          )}
        >
          <dt className={classNames(sum.isTotal !== true && 'text-muted')}>
            {sum.line === undefined ? (
              sum.name
            ) : (
              <button
                type="button"
                className="underline-offset-2 hover:underline"
                aria-label={t('invoices.requestsOf', { line: sum.name })}
                onClick={() => onLine(sum.line ?? '')}
              >
                {sum.name}
              </button>
            )}
          </dt>
          <dd className="tabular">{format.money(sum.amount, currency)}</dd>
        </div>
      ))}
    </dl>
  );
}
