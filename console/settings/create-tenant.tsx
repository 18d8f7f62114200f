/** Lets a customer or partner in, with a first owner who invites the rest. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type TenantCreate, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import type { Currency } from '../format/currency.ts';
import { CurrencyField } from '../ui/currency-field.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Field, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Select } from '../ui/select.tsx';
import { FirstPassword } from './first-password.tsx';
import { tenantsQuery } from './queries.ts';

export function CreateTenant({ onClose }: Readonly<{ onClose: () => void }>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: (tenant: TenantCreate) => cloud.tenants.create(tenant),
    meta: { isSilent: true },
    onSuccess: () => queries.invalidateQueries({ queryKey: tenantsQuery.queryKey }),
  });
  return (
    <Dialog isOpen onClose={onClose} title={t('tenants.create')} closeLabel={t('action.close')}>
      {create.data === undefined ? (
        <TenantForm
          isBusy={create.isPending}
          error={create.error}
          onSubmit={(tenant) => create.mutate(tenant)}
          onCancel={onClose}
        />
      ) : (
        <FirstPassword password={create.data.owner.password} onClose={onClose} />
      )}
    </Dialog>
  );
}

type TenantFormProps = Readonly<{
  isBusy: boolean;
  error: Error | null;
  onSubmit: (tenant: TenantCreate) => void;
  onCancel: () => void;
}>;

type Kind = NonNullable<TenantCreate['kind']>;

function TenantForm({ isBusy, error, onSubmit, onCancel }: TenantFormProps) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<Kind>('customer');
  const [currency, setCurrency] = useState<Currency>('CNY');
  const [owner, setOwner] = useState({ name: '', email: '' });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const person = { name: owner.name.trim(), email: owner.email.trim() };
    onSubmit({ name: name.trim(), kind, currency, owner: person });
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField
        label={t('tenants.name')}
        required
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Field id="tenant-kind" label={t('tenants.kind')}>
        <Select
          id="tenant-kind"
          label={t('tenants.kind')}
          value={kind}
          onChange={setKind}
          choices={[
            { value: 'customer', label: t('tenants.customer') },
            { value: 'partner', label: t('tenants.partner') },
          ]}
        />
      </Field>
      <CurrencyField value={currency} onChange={setCurrency} hint={t('tenants.currencyHint')} />
      <TextField
        label={t('tenants.ownerName')}
        required
        maxLength={100}
        value={owner.name}
        onChange={(event) => setOwner((now) => ({ ...now, name: event.target.value }))}
      />
      <TextField
        label={t('tenants.ownerEmail')}
        type="email"
        required
        value={owner.email}
        onChange={(event) => setOwner((now) => ({ ...now, email: event.target.value }))}
      />
      {error !== null && <Banner tone="bad">{describeFailure(error)}</Banner>}
      <DialogActions>
        <Button onClick={onCancel}>{t('action.cancel')}</Button>
        <Button type="submit" variant="primary" isBusy={isBusy}>
          {t('tenants.create')}
        </Button>
      </DialogActions>
    </form>
  );
}
