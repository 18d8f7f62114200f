/** How each tenant is billed: its terms, and what its open month comes to. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { OPEN_MONTH } from '../billing/invoice-parts.tsx';
import { tenantsQuery } from '../settings/queries.ts';
import { Failure } from '../shell/failure.tsx';
import { buttonClass } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { TermsDialog } from './terms-dialog.tsx';

const route = getRouteApi('/signed-in/finance');

export function TermsCard() {
  const { t } = useTranslation();
  const { terms, invoice } = route.useSearch();
  const navigate = useNavigate({ from: '/finance' });
  const query = useInfiniteQuery(tenantsQuery);
  const { data, error, refetch } = query;
  return (
    <Card isFlush title={t('terms.title')} description={t('terms.text')}>
      {data === undefined && error === null && <SkeletonRows rows={3} />}
      {data === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
      {data !== undefined && (
        <Table
          label={t('terms.title')}
          columns={[
            { key: 'tenant', label: t('invoices.tenant') },
            {
              key: 'actions',
              label: <span className="sr-only">{t('terms.title')}</span>,
              isNumber: true,
            },
          ]}
        >
          {data
            .filter(({ kind }) => kind !== 'operator')
            .map(({ id, name }) => (
              <Row key={id}>
                <Cell className="font-medium">{name}</Cell>
                <Cell isNumber>
                  <Link
                    to="/finance"
                    search={{ tab: 'receivables', terms: id, invoice: OPEN_MONTH }}
                    resetScroll={false}
                    className={buttonClass('ghost', 'sm')}
                    aria-label={t('terms.monthOf', { name })}
                  >
                    {t('invoices.month')}
                  </Link>
                  <Link
                    to="/finance"
                    search={{ tab: 'receivables', terms: id }}
                    resetScroll={false}
                    className={buttonClass('secondary', 'sm')}
                    aria-label={t('terms.of', { name })}
                  >
                    {t('terms.short')}
                  </Link>
                </Cell>
              </Row>
            ))}
        </Table>
      )}
      <LoadMore query={query} label={t('action.more')} className="border-t" />
      {terms !== undefined && invoice === undefined && (
        <TermsDialog
          tenantId={terms}
          onClose={() => void navigate({ search: { tab: 'receivables' }, resetScroll: false })}
        />
      )}
    </Card>
  );
}
