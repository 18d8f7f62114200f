/** Corrects an issued invoice. The dialog is one note: a second press makes no second one. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { INVOICES_KEY } from '../billing/invoices-queries.ts';
import { type InvoiceDetail, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { DECIMAL_PATTERN, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { notify } from '../ui/toast.tsx';
import { createOnceKey } from './payments-record.tsx';

type CreditNoteDialogProps = Readonly<{ invoice: InvoiceDetail; onClose: () => void }>;

export function CreditNoteDialog({ invoice, onClose }: CreditNoteDialogProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const [amount, setAmount] = useState('');
  const [reason, setReason] = useState('');
  const [idempotencyKey] = useState(createOnceKey);
  const credit = useMutation({
    mutationFn: () =>
      cloud.invoices.credit(invoice.id, {
        ...(amount.trim() === '' ? {} : { amount: amount.trim() }),
        reason: reason.trim(),
        idempotencyKey,
      }),
    meta: { isSilent: true },
    onSuccess: async ({ number }) => {
      notify(t('invoices.credited', { number }));
      onClose();
      await queries.invalidateQueries({ queryKey: INVOICES_KEY });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    credit.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('invoices.creditOf', { number: invoice.number })}
      description={t('invoices.creditText')}
      closeLabel={t('action.close')}
    >
      <form onSubmit={onSubmit} className="space-y-4">
        <TextField
          label={t('invoices.amount')}
          hint={t('invoices.creditHint', {
            amount: format.money(invoice.total, invoice.currency),
            credited: format.money(invoice.credited, invoice.currency),
          })}
          inputMode="decimal"
          pattern={DECIMAL_PATTERN}
          value={amount}
          onChange={(event) => setAmount(event.target.value)}
        />
        <TextField
          label={t('invoices.reason')}
          hint={t('invoices.reasonHint')}
          required
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        {credit.error !== null && <Banner tone="bad">{describeFailure(credit.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" isBusy={credit.isPending}>
            {t('invoices.credit')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
