/** One account: every entry that moved it, newest first, and what it held after each. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { listQuery } from '../list-query.ts';
import { Failure } from '../shell/failure.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';

const linesQuery = (accountId: string) =>
  listQuery({
    queryKey: ['ledger', 'lines', accountId],
    read: (page, call) => cloud.ledger.lines({ ...page, accountId }, call),
    pageSize: 50,
  });

export type AccountDrawerProps = Readonly<{ accountId: string; onClose: () => void }>;

export function AccountDrawer({ accountId, onClose }: AccountDrawerProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useInfiniteQuery(linesQuery(accountId));
  const { data, error, refetch } = query;
  const currency = accountId.split('/').at(-1) ?? '';
  return (
    <Dialog
      place="right"
      width="36rem"
      isOpen
      onClose={onClose}
      title={t('explorer.account')}
      description={<span className="font-mono text-xs break-all">{accountId}</span>}
      closeLabel={t('action.close')}
    >
      {data === undefined && error === null && <SkeletonRows rows={6} />}
      {data === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
      {data?.length === 0 && <p className="text-sm text-muted">{t('finance.ledgerNone')}</p>}
      <ul className="divide-y text-sm">
        {data?.map((line) => (
          <li key={line.entryId} className="relative py-2.5 hover:bg-inset">
            <p className="flex justify-between gap-4">
              <Link
                to="/finance"
                search={{ tab: 'ledger', account: accountId, entry: line.entryId }}
                resetScroll={false}
                className="font-medium after:absolute after:inset-0"
              >
                #{line.entryId} · {line.kind}
              </Link>
              <span className="min-w-0 text-right break-all tabular">
                {format.money(line.amount, currency)}
              </span>
            </p>
            <p className="flex justify-between gap-4 text-xs text-muted">
              <span>{format.time(line.effectiveAt)}</span>
              <span className="min-w-0 text-right break-all tabular">
                {t('explorer.after', { amount: format.money(line.balance, currency) })}
              </span>
            </p>
          </li>
        ))}
      </ul>
      <LoadMore query={query} label={t('action.more')} />
    </Dialog>
  );
}
