/** Sets limits: for whom, then what. What is left empty is not limited. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Level, type Limit, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { DECIMAL_PATTERN, Field, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Select } from '../ui/select.tsx';
import { notify } from '../ui/toast.tsx';
import {
  BUDGETS,
  COUNTS,
  type Draft,
  EMPTY_DRAFT,
  NAMES,
  draftOf,
  isEmpty,
  parseDraft,
} from './draft.ts';
import { FIELD_HINTS, FIELD_LABELS, LEVEL_LABELS, LIMITS_KEY } from './queries.ts';

/** Whom limits can be set for. */
export type Scope = Readonly<{ level: Level; scopeId: string; name: string }>;

export type LimitFormProps = Readonly<{
  /** Null makes a new one. */
  limit: Limit | null;
  scopes: readonly Scope[];
  onClose: () => void;
}>;

export function LimitForm({ limit, scopes, onClose }: LimitFormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [first] = scopes;
  const [chosen, setChosen] = useState(limit === null ? nameOf(first) : nameOf(limit));
  const [draft, setDraft] = useState<Draft>(limit === null ? EMPTY_DRAFT : draftOf(limit));
  const scope = limit ?? scopes.find((each) => nameOf(each) === chosen) ?? first;
  const set = useMutation({
    mutationFn: async () => {
      if (scope !== undefined)
        await cloud.limits.set(scope.level, scope.scopeId, parseDraft(draft));
    },
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('limits.saved'));
      onClose();
      await queries.invalidateQueries({ queryKey: LIMITS_KEY });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    set.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={limit === null ? t('limits.create') : t('limits.editOf', { name: limit.name })}
      description={t('limits.formText')}
      closeLabel={t('action.close')}
      width="40rem"
    >
      <form onSubmit={onSubmit} className="space-y-4">
        {limit === null && (
          <Field id="limit-scope" label={t('limits.scope')}>
            <Select
              id="limit-scope"
              label={t('limits.scope')}
              value={chosen}
              onChange={setChosen}
              choices={scopes.map((each) => ({
                value: nameOf(each),
                label: each.name,
                detail: t(LEVEL_LABELS[each.level]),
              }))}
            />
          </Field>
        )}
        <LimitFields
          draft={draft}
          hasTimeZone={scope?.level === 'tenant'}
          change={(part) => setDraft((now) => ({ ...now, ...part }))}
        />
        {set.error !== null && <Banner tone="bad">{describeFailure(set.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" isBusy={set.isPending} disabled={isEmpty(draft)}>
            {t('limits.save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

type LimitFieldsProps = Readonly<{
  draft: Draft;
  hasTimeZone: boolean;
  change: (part: Partial<Draft>) => void;
}>;

function LimitFields({ draft, hasTimeZone, change }: LimitFieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        {COUNTS.map((field) => (
          <TextField
            key={field}
            label={t(FIELD_LABELS[field])}
            inputMode="numeric"
            pattern="[1-9][0-9]{0,11}"
            title={t('limits.countHint')}
            value={draft[field]}
            onChange={(event) => change({ [field]: event.target.value })}
          />
        ))}
        {BUDGETS.map((field) => (
          <TextField
            key={field}
            label={t(FIELD_LABELS[field])}
            inputMode="decimal"
            pattern={DECIMAL_PATTERN}
            value={draft[field]}
            onChange={(event) => change({ [field]: event.target.value })}
          />
        ))}
      </div>
      {NAMES.map((field) => (
        <TextField
          key={field}
          label={t(FIELD_LABELS[field])}
          hint={t(FIELD_HINTS[field])}
          value={draft[field]}
          onChange={(event) => change({ [field]: event.target.value })}
        />
      ))}
      {hasTimeZone && (
        <TextField
          label={t('limits.timeZone')}
          hint={t('limits.timeZoneHint')}
          value={draft.timeZone}
          onChange={(event) => change({ timeZone: event.target.value })}
        />
      )}
    </>
  );
}

function nameOf(scope: Readonly<{ level: Level; scopeId: string }> | undefined): string {
  return scope === undefined ? '' : `${scope.level} ${scope.scopeId}`;
}
