/** A bank transfer that came: announced by a tenant, or not. The dialog is one transfer, however often it is sent. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PAYMENTS_KEY } from '../billing/payments-queries.ts';
import { type Payment, type Tenant, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { DECIMAL_PATTERN, Field, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Select } from '../ui/select.tsx';
import { notify } from '../ui/toast.tsx';

export type RecordTransferProps = Readonly<{
  /** The one that was announced. */
  payment?: Payment;
  tenants: readonly Tenant[];
  onClose: () => void;
}>;

export function RecordTransfer({ payment, tenants, onClose }: RecordTransferProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const payers = tenants.filter(({ kind }) => kind !== 'operator');
  const [draft, setDraft] = useState<Draft>(() => ({
    tenantId: payers[0]?.id ?? '',
    amount: payment?.amount ?? '',
    reference: payment?.reference ?? '',
    receivedOn: new Date().toISOString().slice(0, 10),
  }));
  const change = (part: Partial<Draft>): void => setDraft((now) => ({ ...now, ...part }));
  const [idempotencyKey] = useState(createOnceKey);
  const record = useMutation({
    mutationFn: () =>
      cloud.payments.record({
        ...(payment === undefined ? { tenantId: draft.tenantId } : { paymentId: payment.id }),
        amount: draft.amount.trim(),
        reference: draft.reference.trim(),
        receivedOn: draft.receivedOn,
        idempotencyKey,
      }),
    meta: { isSilent: true },
    onSuccess: async ({ state }) => {
      notify(t(state === 'quarantined' ? 'payments.setAside' : 'payments.recorded'));
      onClose();
      await queries.invalidateQueries({ queryKey: PAYMENTS_KEY });
    },
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('payments.record')}
      description={t('payments.recordText')}
      closeLabel={t('action.close')}
    >
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          record.mutate();
        }}
      >
        <TransferFields
          draft={draft}
          change={change}
          payers={payment === undefined ? payers : null}
        />
        {record.error !== null && <Banner tone="bad">{describeFailure(record.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button
            type="submit"
            variant="primary"
            isBusy={record.isPending}
            disabled={payment === undefined && draft.tenantId === ''}
          >
            {t('payments.record')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

type Draft = Readonly<{
  tenantId: string;
  amount: string;
  reference: string;
  receivedOn: string;
}>;

type TransferFieldsProps = Readonly<{
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  /** Null where the payment says whose it is. */
  payers: readonly Tenant[] | null;
}>;

function TransferFields({ draft, change, payers }: TransferFieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      {payers !== null && (
        <Field id="record-tenant" label={t('payments.tenant')}>
          <Select
            id="record-tenant"
            label={t('payments.tenant')}
            value={draft.tenantId}
            onChange={(tenantId) => change({ tenantId })}
            choices={payers.map(({ id, name }) => ({ value: id, label: name }))}
          />
        </Field>
      )}
      <TextField
        label={t('payments.amount')}
        required
        inputMode="decimal"
        pattern={DECIMAL_PATTERN}
        value={draft.amount}
        onChange={(event) => change({ amount: event.target.value })}
      />
      <TextField
        label={t('payments.receivedOn')}
        type="date"
        required
        value={draft.receivedOn}
        onChange={(event) => change({ receivedOn: event.target.value })}
      />
      <TextField
        label={t('payments.reference')}
        maxLength={200}
        value={draft.reference}
        onChange={(event) => change({ reference: event.target.value })}
      />
    </>
  );
}

/** `crypto.randomUUID` is missing on pages that came over plain HTTP from another machine. */
export function createOnceKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `console-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
