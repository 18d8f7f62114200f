/** Who sees a repository, and whether its files are for all of them. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type RepositoryDetail, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Banner } from '../ui/notice.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { notify } from '../ui/toast.tsx';
import { refresh } from './queries.ts';
import type { SectionProps } from './repository-tabs.tsx';
import { VISIBILITIES, VISIBILITY_HINTS, VISIBILITY_LABELS } from './words.ts';

type Visibility = RepositoryDetail['visibility'];
type Gated = RepositoryDetail['gated'];

const GATES = [
  { value: 'no', label: 'gate.no', hint: 'gate.noHint' },
  { value: 'auto', label: 'gate.auto', hint: 'gate.autoHint' },
  { value: 'manual', label: 'gate.manual', hint: 'gate.manualHint' },
] as const;

export function SettingsAccess({ repository, at }: SectionProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [visibility, setVisibility] = useState<Visibility>(repository.visibility);
  const [gated, setGated] = useState<Gated>(repository.gated);
  const save = useMutation({
    mutationFn: () => cloud.repositories.update(at.kind, at.name, { visibility, gated }),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('repository.settingsSaved'));
      await refresh(queries, at);
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  const isSame = visibility === repository.visibility && gated === repository.gated;
  const gate = GATES.find(({ value }) => value === gated);
  return (
    <Card title={t('repository.access')} description={t('repository.accessText')}>
      <form onSubmit={onSubmit} className="space-y-5">
        <VisibilityField visibility={visibility} onChange={setVisibility} />
        <div className="flex flex-col items-start gap-1.5">
          <span className="text-sm font-medium">{t('gate.label')}</span>
          <Segmented<Gated>
            label={t('gate.label')}
            value={gated}
            onChange={setGated}
            choices={GATES.map(({ value, label }) => ({ value, label: t(label) }))}
          />
          {gate !== undefined && <p className="text-xs text-muted">{t(gate.hint)}</p>}
        </div>
        {save.error !== null && <Banner tone="bad">{describeFailure(save.error)}</Banner>}
        <Button type="submit" variant="primary" isBusy={save.isPending} disabled={isSame}>
          {t('action.save')}
        </Button>
      </form>
    </Card>
  );
}

export type VisibilityFieldProps = Readonly<{
  visibility: Visibility;
  onChange: (visibility: Visibility) => void;
}>;

export function VisibilityField({ visibility, onChange }: VisibilityFieldProps) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-col items-start gap-1.5">
      <span className="text-sm font-medium">{t('import.visibility')}</span>
      <Segmented<Visibility>
        label={t('import.visibility')}
        value={visibility}
        onChange={onChange}
        choices={VISIBILITIES.map((value) => ({ value, label: t(VISIBILITY_LABELS[value]) }))}
      />
      <p className="text-xs text-muted">{t(VISIBILITY_HINTS[visibility])}</p>
    </div>
  );
}
