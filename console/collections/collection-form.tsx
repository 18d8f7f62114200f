/** A new collection, or what one says of itself. */
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Collection, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { TextAreaField, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Switch } from '../ui/switch.tsx';
import { slugParams, useTakeCollection } from './queries.ts';

const TITLE_LENGTH_MAX = 120;
const DESCRIPTION_LENGTH_MAX = 2_000;

type Props = Readonly<{ collection: Collection | null; onClose: () => void }>;

export function CollectionForm({ collection, onClose }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const take = useTakeCollection();
  const [draft, setDraft] = useState({
    title: collection?.title ?? '',
    description: collection?.description ?? '',
    isPrivate: collection?.isPrivate ?? false,
  });
  const save = useMutation({
    mutationFn: () =>
      collection === null
        ? cloud.collections.create(draft)
        : cloud.collections.update(collection.slug, draft),
    meta: { isSilent: true },
    onSuccess: async (saved) => {
      await take(saved);
      onClose();
      await navigate({ to: '/collections/$owner/$slug', params: slugParams(saved.slug) });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t(collection === null ? 'collections.create' : 'collections.edit')}
      closeLabel={t('action.close')}
    >
      <form onSubmit={onSubmit} className="space-y-5">
        <TextField
          label={t('collections.title')}
          value={draft.title}
          required
          maxLength={TITLE_LENGTH_MAX}
          onChange={(event) => setDraft({ ...draft, title: event.target.value })}
        />
        <TextAreaField
          label={t('collections.description')}
          value={draft.description}
          maxLength={DESCRIPTION_LENGTH_MAX}
          onChange={(event) => setDraft({ ...draft, description: event.target.value })}
        />
        <Switch
          label={t('collections.private')}
          hint={t('collections.privateHint')}
          isOn={draft.isPrivate}
          onChange={(isPrivate) => setDraft({ ...draft, isPrivate })}
        />
        {save.error !== null && <Banner tone="bad">{describeFailure(save.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button
            type="submit"
            variant="primary"
            isBusy={save.isPending}
            disabled={draft.title.trim() === ''}
          >
            {t('action.save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
