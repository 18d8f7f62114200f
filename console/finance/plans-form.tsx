/** A dialog with a form that offers something new; it closes when that is there. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { OFFERS_KEY } from '../billing/plans-queries.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Banner } from '../ui/notice.tsx';
import { notify } from '../ui/toast.tsx';

export type OfferFormProps = Readonly<{
  title: string;
  done: string;
  send: () => Promise<unknown>;
  onClose: () => void;
  children: ReactNode;
}>;

export function OfferForm({ title, done, send, onClose, children }: OfferFormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const offer = useMutation({
    mutationFn: send,
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(done);
      onClose();
      await queries.invalidateQueries({ queryKey: OFFERS_KEY });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    offer.mutate();
  };
  return (
    <Dialog isOpen onClose={onClose} title={title} closeLabel={t('action.close')}>
      <form onSubmit={onSubmit} className="space-y-4">
        {children}
        {offer.error !== null && <Banner tone="bad">{describeFailure(offer.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" isBusy={offer.isPending}>
            {t('offers.offer')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** One model a line, or none for every model. */
export function readModels(text: string): string[] | null {
  const names = text
    .split(/[\n,]/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return names.length === 0 ? null : names;
}
