/** What may be spent, and who is told when it nears. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Budget, cloud } from '../cloud.ts';
import { ConfirmDialog, useConfirmedRemoval } from '../shell/confirm.tsx';
import { Failure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { GaugeIcon, PlusIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { BudgetCard } from './budgets-card.tsx';
import { BudgetForm } from './budgets-form.tsx';
import { BUDGETS_KEY, budgetsQuery } from './budgets-queries.ts';

export function BudgetsTab() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(budgetsQuery);
  const [edited, setEdited] = useState<Budget | 'new' | null>(null);
  const [doomed, setDoomed] = useState<Budget | null>(null);
  const removal = useConfirmedRemoval({
    remove: (id) => cloud.budgets.remove(id),
    queryKey: BUDGETS_KEY,
    done: t('budgets.removed'),
    onClose: () => setDoomed(null),
  });
  if (data === undefined && error !== null) {
    return <Failure error={error} onRetry={() => void refetch()} />;
  }
  const add = (
    <Button variant="primary" onClick={() => setEdited('new')}>
      <PlusIcon />
      {t('budgets.create')}
    </Button>
  );
  return (
    <div className="space-y-4">
      {data !== undefined && data.length > 0 && <div className="flex justify-end">{add}</div>}
      {data === undefined && (
        <Card isFlush>
          <SkeletonRows rows={3} />
        </Card>
      )}
      {data?.length === 0 && (
        <Card isFlush>
          <Empty icon={GaugeIcon} title={t('billing.budgetsNone')} action={add}>
            {t('budgets.noneText')}
          </Empty>
        </Card>
      )}
      <div className="grid items-start gap-4 lg:grid-cols-2">
        {data?.map((budget) => (
          <BudgetCard
            key={budget.id}
            budget={budget}
            onEdit={() => setEdited(budget)}
            onRemove={() => setDoomed(budget)}
          />
        ))}
      </div>
      {edited !== null && (
        <BudgetForm budget={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />
      )}
      <ConfirmDialog
        isOpen={doomed !== null}
        title={t('budgets.removeTitle', { name: doomed?.name ?? '' })}
        text={t('budgets.removeText')}
        confirmLabel={t('action.delete')}
        isBusy={removal.isPending}
        onConfirm={() => doomed !== null && removal.mutate(doomed.id)}
        onClose={() => setDoomed(null)}
      />
    </div>
  );
}
