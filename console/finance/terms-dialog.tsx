/** What the operator agrees with a tenant: when it pays, how far it may go, by which clock, with which tax. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { INVOICES_KEY, termsQuery } from '../billing/invoices-queries.ts';
import { type BillingTerms, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Failure, describeFailure } from '../shell/failure.tsx';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Banner } from '../ui/notice.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { notify } from '../ui/toast.tsx';
import { type TermsDraft, draftOf, updateOf } from './terms-draft.ts';
import { TermsDunning } from './terms-dunning.tsx';
import { TermsFields } from './terms-fields.tsx';
import { TermsTax } from './terms-tax.tsx';

type TermsDialogProps = Readonly<{ tenantId: string; onClose: () => void }>;

export function TermsDialog({ tenantId, onClose }: TermsDialogProps) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(termsQuery(tenantId));
  return (
    <Dialog
      place="right"
      width="34rem"
      isOpen
      onClose={onClose}
      title={t('terms.short')}
      closeLabel={t('action.close')}
      {...(data === undefined ? {} : { description: `${data.tenantName} · ${data.currency}` })}
    >
      {data === undefined && error === null && <SkeletonRows rows={8} />}
      {data === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
      {data !== undefined && <TermsForm terms={data} onClose={onClose} />}
    </Dialog>
  );
}

function TermsForm({ terms, onClose }: Readonly<{ terms: BillingTerms; onClose: () => void }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(terms));
  const change = (part: Partial<TermsDraft>): void => setDraft((now) => ({ ...now, ...part }));
  const mayChange = maySee(useMe().role, 'pricing');
  const save = useMutation({
    mutationFn: () => cloud.invoices.setTerms(terms.tenantId, updateOf(draft, terms)),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('terms.saved', { name: terms.tenantName }));
      onClose();
      await queries.invalidateQueries({ queryKey: INVOICES_KEY });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={onSubmit} className="space-y-5">
      <TermsFields draft={draft} onChange={change} />
      <TermsTax draft={draft} current={terms.taxRates[0]} onChange={change} />
      <TermsDunning steps={draft.dunning} onChange={(dunning) => change({ dunning })} />
      {terms.closedUntil !== null && (
        <p className="text-xs text-muted">
          {t('terms.closedUntil', { time: format.time(terms.closedUntil) })}
        </p>
      )}
      {save.error !== null && <Banner tone="bad">{describeFailure(save.error)}</Banner>}
      {mayChange && (
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" isBusy={save.isPending}>
            {t('action.save')}
          </Button>
        </DialogActions>
      )}
    </form>
  );
}
