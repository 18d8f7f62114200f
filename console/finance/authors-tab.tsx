/** What authors of models have earned, by which shares, and what was paid out to them. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { authorsQuery, sharesQuery } from '../authors/queries.ts';
import { currentMonth, percentOf } from '../authors/share-text.ts';
import { StatementDrawer } from '../authors/statement-drawer.tsx';
import type { Author } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { PeopleIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { PayoutDialog } from './authors-payout.tsx';
import { Payouts } from './authors-payouts.tsx';
import { ShareDialog } from './authors-share.tsx';

const route = getRouteApi('/signed-in/finance');

export function AuthorsTab() {
  const [now] = useState(currentMonth);
  const { author, currency, month = now } = route.useSearch();
  const navigate = useNavigate({ from: '/finance' });
  return (
    <div className="space-y-4">
      <Payables />
      <Shares />
      <Payouts />
      {author !== undefined && (
        <StatementDrawer
          tenantId={author}
          month={month}
          currency={currency}
          onMonth={(next) =>
            void navigate({ search: (now) => ({ ...now, month: next }), resetScroll: false })
          }
          onClose={() =>
            void navigate({
              search: ({ author: _author, month: _month, currency: _currency, ...rest }) => rest,
              resetScroll: false,
            })
          }
        />
      )}
    </div>
  );
}

function Payables() {
  const { t } = useTranslation();
  const format = useFormat();
  const [paid, setPaid] = useState<Author | null>(null);
  const { data } = useQuery(authorsQuery);
  return (
    <Card
      isFlush
      title={t('authors.title')}
      description={t('authors.text')}
      className="overflow-hidden"
    >
      {data === undefined && <SkeletonRows rows={3} />}
      {data?.data.length === 0 && (
        <Empty icon={PeopleIcon} title={t('finance.authorsNone')}>
          {t('authors.noneText')}
        </Empty>
      )}
      {data !== undefined && data.data.length > 0 && (
        <Table
          label={t('authors.title')}
          columns={[
            { key: 'name', label: t('authors.author') },
            { key: 'models', label: t('nav.models'), isNumber: true },
            { key: 'earned', label: t('authors.earned'), isNumber: true },
            { key: 'paid', label: t('authors.paid'), isNumber: true },
            { key: 'payable', label: t('authors.payable'), isNumber: true },
            {
              key: 'actions',
              label: <span className="sr-only">{t('authors.payout')}</span>,
              isNumber: true,
            },
          ]}
        >
          {data.data.map((author) => (
            <Row key={`${author.tenantId}${author.currency}`}>
              <Cell className="min-w-40 font-medium">{author.tenantName}</Cell>
              <Cell isNumber>{author.models}</Cell>
              <Cell isNumber>{format.money(author.earned, author.currency)}</Cell>
              <Cell isNumber>{format.money(author.paid, author.currency)}</Cell>
              <Cell isNumber className="font-medium">
                {format.money(author.payable, author.currency)}
              </Cell>
              <Cell isNumber>
                <AuthorActions author={author} onPay={setPaid} />
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      {paid !== null && <PayoutDialog author={paid} onClose={() => setPaid(null)} />}
    </Card>
  );
}

function AuthorActions({
  author,
  onPay,
}: Readonly<{ author: Author; onPay: (author: Author) => void }>) {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: '/finance' });
  const mayPay = maySee(useMe().role, 'pricing');
  return (
    <span className="inline-flex gap-1.5">
      <Button
        size="sm"
        variant="ghost"
        aria-label={t('authors.statementOf', { name: author.tenantName })}
        onClick={() =>
          void navigate({
            search: (now) => ({ ...now, author: author.tenantId, currency: author.currency }),
            resetScroll: false,
          })
        }
      >
        {t('authors.statement')}
      </Button>
      {mayPay && (
        <Button
          size="sm"
          aria-label={t('authors.payoutTo', { name: author.tenantName })}
          onClick={() => onPay(author)}
        >
          {t('authors.payout')}
        </Button>
      )}
    </span>
  );
}

const STATES = {
  current: { label: 'authors.current', tone: 'good' },
  scheduled: { label: 'authors.scheduled', tone: 'info' },
  past: { label: 'authors.past', tone: 'quiet' },
} as const;

function Shares() {
  const { t } = useTranslation();
  const format = useFormat();
  const mayPrice = maySee(useMe().role, 'pricing');
  const [isOpen, setIsOpen] = useState(false);
  const { data } = useQuery(sharesQuery);
  return (
    <Card
      isFlush
      title={t('authors.shares')}
      description={t('authors.sharesText')}
      className="overflow-hidden"
      actions={
        mayPrice && (
          <Button size="sm" onClick={() => setIsOpen(true)}>
            {t('authors.setShare')}
          </Button>
        )
      }
    >
      {data === undefined && <SkeletonRows rows={2} />}
      {data?.data.length === 0 && (
        <p className="px-5 pb-5 text-sm text-muted">{t('authors.noShares')}</p>
      )}
      {data !== undefined && data.data.length > 0 && (
        <Table
          label={t('authors.shares')}
          columns={[
            { key: 'model', label: t('usage.byModel') },
            { key: 'share', label: t('authors.share'), isNumber: true },
            { key: 'counts', label: t('authors.counts') },
            { key: 'from', label: t('authors.from') },
            { key: 'state', label: t('keys.state') },
          ]}
        >
          {data.data.map((rule) => (
            <Row key={rule.id} isDim={rule.state === 'past'}>
              <Cell className="min-w-40 font-medium">
                {rule.modelName ?? t('authors.everyOther')}
              </Cell>
              <Cell isNumber>
                {rule.basisPoints === null ? t('authors.asDefault') : percentOf(rule.basisPoints)}
              </Cell>
              <Cell className="min-w-44 text-muted">
                {[
                  t('authors.countsPaid'),
                  ...(rule.countsFreeUsage ? [t('authors.countsFree')] : []),
                  ...(rule.countsOwnUsage ? [t('authors.countsOwn')] : []),
                ].join(' · ')}
              </Cell>
              <Cell className="whitespace-nowrap">{format.time(rule.effectiveFrom)}</Cell>
              <Cell>
                <Pill tone={STATES[rule.state].tone}>{t(STATES[rule.state].label)}</Pill>
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      {isOpen && <ShareDialog onClose={() => setIsOpen(false)} />}
    </Card>
  );
}
