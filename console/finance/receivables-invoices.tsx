/** Invoices of every tenant, narrowed by state; one that is open shows its lines, and what may be done with it. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { InvoiceDrawer } from '../billing/invoice-drawer.tsx';
import { InvoicePill, OPEN_MONTH } from '../billing/invoice-parts.tsx';
import { INVOICES_KEY, type InvoiceFilter, allInvoicesQuery } from '../billing/invoices-queries.ts';
import { type Invoice, type InvoiceDetail, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { ConfirmDialog } from '../shell/confirm.tsx';
import { Failure } from '../shell/failure.tsx';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { FileIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Empty } from '../ui/notice.tsx';
import { Select } from '../ui/select.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { notify } from '../ui/toast.tsx';
import { CreditNoteDialog } from './receivables-credit-note.tsx';

const route = getRouteApi('/signed-in/finance');

const FILTERS = [
  ['all', 'invoices.anyState'],
  ['open', 'invoices.open'],
  ['overdue', 'invoices.overdue'],
  ['paid', 'invoices.paid'],
  ['uncollectible', 'invoices.uncollectible'],
  ['void', 'invoices.void'],
] as const;

export function AllInvoices() {
  const { t } = useTranslation();
  const [filter, setFilter] = useState<InvoiceFilter>('all');
  const query = useInfiniteQuery(allInvoicesQuery(filter));
  const { data, error, refetch } = query;
  return (
    <Card
      isFlush
      title={t('invoices.list')}
      actions={
        <Select<InvoiceFilter>
          size="sm"
          label={t('invoices.state')}
          value={filter}
          choices={FILTERS.map(([value, label]) => ({ value, label: t(label) }))}
          onChange={setFilter}
        />
      }
    >
      {data === undefined && error === null && <SkeletonRows rows={3} />}
      {data === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
      {data?.length === 0 && (
        <Empty icon={FileIcon} title={t('invoices.none')}>
          {t('invoices.noneText')}
        </Empty>
      )}
      {data !== undefined && data.length > 0 && <InvoiceTable invoices={data} />}
      <LoadMore query={query} label={t('action.more')} className="border-t" />
    </Card>
  );
}

function InvoiceTable({ invoices }: Readonly<{ invoices: readonly Invoice[] }>) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Table
      label={t('invoices.list')}
      columns={[
        { key: 'number', label: t('invoices.number') },
        { key: 'tenant', label: t('invoices.tenant') },
        { key: 'period', label: t('invoices.period') },
        { key: 'due', label: t('invoices.due') },
        { key: 'amount', label: t('invoices.amount'), isNumber: true },
        { key: 'owed', label: t('invoices.owed'), isNumber: true },
        { key: 'state', label: t('invoices.state') },
      ]}
    >
      {invoices.map((invoice) => (
        <Row key={invoice.id} isDim={invoice.state === 'void'}>
          <Cell className="whitespace-nowrap">
            <Link
              to="/finance"
              search={{ tab: 'receivables', invoice: invoice.id }}
              resetScroll={false}
              className="font-medium underline-offset-2 hover:underline"
            >
              {invoice.number}
            </Link>
          </Cell>
          <Cell className="min-w-32">{invoice.tenantName}</Cell>
          <Cell>{invoice.period}</Cell>
          <Cell className="whitespace-nowrap">{invoice.dueOn}</Cell>
          <Cell isNumber>{format.money(invoice.total, invoice.currency)}</Cell>
          <Cell isNumber>{format.money(invoice.outstanding, invoice.currency)}</Cell>
          <Cell>
            <InvoicePill invoice={invoice} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

/** An invoice by its id, or the month so far of the tenant whose `terms` are named. */
export function OpenInvoice() {
  const { invoice, line, terms } = route.useSearch();
  const navigate = useNavigate({ from: '/finance' });
  if (invoice === undefined) return null;
  const isOpenMonth = invoice === OPEN_MONTH;
  const show = (part: Readonly<{ invoice?: string; line?: string; terms?: string }>): void =>
    void navigate({ search: { tab: 'receivables', ...part }, resetScroll: false });
  const here = { invoice, ...(isOpenMonth && terms !== undefined ? { terms } : {}) };
  return (
    <InvoiceDrawer
      id={invoice}
      line={line}
      onLine={(next) => show(next === undefined ? here : { ...here, line: next })}
      onClose={() => show({})}
      renderRequest={({ requestId, entryId }) =>
        entryId === null ? (
          requestId
        ) : (
          <Link
            to="/finance"
            search={{ tab: 'ledger', entry: entryId }}
            className="underline-offset-2 hover:underline"
          >
            {requestId}
          </Link>
        )
      }
      renderActions={(detail) => <Actions invoice={detail} />}
      {...(isOpenMonth && terms !== undefined ? { tenantId: terms } : {})}
    />
  );
}

function Actions({ invoice }: Readonly<{ invoice: InvoiceDetail }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const [isCrediting, setIsCrediting] = useState(false);
  const [isGivingUp, setIsGivingUp] = useState(false);
  const giveUp = useMutation({
    mutationFn: () => cloud.invoices.markUncollectible(invoice.id),
    onSuccess: () => notify(t('invoices.writtenOff', { number: invoice.number })),
    onSettled: async () => {
      setIsGivingUp(false);
      await queries.invalidateQueries({ queryKey: INVOICES_KEY });
    },
  });
  if (!maySee(useMe().role, 'pricing')) return null;
  const mayCredit = invoice.state === 'open' || invoice.state === 'paid';
  return (
    <>
      {mayCredit && (
        <Button size="sm" onClick={() => setIsCrediting(true)}>
          {t('invoices.credit')}
        </Button>
      )}
      {invoice.state === 'open' && (
        <Button size="sm" variant="danger" onClick={() => setIsGivingUp(true)}>
          {t('invoices.writeOff')}
        </Button>
      )}
      {isCrediting && <CreditNoteDialog invoice={invoice} onClose={() => setIsCrediting(false)} />}
      <ConfirmDialog
        isOpen={isGivingUp}
        title={t('invoices.writeOffOf', { number: invoice.number })}
        text={t('invoices.writeOffText', {
          amount: format.money(invoice.outstanding, invoice.currency),
        })}
        confirmLabel={t('invoices.writeOff')}
        isBusy={giveUp.isPending}
        onConfirm={() => giveUp.mutate()}
        onClose={() => setIsGivingUp(false)}
      />
    </>
  );
}
