/** The very requests behind a line of a paper, or behind what one source paid, page by page. */
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { InvoiceRequest, InvoiceStatement } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { ArrowRightIcon, ListIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Empty } from '../ui/notice.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { SOURCES, describeLine } from './invoice-words.ts';
import { invoiceRequestsQuery } from './invoices-queries.ts';

export type InvoiceRequestsProps = Readonly<{
  id: string;
  tenantId?: string;
  paper: InvoiceStatement;
  /** The key of a line, or `source:id`. */
  of: string;
  onBack: () => void;
  renderRequest: (request: InvoiceRequest) => ReactNode;
}>;

export function InvoiceRequests(props: InvoiceRequestsProps) {
  const { id, tenantId, paper, of, onBack, renderRequest } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const query = useInfiniteQuery(invoiceRequestsQuery({ id, of, tenantId }));
  const { data, error, refetch } = query;
  const { title, amount } = headOf(props, (source) => t(SOURCES[source]));
  return (
    <section className="space-y-4">
      <Button size="sm" variant="ghost" onClick={onBack}>
        <ArrowRightIcon className="rotate-180" />
        {t('invoices.back')}
      </Button>
      <header className="flex justify-between gap-4">
        <h3 className="min-w-0 text-sm font-semibold break-words">{title}</h3>
        <span className="shrink-0 text-sm font-semibold tabular">
          {amount !== null && format.money(amount, paper.currency)}
        </span>
      </header>
      {data === undefined && error === null && <SkeletonRows rows={6} />}
      {data === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
      {data?.length === 0 && !query.hasNextPage && (
        <Empty icon={ListIcon} title={t('invoices.noRequests')}>
          {t('invoices.noRequestsText')}
        </Empty>
      )}
      <ul className="divide-y text-sm">
        {data?.map((request) => (
          <li key={`${request.requestId}${request.attempt}`} className="py-2.5">
            <p className="flex justify-between gap-4">
              <span className="min-w-0 font-mono text-xs leading-5 break-all">
                {renderRequest(request)}
              </span>
              <span className="shrink-0 tabular">
                {format.money(request.part, request.currency)}
              </span>
            </p>
            <p className="flex justify-between gap-4 text-xs text-muted tabular">
              <span>
                {format.time(request.settledAt)}
                {request.units !== null && ` · ${format.number(request.units)}`}
              </span>
              <span className="shrink-0">
                {t('invoices.ofWhole', { amount: format.money(request.amount, request.currency) })}
              </span>
            </p>
          </li>
        ))}
      </ul>
      <LoadMore query={query} label={t('action.more')} />
    </section>
  );
}

function headOf(
  { paper, of }: InvoiceRequestsProps,
  nameOf: (source: keyof typeof SOURCES) => string,
): Readonly<{ title: string; amount: string | null }> {
  const line = paper.lines.find(({ key }) => key === of);
  if (line !== undefined) {
    return { title: `${line.description} · ${describeLine(line)}`, amount: line.exactAmount };
  }
  const part = paper.deductions.find(
    ({ source, sourceId }) => `${source}:${sourceId ?? ''}` === of,
  );
  return part === undefined
    ? { title: of, amount: null }
    : { title: nameOf(part.source), amount: part.exactAmount };
}
