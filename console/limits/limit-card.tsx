/** One set of limits: what is limited, how much of it is in use, and the lists of what is allowed. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Limit } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { approximateMoney } from '../format/money.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Tag } from '../ui/pill.tsx';
import { ProgressBar } from '../ui/progress.tsx';
import { BUDGETS, COUNTS, NAMES } from './draft.ts';
import { FIELD_LABELS, LEVEL_LABELS } from './queries.ts';

export type LimitCardProps = Readonly<{
  limit: Limit;
  currency: string;
  /** Missing where the member may not change it. */
  onEdit: (() => void) | undefined;
  onRemove: (() => void) | undefined;
}>;

export function LimitCard({ limit, currency, onEdit, onRemove }: LimitCardProps) {
  const { t } = useTranslation();
  const actions = onEdit !== undefined && onRemove !== undefined && (
    <div className="flex gap-2">
      <Button size="sm" aria-label={t('limits.editOf', { name: limit.name })} onClick={onEdit}>
        {t('limits.edit')}
      </Button>
      <Button
        size="sm"
        variant="danger"
        aria-label={t('limits.removeOf', { name: limit.name })}
        onClick={onRemove}
      >
        {t('action.delete')}
      </Button>
    </div>
  );
  return (
    <Card
      title={
        <span className="flex flex-wrap items-center gap-2">
          <Tag>{t(LEVEL_LABELS[limit.level])}</Tag>
          <span className="min-w-0 break-words">{limit.name}</span>
        </span>
      }
      actions={actions}
    >
      <dl className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
        <Numbers limit={limit} currency={currency} />
        <Lists limit={limit} />
      </dl>
    </Card>
  );
}

function Numbers({ limit, currency }: Readonly<{ limit: Limit; currency: string }>) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      {COUNTS.map((field) => {
        const most = limit[field];
        const used = limit.use[field];
        return most === null ? null : (
          <Measure key={field} label={t(FIELD_LABELS[field])} part={used / most}>
            {t('limits.of', { used: format.number(used), most: format.number(most) })}
          </Measure>
        );
      })}
      {BUDGETS.map((field) => {
        const most = limit[field];
        const used = limit.use[field];
        const part = most === null ? 0 : approximateMoney(used) / approximateMoney(most);
        return most === null ? null : (
          <Measure key={field} label={t(FIELD_LABELS[field])} part={part}>
            {t('limits.of', {
              used: format.moneyShort(used, currency),
              most: format.moneyShort(most, currency),
            })}
          </Measure>
        );
      })}
    </>
  );
}

function Measure({
  label,
  part,
  children,
}: Readonly<{ label: string; part: number; children: ReactNode }>) {
  return (
    <div className="min-w-0">
      <div className="flex items-baseline justify-between gap-3 pb-1.5 text-sm">
        <dt className="text-muted">{label}</dt>
        <dd className="font-medium tabular-nums">{children}</dd>
      </div>
      <ProgressBar label={label} value={Number.isFinite(part) ? part : 1} />
    </div>
  );
}

function Lists({ limit }: Readonly<{ limit: Limit }>) {
  const { t } = useTranslation();
  return (
    <>
      {NAMES.map((field) => {
        const names = limit[field];
        return names === null ? null : (
          <div key={field} className="min-w-0 text-sm">
            <dt className="pb-1 text-muted">{t(FIELD_LABELS[field])}</dt>
            <dd className="font-mono text-xs break-words">{names.join(', ')}</dd>
          </div>
        );
      })}
      {limit.timeZone !== null && (
        <div className="text-sm">
          <dt className="pb-1 text-muted">{t('limits.timeZone')}</dt>
          <dd>{limit.timeZone}</dd>
        </div>
      )}
    </>
  );
}
