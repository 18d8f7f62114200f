/** A file renamed or deleted, each as a commit. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CommitLine } from '#client/hub-repositories.ts';
import { cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { DotsIcon } from '../ui/icons.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { Banner } from '../ui/notice.tsx';
import { notify } from '../ui/toast.tsx';
import { fileName, folderOf } from './address.ts';
import { deleteLine, renameLines } from './commit.ts';
import type { FileViewProps } from './file-view.tsx';
import { searchOf } from './markdown-place.tsx';
import { refresh } from './queries.ts';

export function FileChanges(props: FileViewProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<'rename' | 'delete' | null>(null);
  return (
    <>
      <Menu
        trigger={
          <IconButton size="sm" variant="secondary" label={t('files.more')}>
            <DotsIcon />
          </IconButton>
        }
      >
        <MenuItem onSelect={() => setOpen('rename')}>{t('files.rename')}</MenuItem>
        <MenuItem isDanger onSelect={() => setOpen('delete')}>
          {t('files.delete')}
        </MenuItem>
      </Menu>
      {open !== null && <ChangeDialog {...props} change={open} onClose={() => setOpen(null)} />}
    </>
  );
}

type ChangeDialogProps = FileViewProps &
  Readonly<{ change: 'rename' | 'delete'; onClose: () => void }>;

function ChangeDialog({ at, revision, path, change, onSearch, onClose }: ChangeDialogProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [to, setTo] = useState(path);
  const [message, setMessage] = useState('');
  const isRename = change === 'rename';
  const usual = isRename
    ? t('files.renameMessage', { from: fileName(path), to: fileName(to) })
    : t('files.deleteMessage', { path });
  const commit = useMutation({
    mutationFn: async () => {
      const lines: readonly CommitLine[] = isRename
        ? renameLines(path, to.trim())
        : [deleteLine(path)];
      const summary = message.trim() === '' ? usual : message.trim();
      await cloud.hub.commit(at, { revision, summary, lines });
    },
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t(isRename ? 'files.renamed' : 'files.deleted'));
      onClose();
      onSearch(searchOf(revision, isRename ? to.trim() : folderOf(path)));
      await refresh(queries, at);
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    commit.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t(isRename ? 'files.renameTitle' : 'files.deleteTitle', { name: fileName(path) })}
      description={t(isRename ? 'files.renameText' : 'files.deleteText')}
      closeLabel={t('action.close')}
    >
      <form onSubmit={onSubmit} className="space-y-4">
        {isRename && (
          <TextField
            label={t('files.newPath')}
            hint={t('files.newPathHint')}
            required
            value={to}
            onChange={(event) => setTo(event.target.value)}
          />
        )}
        <TextField
          label={t('files.message')}
          placeholder={usual}
          value={message}
          onChange={(event) => setMessage(event.target.value)}
        />
        {commit.error !== null && <Banner tone="bad">{describeFailure(commit.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button
            type="submit"
            variant={isRename ? 'primary' : 'danger'}
            isBusy={commit.isPending}
            disabled={isRename && (to.trim() === '' || to.trim() === path)}
          >
            {t(isRename ? 'files.rename' : 'files.delete')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
