/** An author's month: what was owed, what each model earned, what was paid out, what is owed now. */
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuthorStatement } from '../cloud.ts';
import { saveCsv, toCsv } from '../format/csv.ts';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { Dialog } from '../ui/dialog.tsx';
import { ArrowRightIcon, DownloadIcon } from '../ui/icons.tsx';
import { Pill } from '../ui/pill.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { statementQuery } from './queries.ts';
import { addMonths, currentMonth } from './share-text.ts';

export type StatementDrawerProps = Readonly<{
  month: string;
  /** The operator's: whose. */
  tenantId?: string;
  /** That payers paid in; the author's own. */
  currency?: string | undefined;
  onMonth: (month: string) => void;
  onClose: () => void;
}>;

export function StatementDrawer(props: StatementDrawerProps) {
  const { month, tenantId, currency, onMonth, onClose } = props;
  const { t, i18n } = useTranslation();
  const { data, error, refetch } = useQuery(statementQuery(month, tenantId, currency));
  const title = new Intl.DateTimeFormat(i18n.language, {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(Date.parse(`${month}-01T00:00:00Z`));
  const [now] = useState(currentMonth);
  return (
    <Dialog
      place="right"
      width="36rem"
      isOpen
      onClose={onClose}
      title={t('authors.statement')}
      closeLabel={t('action.close')}
      {...(data === undefined ? {} : { description: data.tenantName })}
    >
      <div className="mb-5 flex items-center gap-2">
        <IconButton label={t('authors.earlier')} onClick={() => onMonth(addMonths(month, -1))}>
          <ArrowRightIcon className="rotate-180" />
        </IconButton>
        <h3 className="flex-1 text-center text-base font-semibold">{title}</h3>
        <IconButton
          label={t('authors.later')}
          disabled={month >= now}
          onClick={() => onMonth(addMonths(month, 1))}
        >
          <ArrowRightIcon />
        </IconButton>
      </div>
      {data !== undefined && <Statement statement={data} />}
      {data === undefined && error === null && <SkeletonRows rows={6} />}
      {data === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
    </Dialog>
  );
}

function Statement({ statement }: Readonly<{ statement: AuthorStatement }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { currency, lines, payouts } = statement;
  const money = (amount: string): string => format.money(amount, currency);
  const minus = (amount: string): string =>
    Number(amount) === 0 ? money('0') : `−${money(amount)}`;
  return (
    <div className="space-y-6">
      <dl className="text-sm">
        <Line label={t('authors.opening')}>{money(statement.opening)}</Line>
        <Line label={t('authors.share')}>{money(statement.share)}</Line>
        <Line label={t('authors.reversed')}>{minus(statement.reversed)}</Line>
        <Line label={t('authors.paidOut')}>{minus(statement.paid)}</Line>
        <Line label={t('authors.closing')} isSum>
          {money(statement.closing)}
        </Line>
      </dl>
      <section>
        <h4 className="mb-1 flex items-center justify-between text-sm font-semibold">
          {t('authors.byModel')}
          <Button size="sm" variant="ghost" onClick={() => save(statement)}>
            <DownloadIcon />
            CSV
          </Button>
        </h4>
        {lines.length === 0 && <p className="text-sm text-muted">{t('authors.nothing')}</p>}
        <ul className="divide-y text-sm">
          {lines.map((line) => (
            <li key={line.modelId} className="py-2.5">
              <p className="flex justify-between gap-4">
                <span className="min-w-0 truncate font-medium">{line.modelName}</span>
                <span className="shrink-0 tabular">{money(line.share)}</span>
              </p>
              <p className="flex justify-between gap-4 text-xs text-muted tabular">
                <span>
                  {t('authors.calls', { count: line.calls, calls: format.number(line.calls) })}
                </span>
                <span>{t('authors.ofRevenue', { amount: money(line.revenue) })}</span>
              </p>
            </li>
          ))}
        </ul>
      </section>
      {payouts.length > 0 && (
        <section>
          <h4 className="mb-1 text-sm font-semibold">{t('authors.payouts')}</h4>
          <ul className="divide-y text-sm">
            {payouts.map((payout) => (
              <li key={payout.id} className="flex items-center justify-between gap-4 py-2.5">
                <span className="min-w-0">
                  <span className="block truncate">{payout.reference}</span>
                  <span className="block text-xs text-muted">{format.day(payout.createdAt)}</span>
                </span>
                <span className="flex shrink-0 items-center gap-2 tabular">
                  {payout.reversedAt !== null && <Pill tone="warn">{t('authors.cameBack')}</Pill>}
                  {money(payout.amount)}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <p className="text-xs text-muted">{t('authors.monthRule')}</p>
    </div>
  );
}

type LineProps = Readonly<{ label: string; children: ReactNode; isSum?: boolean }>;

function Line({ label, children, isSum }: LineProps) {
  return (
    <div
      className={classNames(
        'flex justify-between gap-6 py-1.5',
        isSum === true && 'mt-1 border-t pt-2.5 text-base font-semibold',
      )}
    >
      <dt className={classNames(isSum !== true && 'text-muted')}>{label}</dt>
      <dd className="min-w-0 text-right break-all tabular">{children}</dd>
    </div>
  );
}

function save({ month, lines, currency }: AuthorStatement): void {
  saveCsv(
    `earnings-${month}.csv`,
    toCsv(
      ['month', 'model', 'calls', 'revenue', 'share', 'reversed', 'currency'],
      lines.map((line) => [
        month,
        line.modelName,
        line.calls,
        line.revenue,
        line.share,
        line.reversed,
        currency,
      ]),
    ),
  );
}
