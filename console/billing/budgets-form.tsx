/** Makes a budget or changes one: of what, how much, how long, and when to tell. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Budget, type BudgetSet, cloud } from '../cloud.ts';
import { useScopes } from '../limits/use-scopes.ts';
import { describeFailure } from '../shell/failure.tsx';
import { useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { DECIMAL_PATTERN, Field, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Select } from '../ui/select.tsx';
import { Switch } from '../ui/switch.tsx';
import { notify } from '../ui/toast.tsx';
import { BUDGETS_KEY, LEVEL_LABELS, PERIOD_LABELS } from './budgets-queries.ts';

export type BudgetFormProps = Readonly<{
  /** Null makes a new one. */
  budget: Budget | null;
  onClose: () => void;
}>;

const LEVELS = ['tenant', 'project', 'key', 'model', 'tag'] as const;
const PERIODS = ['day', 'week', 'month'] as const;

type Draft = Readonly<{
  name: string;
  level: Budget['level'];
  scopeId: string;
  period: Budget['period'];
  amount: string;
  thresholds: string;
  forecastThresholds: string;
  stops: boolean;
}>;

const EMPTY: Draft = {
  name: '',
  level: 'tenant',
  scopeId: '',
  period: 'month',
  amount: '',
  thresholds: '50, 80, 100',
  forecastThresholds: '100',
  stops: false,
};

function draftOf(budget: Budget): Draft {
  const { name, level, scopeId, period, amount, stops } = budget;
  const thresholds = budget.thresholds.join(', ');
  const forecastThresholds = budget.forecastThresholds.join(', ');
  return { name, level, scopeId, period, amount, stops, thresholds, forecastThresholds };
}

/** What is no whole number the server names. */
function percentsOf(text: string): number[] {
  return text
    .split(/[\s,，、]+/)
    .filter((each) => each !== '')
    .map(Number);
}

function wishOf(draft: Draft, timeZone: string): BudgetSet {
  const { name, level, scopeId, period, amount, stops } = draft;
  return {
    name: name.trim(),
    level,
    ...(level === 'tenant' ? {} : { scopeId: scopeId.trim() }),
    period,
    timeZone,
    amount: amount.trim(),
    thresholds: percentsOf(draft.thresholds),
    forecastThresholds: percentsOf(draft.forecastThresholds),
    stops,
  };
}

export function BudgetForm({ budget, onClose }: BudgetFormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>(budget === null ? EMPTY : draftOf(budget));
  const change = (part: Partial<Draft>): void => setDraft((now) => ({ ...now, ...part }));
  // Days begin where the reader is, unless the budget says otherwise already.
  const timeZone = budget?.timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const save = useMutation({
    mutationFn: () => {
      const wish = wishOf(draft, timeZone);
      return budget === null ? cloud.budgets.create(wish) : cloud.budgets.replace(budget.id, wish);
    },
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('budgets.saved'));
      onClose();
      await queries.invalidateQueries({ queryKey: BUDGETS_KEY });
    },
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={budget === null ? t('budgets.create') : t('budgets.editOf', { name: budget.name })}
      description={t('budgets.formText', { timeZone })}
      closeLabel={t('action.close')}
      width="36rem"
    >
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextField
          label={t('budgets.name')}
          required
          maxLength={100}
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
        />
        <ScopeFields draft={draft} change={change} />
        <AmountFields draft={draft} change={change} />
        {save.error !== null && <Banner tone="bad">{describeFailure(save.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" isBusy={save.isPending}>
            {t('action.save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

type PartProps = Readonly<{ draft: Draft; change: (part: Partial<Draft>) => void }>;

function ScopeFields({ draft, change }: PartProps) {
  const { t } = useTranslation();
  const scopes = useScopes(useMe().tenant);
  const { level } = draft;
  const choices = scopes
    .filter((scope) => scope.level === level)
    .map(({ scopeId, name }) => ({ value: scopeId, label: name }));
  const choose = (next: Budget['level']): void => {
    const first = scopes.find((scope) => scope.level === next)?.scopeId ?? '';
    change({ level: next, scopeId: first });
  };
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field id="budget-level" label={t('budgets.of')}>
        <Select
          id="budget-level"
          label={t('budgets.of')}
          value={level}
          onChange={choose}
          choices={LEVELS.map((value) => ({ value, label: t(LEVEL_LABELS[value]) }))}
        />
      </Field>
      {(level === 'project' || level === 'key') && (
        <Field id="budget-scope" label={t(LEVEL_LABELS[level])}>
          <Select
            id="budget-scope"
            label={t(LEVEL_LABELS[level])}
            value={draft.scopeId}
            onChange={(scopeId) => change({ scopeId })}
            choices={choices}
          />
        </Field>
      )}
      {(level === 'model' || level === 'tag') && (
        <TextField
          label={t(LEVEL_LABELS[level])}
          required
          maxLength={200}
          value={draft.scopeId}
          onChange={(event) => change({ scopeId: event.target.value })}
        />
      )}
    </div>
  );
}

function AmountFields({ draft, change }: PartProps) {
  const { t } = useTranslation();
  const mayStop = draft.period !== 'week' && draft.level !== 'model' && draft.level !== 'tag';
  return (
    <>
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <TextField
          label={t('budgets.amount')}
          required
          inputMode="decimal"
          pattern={DECIMAL_PATTERN}
          value={draft.amount}
          onChange={(event) => change({ amount: event.target.value })}
        />
        <div className="flex flex-col items-start gap-1.5">
          <span className="text-sm font-medium">{t('budgets.period')}</span>
          <Segmented
            label={t('budgets.period')}
            value={draft.period}
            onChange={(period) => change({ period, stops: draft.stops && period !== 'week' })}
            choices={PERIODS.map((value) => ({ value, label: t(PERIOD_LABELS[value]) }))}
          />
        </div>
        <TextField
          label={t('budgets.thresholds')}
          hint={t('budgets.thresholdsHint')}
          value={draft.thresholds}
          onChange={(event) => change({ thresholds: event.target.value })}
        />
        <TextField
          label={t('budgets.forecastThresholds')}
          hint={t('budgets.forecastHint')}
          value={draft.forecastThresholds}
          onChange={(event) => change({ forecastThresholds: event.target.value })}
        />
      </div>
      {mayStop && (
        <Switch
          label={t('budgets.stops')}
          hint={t('budgets.stopsHint')}
          isOn={draft.stops}
          onChange={(stops) => change({ stops })}
        />
      )}
    </>
  );
}
