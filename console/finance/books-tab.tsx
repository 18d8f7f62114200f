/** Whether the books agree with each other: every law of the ledger, proved from its rows when asked. */
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { describeFailure } from '../shell/failure.tsx';
import { useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { CheckIcon } from '../ui/icons.tsx';
import { Banner, Empty } from '../ui/notice.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';

/** All calls are rated again, which takes longer than a page. */
const VERIFY_TIMEOUT_MS = 300_000;

export function BooksTab() {
  const { t } = useTranslation();
  const format = useFormat();
  const isOwner = useMe().role === 'owner';
  const check = useMutation({
    mutationFn: () => cloud.ledger.verify({}, { timeoutMs: VERIFY_TIMEOUT_MS }),
    meta: { isSilent: true },
  });
  const found = check.data;
  const action = (
    <Button
      size="sm"
      variant="primary"
      disabled={!isOwner}
      isBusy={check.isPending}
      onClick={() => check.mutate()}
    >
      {t('books.check')}
    </Button>
  );
  return (
    <Card
      isFlush
      title={t('books.title')}
      description={t('books.text')}
      actions={found === undefined ? undefined : action}
      className="overflow-hidden"
    >
      {check.error !== null && (
        <div className="px-5 pb-5">
          <Banner tone="bad">{describeFailure(check.error)}</Banner>
        </div>
      )}
      {found === undefined && (
        <Empty icon={CheckIcon} title={t('finance.booksNone')} action={action}>
          {t('books.noneText')}
        </Empty>
      )}
      {found?.holds === true && (
        <Empty icon={CheckIcon} title={t('books.holds')}>
          {t('books.holdsText', {
            calls: format.number(found.events),
            waiting: format.number(found.quarantined),
          })}
        </Empty>
      )}
      {found !== undefined && found.findings.length > 0 && (
        <Table
          label={t('books.title')}
          columns={[
            { key: 'law', label: t('books.law') },
            { key: 'where', label: t('books.where') },
            { key: 'what', label: t('books.what') },
          ]}
        >
          {found.findings.map(({ law, subject, detail }) => (
            <Row key={`${law}${subject}${detail}`}>
              <Cell className="min-w-48 font-medium">{law}</Cell>
              <Cell className="min-w-40 font-mono text-xs break-all">{subject}</Cell>
              <Cell className="min-w-48 text-muted">{detail}</Cell>
            </Row>
          ))}
        </Table>
      )}
    </Card>
  );
}
