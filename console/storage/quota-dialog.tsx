/** For the operator: how much a tenant keeps, and how much it may. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type StorageUse as Use, type Tenant, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Loading } from '../ui/skeleton.tsx';
import { notify } from '../ui/toast.tsx';
import { storageQuery } from './queries.ts';
import { SIZE_PATTERN, parseSize, writeSize } from '#client/size.ts';
import { StorageUse } from './storage-use.tsx';

export type QuotaDialogProps = Readonly<{ tenant: Tenant; onClose: () => void }>;

export function QuotaDialog({ tenant, onClose }: QuotaDialogProps) {
  const { t } = useTranslation();
  const { data, error } = useQuery(storageQuery(tenant.id));
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('storage.of', { name: tenant.name })}
      description={t('storage.ofText')}
      closeLabel={t('action.close')}
    >
      {error !== null && <Banner tone="bad">{describeFailure(error)}</Banner>}
      {data === undefined && error === null && <Loading className="h-40 rounded-lg" />}
      {data !== undefined && <QuotaForm tenant={tenant} use={data} onClose={onClose} />}
    </Dialog>
  );
}

function QuotaForm({ tenant, use, onClose }: QuotaDialogProps & Readonly<{ use: Use }>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [size, setSize] = useState(writeSize(use.bytesMax));
  const save = useMutation({
    mutationFn: (bytesMax: number | null) => cloud.storage.setQuota(tenant.id, bytesMax),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('storage.saved', { name: tenant.name }));
      onClose();
      await queries.invalidateQueries({ queryKey: ['storage'] });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    const bytes = parseSize(size);
    if (bytes !== null) save.mutate(bytes);
  };
  return (
    <form onSubmit={onSubmit} className="space-y-5">
      <StorageUse use={use} />
      <TextField
        label={t('storage.most')}
        hint={use.isDefault ? t('storage.isDefault') : t('storage.mostHint')}
        required
        pattern={SIZE_PATTERN}
        value={size}
        onChange={(event) => setSize(event.target.value)}
      />
      {save.error !== null && <Banner tone="bad">{describeFailure(save.error)}</Banner>}
      <DialogActions>
        {!use.isDefault && (
          <Button className="mr-auto" onClick={() => save.mutate(null)}>
            {t('storage.reset')}
          </Button>
        )}
        <Button onClick={onClose}>{t('action.cancel')}</Button>
        <Button type="submit" variant="primary" isBusy={save.isPending}>
          {t('action.save')}
        </Button>
      </DialogActions>
    </form>
  );
}
