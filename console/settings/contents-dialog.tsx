/** Whether a project keeps its prompts and answers: on or off, how much, how long. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ProjectContents, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Switch } from '../ui/switch.tsx';
import { notify } from '../ui/toast.tsx';
import { contentsQuery } from './queries.ts';

const KIB = 1024;

export type ContentsDialogProps = Readonly<{
  project: Readonly<{ id: string; name: string }>;
  onClose: () => void;
}>;

export function ContentsDialog({ project, onClose }: ContentsDialogProps) {
  const { t } = useTranslation();
  const { data, error } = useQuery(contentsQuery(project.id));
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`${t('contents.title')} · ${project.name}`}
      description={t('contents.text')}
      closeLabel={t('action.close')}
    >
      {error !== null && <Banner tone="bad">{describeFailure(error)}</Banner>}
      {data === undefined && error === null && <SkeletonRows rows={3} />}
      {data !== undefined && <ContentsForm contents={data} onClose={onClose} />}
    </Dialog>
  );
}

type FormProps = Readonly<{ contents: ProjectContents; onClose: () => void }>;

function ContentsForm({ contents, onClose }: FormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { projectId } = contents;
  const [isKept, setIsKept] = useState(contents.isKept);
  const [size, setSize] = useState(String(Math.round(contents.bytesMax / KIB)));
  const [days, setDays] = useState(String(contents.keptDays));
  const save = useMutation({
    mutationFn: () => {
      const change = { isKept, bytesMax: Number(size) * KIB, keptDays: Number(days) };
      return cloud.contents.update(projectId, change);
    },
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('contents.saved'));
      onClose();
      await queries.invalidateQueries(contentsQuery(projectId));
    },
  });
  const clear = useMutation({
    mutationFn: () => cloud.contents.clear(projectId),
    onSuccess: () => notify(t('contents.cleared')),
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={onSubmit} className="space-y-4">
      <Switch
        label={t('contents.on')}
        hint={t('contents.onText')}
        isOn={isKept}
        onChange={setIsKept}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={t('contents.size')}
          type="number"
          min={1}
          max={256}
          required
          value={size}
          onChange={(event) => setSize(event.target.value)}
        />
        <TextField
          label={t('contents.days')}
          type="number"
          min={1}
          max={90}
          required
          value={days}
          onChange={(event) => setDays(event.target.value)}
        />
      </div>
      {save.error !== null && <Banner tone="bad">{describeFailure(save.error)}</Banner>}
      <DialogActions>
        <Button variant="ghost" isBusy={clear.isPending} onClick={() => clear.mutate()}>
          {t('contents.clear')}
        </Button>
        <Button onClick={onClose}>{t('action.cancel')}</Button>
        <Button type="submit" variant="primary" isBusy={save.isPending}>
          {t('action.save')}
        </Button>
      </DialogActions>
    </form>
  );
}
