/** What the reader may do with the discussion itself: rename, close, open, lock. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RepositoryAddress } from '#client/hub-community.ts';
import { type DiscussionDetail, cloud } from '../cloud.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { DotsIcon } from '../ui/icons.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { useTakeDiscussion } from './queries.ts';

type Props = Readonly<{ at: RepositoryAddress; detail: DiscussionDetail }>;

const TITLE_LENGTH_MAX = 200;

export function ThreadActions({ at, detail }: Props) {
  const { t } = useTranslation();
  const take = useTakeDiscussion(at);
  const [isRenaming, setIsRenaming] = useState(false);
  const update = useMutation({
    mutationFn: (change: Parameters<typeof cloud.discussions.update>[2]) =>
      cloud.discussions.update(at, detail.num, change),
    onSuccess: async (changed) => {
      setIsRenaming(false);
      await take(changed);
    },
  });
  const { status, may } = detail;
  if (!may.change && !may.govern) return null;
  const next = status === 'open' ? 'closed' : 'open';
  const labels = {
    open: 'discussions.close',
    draft: 'discussions.publish',
    closed: 'discussions.reopen',
    merged: 'discussions.merged',
  } as const;
  return (
    <div className="flex gap-2">
      {may.change && status !== 'merged' && (
        <Button size="sm" isBusy={update.isPending} onClick={() => update.mutate({ status: next })}>
          {t(labels[status])}
        </Button>
      )}
      <Menu
        trigger={
          <IconButton label={t('discussions.more')} size="sm">
            <DotsIcon />
          </IconButton>
        }
      >
        {may.change && (
          <MenuItem onSelect={() => setIsRenaming(true)}>{t('discussions.rename')}</MenuItem>
        )}
        {may.change && status === 'draft' && (
          <MenuItem onSelect={() => update.mutate({ status: 'closed' })}>
            {t('discussions.close')}
          </MenuItem>
        )}
        {may.govern && (
          <MenuItem onSelect={() => update.mutate({ isLocked: !detail.isLocked })}>
            {t(detail.isLocked ? 'discussions.unlock' : 'discussions.lock')}
          </MenuItem>
        )}
      </Menu>
      {isRenaming && (
        <Rename
          title={detail.title}
          isBusy={update.isPending}
          onRename={(title) => update.mutate({ title })}
          onClose={() => setIsRenaming(false)}
        />
      )}
    </div>
  );
}

type RenameProps = Readonly<{
  title: string;
  isBusy: boolean;
  onRename: (title: string) => void;
  onClose: () => void;
}>;

function Rename({ title, isBusy, onRename, onClose }: RenameProps) {
  const { t } = useTranslation();
  const [next, setNext] = useState(title);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    onRename(next);
  };
  return (
    <Dialog isOpen onClose={onClose} title={t('discussions.rename')} closeLabel={t('action.close')}>
      <form onSubmit={onSubmit}>
        <TextField
          label={t('discussions.titleLabel')}
          value={next}
          required
          maxLength={TITLE_LENGTH_MAX}
          onChange={(event) => setNext(event.target.value)}
        />
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" isBusy={isBusy} disabled={next.trim() === ''}>
            {t('action.save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
