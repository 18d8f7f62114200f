/** Accounts, entries and the way from an entry to the requests behind it, and back. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { listQuery } from '../list-query.ts';
import { Failure } from '../shell/failure.tsx';
import { Card } from '../ui/card.tsx';
import { classNames } from '../ui/class-names.ts';
import { INPUT_CLASS } from '../ui/field.tsx';
import { BookIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Empty } from '../ui/notice.tsx';
import { Tag } from '../ui/pill.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { AccountDrawer } from './ledger-account.tsx';
import { EntryDrawer } from './ledger-entry.tsx';

const route = getRouteApi('/signed-in/finance');

export function LedgerTab() {
  const { entry, account, find = '' } = route.useSearch();
  const navigate = useNavigate({ from: '/finance' });
  const [text, setText] = useState(find);
  const close = (): void =>
    void navigate({
      search: ({ entry: _entry, account: _account, ...rest }) => rest,
      resetScroll: false,
    });
  return (
    <div className="space-y-4">
      <Search start={find} onSearch={setText} />
      {text !== '' && <Hits text={text} />}
      <Accounts />
      {entry !== undefined && <EntryDrawer id={entry} onClose={close} />}
      {entry === undefined && account !== undefined && (
        <AccountDrawer accountId={account} onClose={close} />
      )}
    </div>
  );
}

function Search({
  start,
  onSearch,
}: Readonly<{ start: string; onSearch: (text: string) => void }>) {
  const { t } = useTranslation();
  const [text, setText] = useState(start);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    onSearch(text.trim());
  };
  return (
    <form onSubmit={onSubmit}>
      <input
        type="search"
        aria-label={t('explorer.search')}
        placeholder={t('explorer.search')}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          if (event.target.value === '') onSearch('');
        }}
        className={classNames(INPUT_CLASS, 'h-9 max-w-xl')}
      />
    </form>
  );
}

function Hits({ text }: Readonly<{ text: string }>) {
  const { t } = useTranslation();
  const { data, error } = useQuery({
    queryKey: ['ledger', 'find', text],
    queryFn: ({ signal }) => cloud.finance.find(text, { signal }),
  });
  if (error !== null) return <Failure error={error} />;
  if (data === undefined) return <SkeletonRows rows={2} />;
  if (data.data.length === 0) return <p className="text-sm text-muted">{t('explorer.none')}</p>;
  const kinds = {
    entry: t('explorer.entry'),
    account: t('explorer.account'),
    request: t('event.request'),
  };
  return (
    <Card isFlush title={t('explorer.found')} className="overflow-hidden">
      <ul className="divide-y text-sm">
        {data.data.map((hit) => (
          <li key={`${hit.kind}${hit.id}`} className="relative flex gap-3 px-5 py-3 hover:bg-inset">
            <Tag>{kinds[hit.kind]}</Tag>
            {hit.kind === 'request' && hit.entryId === null ? (
              <span className="min-w-0 break-all">{hit.id}</span>
            ) : (
              <Link
                to="/finance"
                search={
                  hit.kind === 'account'
                    ? { tab: 'ledger', account: hit.id }
                    : { tab: 'ledger', entry: hit.entryId ?? 1 }
                }
                resetScroll={false}
                className="min-w-0 font-mono text-xs leading-5.5 break-all after:absolute after:inset-0"
              >
                {hit.id}
              </Link>
            )}
            <span className="ml-auto min-w-0 truncate text-muted">{hit.text}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

const accountsQuery = listQuery({
  queryKey: ['ledger', 'accounts'],
  read: (page, call) => cloud.ledger.accounts(page, call),
});

function Accounts() {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useInfiniteQuery(accountsQuery);
  const { data, error, refetch } = query;
  if (data === undefined && error !== null) {
    return <Failure error={error} onRetry={() => void refetch()} />;
  }
  return (
    <Card
      isFlush
      title={t('explorer.accounts')}
      description={t('explorer.accountsText')}
      className="overflow-hidden"
    >
      {data === undefined && <SkeletonRows rows={5} />}
      {data?.length === 0 && <Empty icon={BookIcon} title={t('finance.ledgerNone')} />}
      {data !== undefined && data.length > 0 && (
        <Table
          label={t('explorer.accounts')}
          columns={[
            { key: 'account', label: t('explorer.account') },
            { key: 'balance', label: t('usage.balance'), isNumber: true },
            { key: 'floor', label: t('explorer.floor'), isNumber: true },
          ]}
        >
          {data.map((account) => (
            <Row key={account.id}>
              <Cell className="min-w-40 py-2">
                <Link
                  to="/finance"
                  search={{ tab: 'ledger', account: account.id }}
                  resetScroll={false}
                  className="font-medium after:absolute after:inset-0"
                >
                  {account.tenantName ?? t('explorer.platform')}
                </Link>
                <span className="block font-mono text-xs break-all text-muted">{account.id}</span>
              </Cell>
              <Cell isNumber>{format.money(account.balance, account.currency)}</Cell>
              <Cell isNumber className="text-muted">
                {account.floor === null ? '—' : format.money(account.floor, account.currency)}
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      <LoadMore query={query} label={t('action.more')} className="border-t" />
    </Card>
  );
}
