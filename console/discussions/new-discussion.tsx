/** A title and what there is to say about it. */
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RepositoryAddress } from '#client/hub-community.ts';
import { cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { TextEditor } from './text-editor.tsx';
import { threadOf, useTakeDiscussion } from './queries.ts';

const TITLE_LENGTH_MAX = 200;

export function NewDiscussion({
  at,
  onClose,
}: Readonly<{ at: RepositoryAddress; onClose: () => void }>) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const take = useTakeDiscussion(at);
  const [title, setTitle] = useState('');
  const [text, setText] = useState('');
  const open = useMutation({
    mutationFn: () => cloud.discussions.open(at, { title, text }),
    meta: { isSilent: true },
    onSuccess: async (detail) => {
      await take(detail);
      await navigate(threadOf(at, detail.num));
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    open.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('discussions.new')}
      description={at.name}
      closeLabel={t('action.close')}
      width="42rem"
    >
      <form onSubmit={onSubmit} className="space-y-5">
        <TextField
          label={t('discussions.titleLabel')}
          value={title}
          required
          maxLength={TITLE_LENGTH_MAX}
          onChange={(event) => setTitle(event.target.value)}
        />
        <TextEditor label={t('discussions.text')} value={text} onChange={setText} />
        {open.error !== null && <Banner tone="bad">{describeFailure(open.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button
            type="submit"
            variant="primary"
            isBusy={open.isPending}
            disabled={title.trim() === ''}
          >
            {t('discussions.start')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
