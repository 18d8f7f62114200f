/** A share of a model's revenue for its author, or the default for every model without one of its own. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { authorsQuery } from '../authors/queries.ts';
import { parsePercent } from '../authors/share-text.ts';
import { cloud } from '../cloud.ts';
import { modelsQuery } from '../models/queries.ts';
import { tenantsQuery } from '../settings/queries.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Field, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Select } from '../ui/select.tsx';
import { Switch } from '../ui/switch.tsx';
import { notify } from '../ui/toast.tsx';

/** No model and no tenant has an empty id. */
const NONE = '';

const EMPTY = {
  model: NONE,
  author: NONE,
  percent: '',
  countsFreeUsage: false,
  countsOwnUsage: false,
};

type Draft = Readonly<typeof EMPTY>;

export function ShareDialog({ onClose }: Readonly<{ onClose: () => void }>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(EMPTY);
  const { model, author, percent, countsFreeUsage, countsOwnUsage } = draft;
  const basisPoints = parsePercent(percent);
  const set = useMutation({
    mutationFn: () =>
      cloud.authors.setShare({
        ...(model === NONE ? {} : { model }),
        ...(model === NONE || author === NONE ? {} : { authorTenantId: author }),
        basisPoints,
        countsFreeUsage,
        countsOwnUsage,
      }),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('authors.shareSet'));
      onClose();
      await queries.invalidateQueries({ queryKey: authorsQuery.queryKey });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (basisPoints !== null) set.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('authors.setShare')}
      description={t('authors.setShareText')}
      closeLabel={t('action.close')}
    >
      <form onSubmit={onSubmit} className="space-y-4">
        <ShareFields
          draft={draft}
          onChange={(change) => setDraft((now) => ({ ...now, ...change }))}
        />
        {set.error !== null && <Banner tone="bad">{describeFailure(set.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" isBusy={set.isPending}>
            {t('authors.setShare')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

type ShareFieldsProps = Readonly<{ draft: Draft; onChange: (change: Partial<Draft>) => void }>;

function ShareFields({ draft, onChange }: ShareFieldsProps) {
  const { t } = useTranslation();
  const { data: models } = useInfiniteQuery(modelsQuery);
  const { data: tenants } = useInfiniteQuery(tenantsQuery);
  return (
    <>
      <Field id="share-model" label={t('usage.byModel')}>
        <Select
          id="share-model"
          label={t('usage.byModel')}
          value={draft.model}
          onChange={(next) => onChange({ model: next })}
          choices={[
            { value: NONE, label: t('authors.everyOther') },
            ...(models ?? []).map(({ name }) => ({ value: name, label: name })),
          ]}
        />
      </Field>
      <TextField
        label={t('authors.percent')}
        hint={t('authors.percentHint')}
        required
        inputMode="decimal"
        value={draft.percent}
        error={
          draft.percent !== '' && parsePercent(draft.percent) === null
            ? t('authors.percentWrong')
            : null
        }
        onChange={(event) => onChange({ percent: event.target.value })}
      />
      {draft.model !== NONE && (
        <Field id="share-author" label={t('authors.author')}>
          <Select
            id="share-author"
            label={t('authors.author')}
            value={draft.author}
            onChange={(next) => onChange({ author: next })}
            choices={[
              { value: NONE, label: t('authors.publisher') },
              ...(tenants ?? []).map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
        </Field>
      )}
      <Switch
        label={t('authors.countFree')}
        isOn={draft.countsFreeUsage}
        onChange={(next) => onChange({ countsFreeUsage: next })}
      />
      <Switch
        label={t('authors.countOwn')}
        isOn={draft.countsOwnUsage}
        onChange={(next) => onChange({ countsOwnUsage: next })}
      />
    </>
  );
}
