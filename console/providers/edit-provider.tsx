/** A change to a provider: its name, its key, its bounds. The key that it has is never shown. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Provider, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { notify } from '../ui/toast.tsx';
import { providersQuery } from './queries.ts';

export type EditProviderProps = Readonly<{ provider: Provider; onClose: () => void }>;

type Draft = Readonly<{
  name: string;
  baseUrl: string;
  apiKey: string;
  parallel: string;
  timeout: string;
}>;

export function EditProvider({ provider, onClose }: EditProviderProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>({
    name: provider.name,
    baseUrl: provider.baseUrl,
    apiKey: '',
    parallel: String(provider.parallel),
    timeout: String(provider.timeoutMs / 1000),
  });
  const update = useMutation({
    mutationFn: () =>
      cloud.providers.update(provider.id, {
        name: draft.name,
        baseUrl: draft.baseUrl,
        parallel: Number(draft.parallel),
        timeoutMs: Number(draft.timeout) * 1000,
        ...(draft.apiKey === '' ? {} : { apiKey: draft.apiKey }),
      }),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('providers.changed'));
      onClose();
      await queries.invalidateQueries({ queryKey: providersQuery.queryKey });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    update.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('providers.changeTitle', { name: provider.name })}
      closeLabel={t('action.close')}
    >
      <form onSubmit={onSubmit} className="space-y-4" autoComplete="off">
        <EditFields draft={draft} change={(part) => setDraft((now) => ({ ...now, ...part }))} />
        {update.error !== null && <Banner tone="bad">{describeFailure(update.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" isBusy={update.isPending}>
            {t('action.save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

type FieldsProps = Readonly<{ draft: Draft; change: (part: Partial<Draft>) => void }>;

function EditFields({ draft, change }: FieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <TextField
        label={t('settings.name')}
        required
        maxLength={100}
        value={draft.name}
        onChange={(event) => change({ name: event.target.value })}
      />
      <TextField
        label={t('deployments.baseUrl')}
        type="url"
        required
        value={draft.baseUrl}
        onChange={(event) => change({ baseUrl: event.target.value })}
      />
      <TextField
        label={t('providers.newKey')}
        hint={t('providers.newKeyText')}
        type="password"
        autoComplete="off"
        value={draft.apiKey}
        onChange={(event) => change({ apiKey: event.target.value })}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={t('deployments.parallel')}
          hint={t('providers.parallelText')}
          type="number"
          min={1}
          max={4096}
          required
          value={draft.parallel}
          onChange={(event) => change({ parallel: event.target.value })}
        />
        <TextField
          label={t('providers.timeout')}
          type="number"
          min={1}
          max={600}
          required
          value={draft.timeout}
          onChange={(event) => change({ timeout: event.target.value })}
        />
      </div>
    </>
  );
}
