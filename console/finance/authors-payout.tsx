/** Writes down that money was sent to an author. The dialog is one payout: a second press records nothing twice. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { authorsQuery } from '../authors/queries.ts';
import { type Author, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { DECIMAL_PATTERN, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { notify } from '../ui/toast.tsx';

export function PayoutDialog({
  author,
  onClose,
}: Readonly<{ author: Author; onClose: () => void }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const [amount, setAmount] = useState(author.payable.startsWith('-') ? '' : author.payable);
  const [reference, setReference] = useState('');
  const [idempotencyKey] = useState(createKey);
  const record = useMutation({
    mutationFn: () =>
      cloud.authors.recordPayout({
        tenantId: author.tenantId,
        currency: author.currency,
        amount: amount.trim(),
        reference: reference.trim(),
        idempotencyKey,
      }),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('authors.recorded', { name: author.tenantName }));
      onClose();
      await queries.invalidateQueries({ queryKey: authorsQuery.queryKey });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    record.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('authors.payoutTo', { name: author.tenantName })}
      description={t('authors.payoutText')}
      closeLabel={t('action.close')}
    >
      <form onSubmit={onSubmit} className="space-y-4">
        <TextField
          label={t('usage.amount')}
          hint={t('authors.payableHint', { amount: format.money(author.payable, author.currency) })}
          required
          inputMode="decimal"
          pattern={DECIMAL_PATTERN}
          value={amount}
          onChange={(event) => setAmount(event.target.value)}
        />
        <TextField
          label={t('authors.reference')}
          hint={t('authors.referenceHint')}
          required
          maxLength={200}
          value={reference}
          onChange={(event) => setReference(event.target.value)}
        />
        {record.error !== null && <Banner tone="bad">{describeFailure(record.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" isBusy={record.isPending}>
            {t('authors.payout')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** `crypto.randomUUID` is missing on pages that came over plain HTTP from another machine. */
function createKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `console-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
