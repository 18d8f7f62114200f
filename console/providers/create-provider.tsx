/** A new provider: a well-known one, or any address that speaks one of the three dialects. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ProviderCreate, type ProviderTemplate, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Field, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Select } from '../ui/select.tsx';
import { Switch } from '../ui/switch.tsx';
import { DIALECT_LABELS, providersQuery, templatesQuery } from './queries.ts';

type Draft = Required<Pick<ProviderCreate, 'name' | 'dialect' | 'baseUrl' | 'apiKey'>> & {
  template: string;
  allowsPrivate: boolean;
  parallel: string;
};

const CUSTOM = 'custom';

const EMPTY: Draft = {
  template: CUSTOM,
  name: '',
  dialect: 'openai',
  baseUrl: '',
  apiKey: '',
  allowsPrivate: false,
  parallel: '64',
};

const DIALECTS = ['openai', 'anthropic', 'dashscope'] as const;

type FieldsProps = Readonly<{ draft: Draft; change: (part: Partial<Draft>) => void }>;

export function CreateProvider({ onClose }: Readonly<{ onClose: () => void }>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate({ from: '/providers' });
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const change = (part: Partial<Draft>): void => setDraft((now) => ({ ...now, ...part }));
  const create = useMutation({
    mutationFn: async () => {
      const { template: _template, parallel, ...wish } = draft;
      const provider = await cloud.providers.create({ ...wish, parallel: Number(parallel) });
      // Whoever adds one wants to know at once whether it works.
      await cloud.providers.test(provider.id).catch(() => null);
      return provider;
    },
    meta: { isSilent: true },
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: providersQuery.queryKey });
      await navigate({ search: { models: id } });
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
      title={t('providers.create')}
      description={t('providers.createText')}
      closeLabel={t('action.close')}
    >
      <form onSubmit={onSubmit} className="space-y-4" autoComplete="off">
        <TemplateField draft={draft} change={change} />
        <AddressFields draft={draft} change={change} />
        {create.error !== null && <Banner tone="bad">{describeFailure(create.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" isBusy={create.isPending}>
            {t('providers.submit')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function TemplateField({ draft, change }: FieldsProps) {
  const { t } = useTranslation();
  const { data } = useQuery(templatesQuery);
  const templates: readonly ProviderTemplate[] = data?.data ?? [];
  const choose = (id: string): void => {
    const found = templates.find((template) => template.id === id);
    if (found === undefined) return change({ template: CUSTOM });
    const { name, dialect, baseUrl } = found;
    return change({ template: id, name, dialect, baseUrl });
  };
  const keysUrl = templates.find(({ id }) => id === draft.template)?.keysUrl;
  return (
    <Field
      id="provider-template"
      label={t('providers.template')}
      hint={
        keysUrl === undefined ? undefined : (
          <a
            className="underline underline-offset-2 hover:text-ink"
            href={keysUrl}
            target="_blank"
            rel="noreferrer"
          >
            {t('providers.getKey')}
          </a>
        )
      }
    >
      <Select
        id="provider-template"
        label={t('providers.template')}
        value={draft.template}
        choices={[
          { value: CUSTOM, label: t('providers.custom') },
          ...templates.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={choose}
      />
    </Field>
  );
}

function AddressFields({ draft, change }: FieldsProps) {
  const { t } = useTranslation();
  const isOperator = useMe().tenant.kind === 'operator';
  return (
    <>
      <TextField
        label={t('settings.name')}
        required
        maxLength={100}
        value={draft.name}
        onChange={(event) => change({ name: event.target.value })}
      />
      <div className="flex flex-col items-start gap-1.5">
        <span className="text-sm font-medium">{t('providers.dialect')}</span>
        <Segmented
          label={t('providers.dialect')}
          value={draft.dialect}
          onChange={(dialect) => change({ dialect })}
          choices={DIALECTS.map((value) => ({ value, label: DIALECT_LABELS[value] }))}
        />
      </div>
      <TextField
        label={t('deployments.baseUrl')}
        type="url"
        required
        placeholder="https://api.example.com/v1"
        value={draft.baseUrl}
        onChange={(event) => change({ baseUrl: event.target.value })}
      />
      <TextField
        label={t('providers.key')}
        hint={t('providers.keyText')}
        type="password"
        autoComplete="off"
        required
        value={draft.apiKey}
        onChange={(event) => change({ apiKey: event.target.value })}
      />
      <TextField
        label={t('deployments.parallel')}
        hint={t('providers.parallelText')}
        type="number"
        min={1}
        max={4096}
        required
        value={draft.parallel}
        onChange={(event) => change({ parallel: event.target.value })}
      />
      {isOperator && (
        <Switch
          label={t('providers.allowPrivate')}
          hint={t('providers.allowPrivateText')}
          isOn={draft.allowsPrivate}
          onChange={(allowsPrivate) => change({ allowsPrivate })}
        />
      )}
    </>
  );
}
