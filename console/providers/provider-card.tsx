/** One provider: whether it answers, and the models it serves here. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Provider, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { PlusIcon, TrashIcon } from '../ui/icons.tsx';
import { Pill, Tag } from '../ui/pill.tsx';
import { Switch } from '../ui/switch.tsx';
import { notify } from '../ui/toast.tsx';
import { EditProvider } from './edit-provider.tsx';
import { ModelTable } from './model-table.tsx';
import { DIALECT_LABELS, providersQuery } from './queries.ts';

export type ProviderCardProps = Readonly<{
  provider: Provider;
  mayWrite: boolean;
  onModels: () => void;
  onRemove: () => void;
}>;

export function ProviderCard({ provider, mayWrite, onModels, onRemove }: ProviderCardProps) {
  const { t } = useTranslation();
  const { name, dialect, baseUrl, keyHint, models } = provider;
  return (
    <article aria-label={name} className="overflow-hidden rounded-xl border bg-surface">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2.5 px-5 py-4">
        <div className="min-w-0 flex-1 basis-60">
          <div className="flex min-w-0 flex-wrap items-center gap-2.5">
            <h2 className="truncate text-base font-semibold tracking-tight">{name}</h2>
            <Tag>{DIALECT_LABELS[dialect]}</Tag>
            <TestPill provider={provider} />
          </div>
          <p className="mt-0.5 text-sm break-all text-muted">
            {baseUrl} · {t('providers.keyHint', { hint: keyHint })}
          </p>
        </div>
        {mayWrite && <Actions provider={provider} onModels={onModels} onRemove={onRemove} />}
      </header>
      {models.length > 0 ? (
        <ModelTable provider={provider} mayWrite={mayWrite} />
      ) : (
        <p className="border-t px-5 py-4 text-sm text-muted">{t('providers.noModels')}</p>
      )}
    </article>
  );
}

function Actions({ provider, onModels, onRemove }: Omit<ProviderCardProps, 'mayWrite'>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [isEditing, setEditing] = useState(false);
  const refresh = () => queries.invalidateQueries({ queryKey: providersQuery.queryKey });
  const test = useMutation({
    mutationFn: () => cloud.providers.test(provider.id),
    onSuccess: ({ isOk, message }) =>
      notify(isOk ? t('providers.testOk') : t('providers.testFailed', { reason: message })),
    onSettled: refresh,
  });
  const turn = useMutation({
    mutationFn: (isEnabled: boolean) => cloud.providers.update(provider.id, { isEnabled }),
    onSettled: refresh,
  });
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      <Switch
        label={<span className="sr-only">{t('providers.enabled', { name: provider.name })}</span>}
        isOn={provider.isEnabled}
        onChange={(isOn) => turn.mutate(isOn)}
      />
      <Button size="sm" isBusy={test.isPending} onClick={() => test.mutate()}>
        {t('providers.test')}
      </Button>
      <Button size="sm" onClick={() => setEditing(true)}>
        {t('providers.change')}
      </Button>
      <Button size="sm" onClick={onModels}>
        <PlusIcon />
        {t('providers.addModels')}
      </Button>
      <IconButton
        size="sm"
        label={t('providers.remove', { name: provider.name })}
        onClick={onRemove}
      >
        <TrashIcon />
      </IconButton>
      {isEditing && <EditProvider provider={provider} onClose={() => setEditing(false)} />}
    </div>
  );
}

function TestPill({ provider }: Readonly<{ provider: Provider }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { isEnabled, testedAt, testResult } = provider;
  if (!isEnabled) return <Pill tone="quiet">{t('providers.off')}</Pill>;
  if (testedAt === null) return <Pill tone="quiet">{t('providers.untested')}</Pill>;
  const when = format.ago(testedAt);
  if (testResult === 'ok') return <Pill tone="good">{t('providers.works', { when })}</Pill>;
  return <Pill tone="bad">{t('providers.broken', { when })}</Pill>;
}
