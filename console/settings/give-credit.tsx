/** Credit for a tenant. The dialog is one gift: a second press, or a retry, never gives twice. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Tenant, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { balanceQuery } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { DECIMAL_PATTERN, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { notify } from '../ui/toast.tsx';

export type GiveCreditProps = Readonly<{ tenant: Tenant; onClose: () => void }>;

export function GiveCredit({ tenant, onClose }: GiveCreditProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [amount, setAmount] = useState('');
  const [note, setNote] = useState('');
  const [idempotencyKey] = useState(createGiftKey);
  const give = useMutation({
    mutationFn: () =>
      cloud.credits.create({
        tenantId: tenant.id,
        amount: amount.trim(),
        idempotencyKey,
        note: note.trim(),
      }),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('tenants.credited', { name: tenant.name }));
      onClose();
      await queries.invalidateQueries({ queryKey: balanceQuery.queryKey });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    give.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('tenants.creditTo', { name: tenant.name })}
      closeLabel={t('action.close')}
    >
      <form onSubmit={onSubmit} className="space-y-4">
        <TextField
          label={t('usage.amount')}
          hint={t('tenants.amountHint', { currency: tenant.currency })}
          required
          inputMode="decimal"
          pattern={DECIMAL_PATTERN}
          value={amount}
          onChange={(event) => setAmount(event.target.value)}
        />
        <TextField
          label={t('tenants.note')}
          maxLength={500}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        {give.error !== null && <Banner tone="bad">{describeFailure(give.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" isBusy={give.isPending}>
            {t('tenants.credit')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** `crypto.randomUUID` is missing on pages that came over plain HTTP from another machine. */
function createGiftKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `console-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
