/** The wish that a model is served: which, by what, and how many at a time. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type DeploymentCreate, cloud } from '../cloud.ts';
import { modelsQuery } from '../models/queries.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button, buttonClass } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Field, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Select } from '../ui/select.tsx';
import { notify } from '../ui/toast.tsx';
import { deploymentsQuery } from './queries.ts';

type Draft = {
  model: string;
  modelName: string;
  engine: 'llama' | 'openai';
  baseUrl: string;
  upstreamModel: string;
  replicasMin: string;
  replicasMax: string;
  parallel: string;
  contextLength: string;
};

const EMPTY: Omit<Draft, 'model'> = {
  modelName: '',
  engine: 'llama',
  baseUrl: '',
  upstreamModel: '',
  replicasMin: '1',
  replicasMax: '1',
  parallel: '4',
  contextLength: '',
};

export type CreateDeploymentProps = Readonly<{ model: string | null; onClose: () => void }>;

export function CreateDeployment({ model, onClose }: CreateDeploymentProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data: models } = useInfiniteQuery(modelsQuery);
  const [draft, setDraft] = useState<Draft>({ ...EMPTY, model: model ?? '' });
  const change = (part: Partial<Draft>): void => setDraft((now) => ({ ...now, ...part }));
  const chosen = draft.model === '' ? (models?.[0]?.name ?? '') : draft.model;
  const create = useMutation({
    mutationFn: () => cloud.deployments.create(parseDraft({ ...draft, model: chosen })),
    meta: { isSilent: true },
    onSuccess: async (deployment) => {
      notify(t('deployments.created', { name: deployment.modelName }));
      onClose();
      await queries.invalidateQueries({ queryKey: deploymentsQuery.queryKey });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('deployments.create')}
      description={t('deployments.createText')}
      closeLabel={t('action.close')}
    >
      {models?.length === 0 && <NothingToServe />}
      <form onSubmit={onSubmit} className="space-y-4">
        <Field id="deployment-model" label={t('deployments.model')}>
          <Select
            id="deployment-model"
            label={t('deployments.model')}
            value={chosen}
            choices={(models ?? []).map(({ name }) => ({ value: name, label: name }))}
            onChange={(name) => change({ model: name })}
          />
        </Field>
        <EngineFields draft={draft} change={change} />
        <ScaleFields draft={draft} change={change} />
        {create.error !== null && <Banner tone="bad">{describeFailure(create.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button
            type="submit"
            variant="primary"
            isBusy={create.isPending}
            disabled={chosen === ''}
          >
            {t('models.deploy')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function NothingToServe() {
  const { t } = useTranslation();
  return (
    <div className="mb-4">
      <Banner
        tone="info"
        action={
          <Link to="/models" search={{ import: true }} className={buttonClass('secondary', 'sm')}>
            {t('models.import')}
          </Link>
        }
      >
        {t('models.empty')}
      </Banner>
    </div>
  );
}

type FieldsProps = Readonly<{ draft: Draft; change: (part: Partial<Draft>) => void }>;

function EngineFields({ draft, change }: FieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <div className="flex flex-col items-start gap-1.5">
        <span className="text-sm font-medium">{t('deployments.engine')}</span>
        <Segmented
          label={t('deployments.engine')}
          value={draft.engine}
          onChange={(engine) => change({ engine })}
          choices={[
            { value: 'llama', label: t('deployments.engineEmbedded') },
            { value: 'openai', label: t('deployments.engineRemote') },
          ]}
        />
      </div>
      {draft.engine === 'openai' && (
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={t('deployments.baseUrl')}
            type="url"
            required
            placeholder="http://10.0.0.5:8000/v1"
            value={draft.baseUrl}
            onChange={(event) => change({ baseUrl: event.target.value })}
          />
          <TextField
            label={t('deployments.upstream')}
            value={draft.upstreamModel}
            onChange={(event) => change({ upstreamModel: event.target.value })}
          />
        </div>
      )}
      <TextField
        label={t('deployments.name')}
        hint={t('deployments.nameHint')}
        value={draft.modelName}
        onChange={(event) => change({ modelName: event.target.value })}
      />
    </>
  );
}

function ScaleFields({ draft, change }: FieldsProps) {
  const { t } = useTranslation();
  const count = { type: 'number', inputMode: 'numeric', required: true } as const;
  return (
    <div className="grid grid-cols-2 gap-4 sm:grid-cols-4">
      <TextField
        {...count}
        min={0}
        max={64}
        label={t('deployments.min')}
        value={draft.replicasMin}
        onChange={(event) => change({ replicasMin: event.target.value })}
      />
      <TextField
        {...count}
        min={1}
        max={64}
        label={t('deployments.max')}
        value={draft.replicasMax}
        onChange={(event) => change({ replicasMax: event.target.value })}
      />
      <TextField
        {...count}
        min={1}
        max={256}
        label={t('deployments.parallel')}
        value={draft.parallel}
        onChange={(event) => change({ parallel: event.target.value })}
      />
      <TextField
        {...count}
        required={false}
        min={128}
        placeholder={t('deployments.auto')}
        label={t('deployments.context')}
        value={draft.contextLength}
        onChange={(event) => change({ contextLength: event.target.value })}
      />
    </div>
  );
}

function parseDraft(draft: Draft): DeploymentCreate {
  const { model, engine, modelName, baseUrl, upstreamModel } = draft;
  return {
    model,
    engine,
    replicasMin: Number(draft.replicasMin),
    replicasMax: Math.max(1, Number(draft.replicasMin), Number(draft.replicasMax)),
    parallel: Number(draft.parallel),
    contextLength: draft.contextLength === '' ? null : Number(draft.contextLength),
    ...(modelName.trim() === '' ? {} : { modelName: modelName.trim() }),
    ...(engine === 'openai' ? { baseUrl: baseUrl.trim() } : {}),
    ...(engine === 'openai' && upstreamModel.trim() !== ''
      ? { upstreamModel: upstreamModel.trim() }
      : {}),
  };
}
