/** "Are you sure", for what cannot be undone, and the mutation behind it. */
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { notify } from '../ui/toast.tsx';

export type ConfirmDialogProps = Readonly<{
  isOpen: boolean;
  title: string;
  text: string;
  confirmLabel: string;
  isBusy: boolean;
  onConfirm: () => void;
  onClose: () => void;
}>;

export function ConfirmDialog(props: ConfirmDialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog
      isOpen={props.isOpen}
      onClose={props.onClose}
      title={props.title}
      closeLabel={t('action.close')}
      width="27rem"
    >
      <p className="text-base text-muted">{props.text}</p>
      <DialogActions>
        <Button onClick={props.onClose}>{t('action.cancel')}</Button>
        <Button variant="danger" isBusy={props.isBusy} onClick={props.onConfirm}>
          {props.confirmLabel}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

export type Removal = Readonly<{
  remove: (id: string) => Promise<void>;
  /** The list that loses a row. */
  queryKey: QueryKey;
  done: string;
  onClose: () => void;
}>;

export function useConfirmedRemoval({ remove, queryKey, done, onClose }: Removal) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: remove,
    onSuccess: () => notify(done),
    onSettled: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey });
    },
  });
}
