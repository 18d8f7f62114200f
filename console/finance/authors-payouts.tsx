/** What was paid out to authors; a payout whose money came back is reversed, once somebody is sure. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { authorsQuery, payoutsQuery } from '../authors/queries.ts';
import { type Payout, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { ConfirmDialog } from '../shell/confirm.tsx';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Pill } from '../ui/pill.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';

export function Payouts() {
  const { t } = useTranslation();
  const format = useFormat();
  const mayPay = maySee(useMe().role, 'pricing');
  const query = useInfiniteQuery(payoutsQuery);
  const { data: authors } = useQuery(authorsQuery);
  const [asked, setAsked] = useState<Payout | null>(null);
  const { data } = query;
  if (data === undefined || data.length === 0) return null;
  const nameOf = (tenantId: string): string =>
    authors?.data.find((author) => author.tenantId === tenantId)?.tenantName ?? tenantId;
  return (
    <Card isFlush title={t('authors.payouts')} className="overflow-hidden">
      <Table
        label={t('authors.payouts')}
        columns={[
          { key: 'author', label: t('authors.author') },
          { key: 'at', label: t('usage.time') },
          { key: 'reference', label: t('authors.reference') },
          { key: 'amount', label: t('usage.amount'), isNumber: true },
          {
            key: 'actions',
            label: <span className="sr-only">{t('authors.reverse')}</span>,
            isNumber: true,
          },
        ]}
      >
        {data.map((payout) => (
          <Row key={payout.id} isDim={payout.reversedAt !== null}>
            <Cell className="min-w-32 font-medium">{nameOf(payout.tenantId)}</Cell>
            <Cell className="whitespace-nowrap">{format.time(payout.createdAt)}</Cell>
            <Cell>{payout.reference}</Cell>
            <Cell isNumber>{format.money(payout.amount, payout.currency)}</Cell>
            <Cell isNumber>
              {payout.reversedAt !== null && <Pill tone="warn">{t('authors.cameBack')}</Pill>}
              {payout.reversedAt === null && mayPay && (
                <Button size="sm" variant="ghost" onClick={() => setAsked(payout)}>
                  {t('authors.reverse')}
                </Button>
              )}
            </Cell>
          </Row>
        ))}
      </Table>
      <LoadMore query={query} label={t('action.more')} className="border-t" />
      {asked !== null && (
        <ReverseDialog
          payout={asked}
          name={nameOf(asked.tenantId)}
          onClose={() => setAsked(null)}
        />
      )}
    </Card>
  );
}

type ReverseDialogProps = Readonly<{ payout: Payout; name: string; onClose: () => void }>;

function ReverseDialog({ payout, name, onClose }: ReverseDialogProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const reverse = useMutation({
    mutationFn: () => cloud.authors.reversePayout(payout.id, ''),
    onSettled: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: authorsQuery.queryKey });
    },
  });
  const { reference } = payout;
  const amount = format.money(payout.amount, payout.currency);
  return (
    <ConfirmDialog
      isOpen
      title={t('authors.reverseAsk')}
      text={t('authors.reverseText', { name, amount, reference })}
      confirmLabel={t('authors.reverse')}
      isBusy={reverse.isPending}
      onConfirm={() => reverse.mutate()}
      onClose={onClose}
    />
  );
}
