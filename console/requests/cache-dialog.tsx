/** A project's cache of answers: on or off, how long, how much. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ProjectCache, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Field, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Select } from '../ui/select.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Switch } from '../ui/switch.tsx';
import { notify } from '../ui/toast.tsx';
import { cacheQuery } from './queries.ts';

const MIB = 1024 * 1024;

export function CacheDialog({ onClose }: Readonly<{ onClose: () => void }>) {
  const { t } = useTranslation();
  const { projects } = useMe();
  const [projectId, setProjectId] = useState(projects[0]?.id ?? '');
  const { data, error } = useQuery({ ...cacheQuery(projectId), enabled: projectId !== '' });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('cache.title')}
      description={t('cache.text')}
      closeLabel={t('action.close')}
    >
      <div className="space-y-4">
        <Field id="cache-project" label={t('usage.byProject')}>
          <Select
            id="cache-project"
            label={t('usage.byProject')}
            value={projectId}
            choices={projects.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={setProjectId}
          />
        </Field>
        {error !== null && <Banner tone="bad">{describeFailure(error)}</Banner>}
        {data === undefined && error === null && <SkeletonRows rows={3} />}
        {data !== undefined && (
          <CacheForm key={`${projectId} ${data.updatedAt}`} cache={data} onClose={onClose} />
        )}
      </div>
    </Dialog>
  );
}

type CacheFormProps = Readonly<{ cache: ProjectCache; onClose: () => void }>;

type Draft = Readonly<{ isEnabled: boolean; cachesSampled: boolean; ttl: string; size: string }>;

function CacheForm({ cache, onClose }: CacheFormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { projectId } = cache;
  const [draft, setDraft] = useState<Draft>({
    isEnabled: cache.isEnabled,
    cachesSampled: cache.cachesSampled,
    ttl: String(cache.ttlSeconds),
    size: String(Math.max(1, Math.round(cache.bytesMax / MIB))),
  });
  const save = useMutation({
    mutationFn: () =>
      cloud.cache.update(projectId, {
        isEnabled: draft.isEnabled,
        cachesSampled: draft.cachesSampled,
        ttlSeconds: Number(draft.ttl),
        bytesMax: Number(draft.size) * MIB,
      }),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('cache.saved'));
      onClose();
      await queries.invalidateQueries(cacheQuery(projectId));
    },
  });
  const empty = useMutation({
    mutationFn: () => cloud.cache.empty(projectId),
    onSuccess: () => notify(t('cache.emptied')),
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={onSubmit} className="space-y-4">
      <CacheFields draft={draft} change={(part) => setDraft((now) => ({ ...now, ...part }))} />
      {save.error !== null && <Banner tone="bad">{describeFailure(save.error)}</Banner>}
      <DialogActions>
        <Button variant="ghost" isBusy={empty.isPending} onClick={() => empty.mutate()}>
          {t('cache.empty')}
        </Button>
        <Button onClick={onClose}>{t('action.cancel')}</Button>
        <Button type="submit" variant="primary" isBusy={save.isPending}>
          {t('action.save')}
        </Button>
      </DialogActions>
    </form>
  );
}

type FieldsProps = Readonly<{ draft: Draft; change: (part: Partial<Draft>) => void }>;

function CacheFields({ draft, change }: FieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <Switch
        label={t('cache.on')}
        hint={t('cache.onText')}
        isOn={draft.isEnabled}
        onChange={(isEnabled) => change({ isEnabled })}
      />
      <Switch
        label={t('cache.sampled')}
        hint={t('cache.sampledText')}
        isOn={draft.cachesSampled}
        onChange={(cachesSampled) => change({ cachesSampled })}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={t('cache.ttl')}
          type="number"
          min={1}
          max={604_800}
          required
          value={draft.ttl}
          onChange={(event) => change({ ttl: event.target.value })}
        />
        <TextField
          label={t('cache.size')}
          type="number"
          min={1}
          max={64}
          required
          value={draft.size}
          onChange={(event) => change({ size: event.target.value })}
        />
      </div>
    </>
  );
}
