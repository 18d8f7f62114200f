/** One invoice, or the month so far, whole: its lines, who paid, what is owed; and from a line to its requests. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { InvoiceDetail, InvoiceRequest } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Downloads, InvoicePill, OPEN_MONTH } from './invoice-parts.tsx';
import { InvoicePaper } from './invoice-paper.tsx';
import { InvoiceRequests } from './invoice-requests.tsx';
import { invoiceQuery, previewOfQuery } from './invoices-queries.ts';

export type InvoiceDrawerProps = Readonly<{
  /** Its id, or `preview`. */
  id: string;
  /** The operator's: whose month so far. */
  tenantId?: string;
  /** The line, or the source as `source:id`, whose requests are shown. */
  line?: string | undefined;
  onLine: (line: string | undefined) => void;
  onClose: () => void;
  /** Where one request leads to. */
  renderRequest: (request: InvoiceRequest) => ReactNode;
  /** What the operator may do with it. */
  renderActions?: (invoice: InvoiceDetail) => ReactNode;
}>;

export function InvoiceDrawer(props: InvoiceDrawerProps) {
  const { id, tenantId, onClose } = props;
  const { t } = useTranslation();
  const isOpenMonth = id === OPEN_MONTH;
  const invoice = useQuery({ ...invoiceQuery(id), enabled: !isOpenMonth });
  const preview = useQuery({ ...previewOfQuery(tenantId), enabled: isOpenMonth });
  const { error, refetch } = isOpenMonth ? preview : invoice;
  const paper = isOpenMonth ? preview.data?.statement : invoice.data?.document;
  return (
    <Dialog
      place="right"
      width="46rem"
      isOpen
      onClose={onClose}
      title={isOpenMonth ? t('invoices.month') : (invoice.data?.number ?? t('invoices.invoice'))}
      closeLabel={t('action.close')}
      {...(paper === undefined
        ? {}
        : { description: `${paper.buyer.name} · ${paper.period.label}` })}
    >
      {paper === undefined && error === null && <SkeletonRows rows={8} />}
      {paper === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
      {paper !== undefined && props.line !== undefined && (
        <InvoiceRequests
          id={id}
          paper={paper}
          of={props.line}
          onBack={() => props.onLine(undefined)}
          renderRequest={props.renderRequest}
          {...(tenantId === undefined ? {} : { tenantId })}
        />
      )}
      {paper !== undefined && props.line === undefined && (
        <div className="space-y-6">
          {invoice.data !== undefined && !isOpenMonth && <State invoice={invoice.data} />}
          {preview.data !== undefined && isOpenMonth && (
            <p className="text-sm text-muted">
              {t('invoices.closes', { day: preview.data.closesAt.slice(0, 10) })}
            </p>
          )}
          <div className="flex flex-wrap items-center gap-2">
            <Downloads id={id} name={paper.period.label} tenantId={tenantId} />
            {invoice.data !== undefined && !isOpenMonth && props.renderActions?.(invoice.data)}
          </div>
          <InvoicePaper paper={paper} onLine={props.onLine} />
          {invoice.data !== undefined && !isOpenMonth && <Notes invoice={invoice.data} />}
        </div>
      )}
    </Dialog>
  );
}

const STEPS = {
  warn: 'invoices.stepWarn',
  restrict: 'invoices.stepRestrict',
  stop: 'invoices.stepStop',
} as const;

function State({ invoice }: Readonly<{ invoice: InvoiceDetail }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const facts = [
    [t('invoices.state'), <InvoicePill key="state" invoice={invoice} />],
    [t('invoices.owed'), format.money(invoice.outstanding, invoice.currency)],
    [t('invoices.due'), invoice.dueOn],
    [t('invoices.issued'), invoice.issuedOn],
    ...(invoice.dunning === null ? [] : [[t('invoices.step'), t(STEPS[invoice.dunning])] as const]),
  ] as const;
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-3 text-sm">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt className="text-muted">{name}</dt>
          <dd className="mt-0.5 font-medium tabular">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Notes({ invoice }: Readonly<{ invoice: InvoiceDetail }>) {
  const { t } = useTranslation();
  const format = useFormat();
  if (invoice.creditNotes.length === 0) return null;
  return (
    <section>
      <h3 className="mb-1 text-sm font-semibold">{t('invoices.creditNotes')}</h3>
      <ul className="divide-y text-sm">
        {invoice.creditNotes.map((note) => (
          <li key={note.id} className="py-2.5">
            <p className="flex justify-between gap-4">
              <a
                className="font-medium underline-offset-2 hover:underline"
                href={`/cloud/v1/credit-notes/${note.id}/download?format=pdf`}
                download
              >
                {note.number}
              </a>
              <span className="tabular">−{format.money(note.total, note.currency)}</span>
            </p>
            <p className="flex justify-between gap-4 text-xs text-muted">
              <span className="min-w-0 break-words">{note.reason}</span>
              <span className="shrink-0">{note.issuedOn}</span>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
