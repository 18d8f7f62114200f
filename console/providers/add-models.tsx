/** Models of a provider, taken from its own list or by name. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Provider, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { mayOperate, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Pill } from '../ui/pill.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Switch } from '../ui/switch.tsx';
import { notify } from '../ui/toast.tsx';
import { type CostDraft, CostFields, NO_COST, parseCost } from './cost-fields.tsx';
import { providersQuery, upstreamQuery } from './queries.ts';

/** More rows than a person reads; the filter finds the others. */
const SHOWN_MAX = 100;

export type AddModelsProps = Readonly<{ provider: Provider; onClose: () => void }>;

export function AddModels({ provider, onClose }: AddModelsProps) {
  const { t } = useTranslation();
  const [upstream, setUpstream] = useState('');
  return (
    <Dialog
      place="right"
      width="38rem"
      isOpen
      onClose={onClose}
      title={t('providers.addModels')}
      description={t('providers.addModelsText', { name: provider.name })}
      closeLabel={t('action.close')}
    >
      <AddForm
        key={upstream}
        provider={provider}
        upstream={upstream}
        onDone={() => setUpstream('')}
      />
      <UpstreamList provider={provider} onChoose={setUpstream} />
    </Dialog>
  );
}

type AddFormProps = Readonly<{ provider: Provider; upstream: string; onDone: () => void }>;

function AddForm({ provider, upstream, onDone }: AddFormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const me = useMe();
  const isOperator = me.tenant.kind === 'operator';
  const seesCost = mayOperate(me, 'credit');
  const [there, setThere] = useState(upstream);
  const [name, setName] = useState(upstream);
  const [isPublic, setPublic] = useState(false);
  const [cost, setCost] = useState<CostDraft>(NO_COST);
  const add = useMutation({
    mutationFn: () =>
      cloud.providers.addModel(provider.id, {
        upstreamModel: there.trim(),
        ...(name.trim() === '' ? {} : { modelName: name.trim() }),
        visibility: isPublic ? 'public' : 'private',
        cost: cost.input === '' ? null : parseCost(cost),
      }),
    meta: { isSilent: true },
    onSuccess: async (model) => {
      notify(t('providers.added', { name: model.modelName }));
      onDone();
      await queries.invalidateQueries({ queryKey: providersQuery.queryKey });
      await queries.invalidateQueries(upstreamQuery(provider.id));
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form onSubmit={onSubmit} className="space-y-4 border-b pb-5">
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={t('providers.upstream')}
          required
          maxLength={200}
          value={there}
          onChange={(event) => setThere(event.target.value)}
        />
        <TextField
          label={t('deployments.name')}
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </div>
      {isOperator && (
        <Switch
          label={t('providers.forAll')}
          hint={t('providers.forAllText')}
          isOn={isPublic}
          onChange={setPublic}
        />
      )}
      {seesCost && <CostFields draft={cost} onChange={setCost} isRequired={false} />}
      {add.error !== null && <Banner tone="bad">{describeFailure(add.error)}</Banner>}
      <div className="flex justify-end">
        <Button type="submit" variant="primary" isBusy={add.isPending}>
          {t('providers.add')}
        </Button>
      </div>
    </form>
  );
}

type UpstreamListProps = Readonly<{ provider: Provider; onChoose: (model: string) => void }>;

function UpstreamList({ provider, onChoose }: UpstreamListProps) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState('');
  const { data, error, isPending } = useQuery(upstreamQuery(provider.id));
  if (isPending) return <SkeletonRows rows={5} />;
  if (error !== null) {
    return (
      <div className="pt-5">
        <Banner tone="warn">{describeFailure(error)}</Banner>
      </div>
    );
  }
  const found = data.data.filter(({ id }) => id.toLowerCase().includes(filter.toLowerCase()));
  return (
    <div className="space-y-3 pt-5">
      <TextField
        label={t('providers.offers', { count: data.data.length })}
        type="search"
        value={filter}
        onChange={(event) => setFilter(event.target.value)}
      />
      <ul className="divide-y">
        {found.slice(0, SHOWN_MAX).map(({ id, servedAs }) => (
          <li key={id} className="flex min-h-11 items-center justify-between gap-3 py-1.5">
            <span className="min-w-0 font-mono text-xs break-all">{id}</span>
            {servedAs === null ? (
              <Button
                size="sm"
                onClick={() => onChoose(id)}
                aria-label={t('providers.choose', { name: id })}
              >
                {t('providers.chooseShort')}
              </Button>
            ) : (
              <Pill tone="good">{t('providers.served')}</Pill>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
