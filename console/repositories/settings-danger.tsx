/** A repository under another name, and a repository no more. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { TrashIcon } from '../ui/icons.tsx';
import { Banner } from '../ui/notice.tsx';
import { notify } from '../ui/toast.tsx';
import { PAGES, paramsOf } from './address.ts';
import { refresh } from './queries.ts';
import type { SectionProps } from './repository-tabs.tsx';

export const NAME_PATTERN = '[A-Za-z0-9][A-Za-z0-9_.\\-]*/[A-Za-z0-9][A-Za-z0-9_.\\-]*';

export function SettingsDanger(props: SectionProps) {
  return (
    <>
      <Move {...props} />
      <Remove {...props} />
    </>
  );
}

function Move({ at }: SectionProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [to, setTo] = useState(at.name);
  const move = useMutation({
    mutationFn: () => cloud.repositories.move(at.kind, at.name, to.trim()),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('repository.moved', { name: to.trim() }));
      await navigate({
        to: PAGES[at.kind],
        params: paramsOf(to.trim()),
        search: { tab: 'settings' },
      });
      await refresh(queries, at);
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    move.mutate();
  };
  return (
    <Card title={t('repository.rename')} description={t('repository.renameText')}>
      <form onSubmit={onSubmit} className="space-y-4">
        <TextField
          label={t('repository.newName')}
          required
          pattern={NAME_PATTERN}
          value={to}
          onChange={(event) => setTo(event.target.value)}
        />
        {move.error !== null && <Banner tone="bad">{describeFailure(move.error)}</Banner>}
        <Button type="submit" isBusy={move.isPending} disabled={to.trim() === at.name}>
          {t('repository.renameButton')}
        </Button>
      </form>
    </Card>
  );
}

function Remove({ at }: SectionProps) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Card
      title={t('repository.remove')}
      description={t('model.deleteText')}
      className="border-bad/40"
    >
      <Button variant="danger" onClick={() => setIsOpen(true)}>
        <TrashIcon />
        {t('repository.remove')}
      </Button>
      {isOpen && <RemoveDialog at={at} onClose={() => setIsOpen(false)} />}
    </Card>
  );
}

type RemoveDialogProps = Pick<SectionProps, 'at'> & Readonly<{ onClose: () => void }>;

function RemoveDialog({ at, onClose }: RemoveDialogProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const remove = useMutation({
    mutationFn: () => cloud.repositories.remove(at.kind, at.name),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('repository.removed', { name: at.name }));
      const { owner } = paramsOf(at.name);
      await navigate({ to: '/owners/$owner', params: { owner } });
      queries.removeQueries({ queryKey: ['repository', at.kind, at.name] });
      await refresh(queries, at);
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    remove.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('model.deleteTitle', { name: at.name })}
      description={t('repository.removeText')}
      closeLabel={t('action.close')}
    >
      <form onSubmit={onSubmit} className="space-y-4">
        <TextField
          label={t('repository.typeName', { name: at.name })}
          required
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        {remove.error !== null && <Banner tone="bad">{describeFailure(remove.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button
            type="submit"
            variant="danger"
            isBusy={remove.isPending}
            disabled={typed.trim() !== at.name}
          >
            {t('action.delete')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
