/** One entry whole: its postings, what led to it, and the requests that it was posted for. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type LedgerEntry, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { listQuery } from '../list-query.ts';
import { Failure } from '../shell/failure.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';

const DAY_MS = 24 * 3_600_000;

export type EntryDrawerProps = Readonly<{ id: number; onClose: () => void }>;

export function EntryDrawer({ id, onClose }: EntryDrawerProps) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({
    queryKey: ['ledger', 'entry', id],
    queryFn: ({ signal }) => cloud.ledger.entry(id, { signal }),
    retry: false,
    meta: { isSilent: true },
  });
  return (
    <Dialog
      place="right"
      width="36rem"
      isOpen
      onClose={onClose}
      title={t('explorer.entryOf', { id })}
      closeLabel={t('action.close')}
    >
      {data !== undefined && <Entry entry={data} />}
      {data === undefined && error === null && <SkeletonRows rows={6} />}
      {data === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
    </Dialog>
  );
}

function Entry({ entry }: Readonly<{ entry: LedgerEntry }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const facts = [
    [t('explorer.kind'), entry.kind],
    [t('explorer.key'), entry.key],
    [t('explorer.effective'), format.time(entry.effectiveAt)],
    [t('explorer.recorded'), format.time(entry.recordedAt)],
    ...Object.entries(entry.reference).map(([name, value]) => [name, String(value)] as const),
  ] as const;
  return (
    <div className="space-y-6">
      <section>
        <h3 className="mb-1 text-sm font-semibold">{t('explorer.postings')}</h3>
        <ul className="divide-y text-sm">
          {entry.postings.map((posting) => (
            <li key={`${posting.accountId}${posting.amount}`} className="py-2">
              <p className="flex justify-between gap-4">
                <Link
                  to="/finance"
                  search={{ tab: 'ledger', account: posting.accountId }}
                  resetScroll={false}
                  className="min-w-0 font-mono text-xs leading-5 break-all underline-offset-2 hover:underline"
                >
                  {posting.accountId}
                </Link>
                <span className="shrink-0 tabular">
                  {format.money(posting.amount, posting.currency)}
                </span>
              </p>
              {posting.tenantName !== null && (
                <p className="text-xs text-muted">{posting.tenantName}</p>
              )}
            </li>
          ))}
        </ul>
        <p className="mt-1 text-xs text-muted">{t('explorer.balanced')}</p>
      </section>
      <dl className="divide-y text-sm">
        {facts.map(([name, value]) => (
          <div key={name} className="flex justify-between gap-6 py-2">
            <dt className="shrink-0 text-muted">{name}</dt>
            <dd className="min-w-0 text-right break-all">{value}</dd>
          </div>
        ))}
      </dl>
      {entry.kind === 'usage' && <Requests entry={entry} />}
    </div>
  );
}

/** An entry holds the calls that were settled on one day (UTC). */
const requestsQuery = ({ id, effectiveAt }: LedgerEntry) => {
  const fromMs = Math.floor(Date.parse(effectiveAt) / DAY_MS) * DAY_MS;
  return listQuery({
    queryKey: ['ledger', 'requests', id],
    read: (page, call) =>
      cloud.usage.events(
        {
          ...page,
          entryId: id,
          tenantId: 'all',
          from: new Date(fromMs).toISOString(),
          to: new Date(fromMs + DAY_MS).toISOString(),
        },
        call,
      ),
    pageSize: 50,
  });
};

function Requests({ entry }: Readonly<{ entry: LedgerEntry }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useInfiniteQuery(requestsQuery(entry));
  const { data } = query;
  return (
    <section>
      <h3 className="mb-1 text-sm font-semibold">{t('explorer.requests')}</h3>
      {data === undefined && <SkeletonRows rows={3} />}
      <ul className="divide-y text-sm">
        {data?.map((event) => (
          <li key={`${event.requestId}${event.attempt}`} className="py-2">
            <p className="flex justify-between gap-4">
              <span className="min-w-0 truncate font-medium">{event.modelName}</span>
              <span className="shrink-0 tabular">{format.money(event.amount, event.currency)}</span>
            </p>
            <p className="flex justify-between gap-4 text-xs text-muted">
              <span className="font-mono break-all">{event.requestId}</span>
              <span className="shrink-0">{format.time(event.admittedAt)}</span>
            </p>
          </li>
        ))}
      </ul>
      <LoadMore query={query} label={t('action.more')} />
    </section>
  );
}
