/** What the operator may do with a payment: record what came of it, take it as it came, give it back. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PAYMENTS_KEY } from '../billing/payments-queries.ts';
import { Receipt } from '../billing/payments-receipt.tsx';
import { type Payment, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { DECIMAL_PATTERN, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Switch } from '../ui/switch.tsx';
import { notify } from '../ui/toast.tsx';
import { RecordTransfer, createOnceKey } from './payments-record.tsx';

export type OperatorReceiptProps = Readonly<{
  payment: Payment;
  mayChange: boolean;
  onClose: () => void;
}>;

export function OperatorReceipt({ payment, mayChange, onClose }: OperatorReceiptProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [step, setStep] = useState<'record' | 'refund' | null>(null);
  const accept = useMutation({
    mutationFn: () => cloud.payments.accept(payment.id),
    onSuccess: async () => {
      notify(t('payments.accepted'));
      onClose();
      await queries.invalidateQueries({ queryKey: PAYMENTS_KEY });
    },
  });
  if (step === 'record') return <RecordTransfer payment={payment} tenants={[]} onClose={onClose} />;
  if (step === 'refund') return <Refund payment={payment} onClose={onClose} />;
  const isAnnounced = payment.adapter === 'manual' && ['open', 'expired'].includes(payment.state);
  const isAcceptable = payment.state === 'quarantined' && payment.received !== '0';
  const hasMoney = Number(payment.received) > Number(payment.refunded);
  const actions = mayChange && (
    <>
      {isAnnounced && (
        <Button variant="primary" onClick={() => setStep('record')}>
          {t('payments.record')}
        </Button>
      )}
      {isAcceptable && (
        <Button variant="primary" isBusy={accept.isPending} onClick={() => accept.mutate()}>
          {t('payments.accept')}
        </Button>
      )}
      {hasMoney && (
        <Button variant="danger" onClick={() => setStep('refund')}>
          {t('payments.refund')}
        </Button>
      )}
    </>
  );
  return <Receipt payment={payment} onClose={onClose} actions={actions} />;
}

function Refund({ payment, onClose }: Readonly<{ payment: Payment; onClose: () => void }>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [amount, setAmount] = useState('');
  const [reason, setReason] = useState('');
  const [isReversal, setIsReversal] = useState(false);
  const [idempotencyKey] = useState(createOnceKey);
  const refund = useMutation({
    mutationFn: () =>
      cloud.payments.refund(payment.id, {
        ...(amount.trim() === '' ? {} : { amount: amount.trim() }),
        reason: reason.trim(),
        idempotencyKey,
        isReversal,
      }),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('payments.refundDone'));
      onClose();
      await queries.invalidateQueries({ queryKey: PAYMENTS_KEY });
    },
  });
  return (
    <Dialog isOpen onClose={onClose} title={t('payments.refund')} closeLabel={t('action.close')}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          refund.mutate();
        }}
      >
        <TextField
          label={t('payments.amount')}
          hint={t('payments.refundHint')}
          inputMode="decimal"
          pattern={DECIMAL_PATTERN}
          value={amount}
          onChange={(event) => setAmount(event.target.value)}
        />
        <TextField
          label={t('payments.reason')}
          required
          maxLength={200}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        {payment.adapter === 'manual' && (
          <Switch
            label={t('payments.reversal')}
            hint={t('payments.reversalHint')}
            isOn={isReversal}
            onChange={setIsReversal}
          />
        )}
        {refund.error !== null && <Banner tone="bad">{describeFailure(refund.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="danger" isBusy={refund.isPending}>
            {t('payments.refund')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
