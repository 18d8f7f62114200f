/** Puts something into a collection by its name. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Collection, type CollectionItem, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Field, TextField } from '../ui/field.tsx';
import { PlusIcon } from '../ui/icons.tsx';
import { Select } from '../ui/select.tsx';
import { KIND_LABELS } from './item-list.tsx';
import { useTakeCollection } from './queries.ts';

type Kind = CollectionItem['kind'];

const KINDS: readonly Kind[] = ['model', 'dataset', 'space', 'collection'];

export function AddItem({ collection }: Readonly<{ collection: Collection }>) {
  const { t } = useTranslation();
  const take = useTakeCollection();
  const [kind, setKind] = useState<Kind>('model');
  const [name, setName] = useState('');
  const [note, setNote] = useState('');
  const add = useMutation({
    mutationFn: () => cloud.collections.add(collection.slug, { kind, name: name.trim(), note }),
    meta: { isSilent: true },
    onSuccess: async (changed) => {
      setName('');
      setNote('');
      await take(changed);
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form onSubmit={onSubmit} className="mt-4 rounded-xl border bg-surface p-4 sm:p-5">
      <div className="grid items-start gap-4 sm:grid-cols-[10rem_minmax(0,1fr)_minmax(0,1fr)]">
        <Field id="collection-item-kind" label={t('collections.kind')}>
          <Select<Kind>
            id="collection-item-kind"
            label={t('collections.kind')}
            value={kind}
            onChange={setKind}
            choices={KINDS.map((value) => ({ value, label: t(KIND_LABELS[value]) }))}
          />
        </Field>
        <TextField
          label={t('collections.name')}
          placeholder="owner/name"
          value={name}
          maxLength={300}
          error={add.error === null ? null : describeFailure(add.error)}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label={t('collections.note')}
          value={note}
          maxLength={2_000}
          onChange={(event) => setNote(event.target.value)}
        />
      </div>
      <div className="mt-3 flex justify-end">
        <Button type="submit" isBusy={add.isPending} disabled={!name.includes('/')}>
          <PlusIcon />
          {t('collections.add')}
        </Button>
      </div>
    </form>
  );
}
