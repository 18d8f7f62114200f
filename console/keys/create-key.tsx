/** Makes a key. The answer holds the secret for the only time, so it stays until it is dismissed. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type KeyCreate, type Role, cloud } from '../cloud.ts';
import { useServedNames } from '../deployments/queries.ts';
import { describeFailure } from '../shell/failure.tsx';
import { useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Field, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Select } from '../ui/select.tsx';
import { ModelChoice } from './model-choice.tsx';
import { NewSecret } from './new-secret.tsx';
import { ROLE_LABELS, keysQuery } from './queries.ts';

const DAY_MS = 24 * 3_600_000;
const EXPIRIES = ['never', '7', '30', '90', '365'] as const;
type Expiry = (typeof EXPIRIES)[number];

type Draft = { name: string; role: Role; models: readonly string[]; expiry: Expiry };

export function CreateKey({ onClose }: Readonly<{ onClose: () => void }>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: (draft: Draft) => cloud.keys.create(parseDraft(draft)),
    meta: { isSilent: true },
    onSuccess: () => queries.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  const created = create.data;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={created === undefined ? t('keys.create') : t('keys.newTitle')}
      closeLabel={t('action.close')}
    >
      {created === undefined ? (
        <KeyForm
          error={create.error}
          isBusy={create.isPending}
          onSubmit={(draft) => create.mutate(draft)}
          onCancel={onClose}
        />
      ) : (
        <NewSecret created={created} onClose={onClose} />
      )}
    </Dialog>
  );
}

type KeyFormProps = Readonly<{
  error: Error | null;
  isBusy: boolean;
  onSubmit: (draft: Draft) => void;
  onCancel: () => void;
}>;

function KeyForm({ error, isBusy, onSubmit, onCancel }: KeyFormProps) {
  const { t } = useTranslation();
  const names = useServedNames();
  const [draft, setDraft] = useState<Draft>({
    name: '',
    role: 'developer',
    models: [],
    expiry: 'never',
  });
  const change = (part: Partial<Draft>): void => setDraft((now) => ({ ...now, ...part }));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSubmit(draft);
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField
        label={t('keys.name')}
        hint={t('keys.nameHint')}
        required
        maxLength={100}
        value={draft.name}
        onChange={(event) => change({ name: event.target.value })}
      />
      <KeyChoices draft={draft} change={change} />
      {names.length > 0 && (
        <ModelChoice
          names={names}
          chosen={draft.models}
          onChange={(models) => change({ models })}
        />
      )}
      {error !== null && <Banner tone="bad">{describeFailure(error)}</Banner>}
      <DialogActions>
        <Button onClick={onCancel}>{t('action.cancel')}</Button>
        <Button type="submit" variant="primary" isBusy={isBusy}>
          {t('keys.create')}
        </Button>
      </DialogActions>
    </form>
  );
}

type KeyChoicesProps = Readonly<{ draft: Draft; change: (part: Partial<Draft>) => void }>;

function KeyChoices({ draft, change }: KeyChoicesProps) {
  const { t } = useTranslation();
  const { role: own } = useMe();
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field id="key-role" label={t('keys.role')}>
        <Select
          id="key-role"
          label={t('keys.role')}
          value={draft.role}
          onChange={(role) => change({ role })}
          choices={grantable(own).map((role) => ({ value: role, label: t(ROLE_LABELS[role]) }))}
        />
      </Field>
      <Field id="key-expiry" label={t('keys.expires')}>
        <Select
          id="key-expiry"
          label={t('keys.expires')}
          value={draft.expiry}
          onChange={(expiry) => change({ expiry })}
          choices={EXPIRIES.map((expiry) => ({
            value: expiry,
            label: expiry === 'never' ? t('keys.never') : t('keys.days', { count: Number(expiry) }),
          }))}
        />
      </Field>
    </div>
  );
}

/** Nobody gives more than they have; the server holds this too. */
function grantable(own: Role): readonly Role[] {
  if (own === 'owner') return ['developer', 'viewer', 'finance', 'admin', 'owner'];
  return own === 'admin' ? ['developer', 'viewer', 'admin'] : ['developer', 'viewer'];
}

function parseDraft(draft: Draft): KeyCreate {
  return {
    name: draft.name.trim(),
    role: draft.role,
    models: draft.models.length === 0 ? null : [...draft.models],
    expiresAt:
      draft.expiry === 'never'
        ? null
        : new Date(Date.now() + Number(draft.expiry) * DAY_MS).toISOString(),
  };
}
