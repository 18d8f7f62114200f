/** Makes a route or changes one: targets with weights, a canary, fallbacks in their order. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Route, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { mayOperate, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Field, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Slider } from '../ui/slider.tsx';
import { Switch } from '../ui/switch.tsx';
import { notify } from '../ui/toast.tsx';
import {
  CONDITIONS,
  type Draft,
  EMPTY_DRAFT,
  draftOf,
  faultOf,
  sharesOf,
  wishOf,
} from './draft.ts';
import { CONDITION_LABELS, FAULT_LABELS, STICKY_LABELS } from './labels.ts';
import { routesQuery } from './queries.ts';
import { ShareBar } from './share-bar.tsx';
import { FallbackFields, TargetFields, TargetSelect } from './target-fields.tsx';

export type RouteFormProps = Readonly<{ route: Route | null; onClose: () => void }>;

export type FieldsProps = Readonly<{ draft: Draft; change: (part: Partial<Draft>) => void }>;

/** A share that is small enough to try something on. */
const CANARY_PERCENT = 5;

export function RouteForm({ route, onClose }: RouteFormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>(route === null ? EMPTY_DRAFT : draftOf(route));
  const [wasTried, setWasTried] = useState(false);
  const change = (part: Partial<Draft>): void => setDraft((now) => ({ ...now, ...part }));
  const fault = faultOf(draft);
  const set = useMutation({
    mutationFn: () => cloud.routes.set(wishOf(draft)),
    meta: { isSilent: true },
    onSuccess: async ({ name }) => {
      notify(t('routing.saved', { name }));
      onClose();
      await queries.invalidateQueries({ queryKey: routesQuery.queryKey });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    setWasTried(true);
    if (fault === null) set.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={route === null ? t('routing.create') : t('routing.editOf', { name: route.name })}
      description={t('routing.formText')}
      closeLabel={t('action.close')}
      width="40rem"
    >
      <form noValidate onSubmit={onSubmit} className="space-y-5">
        {route === null && <NameFields draft={draft} change={change} />}
        <TargetFields draft={draft} change={change} />
        <ShareBar shares={sharesOf(draft)} label={t('routing.shares')} />
        <CanaryFields draft={draft} change={change} />
        <FallbackFields draft={draft} change={change} />
        {draft.fallbacks.length > 0 && <ConditionFields draft={draft} change={change} />}
        <StickyField draft={draft} change={change} />
        {wasTried && fault !== null && <Banner tone="bad">{t(FAULT_LABELS[fault])}</Banner>}
        {set.error !== null && <Banner tone="bad">{describeFailure(set.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" isBusy={set.isPending}>
            {t('action.save')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function NameFields({ draft, change }: FieldsProps) {
  const { t } = useTranslation();
  const isOperator = mayOperate(useMe(), 'tenants');
  return (
    <>
      <TextField
        label={t('routing.name')}
        hint={t('routing.nameHint')}
        placeholder="fast"
        maxLength={200}
        value={draft.name}
        onChange={(event) => change({ name: event.target.value })}
      />
      {isOperator && (
        <Switch
          label={t('routing.forAll')}
          hint={t('routing.forAllHint')}
          isOn={draft.scope === 'platform'}
          onChange={(isOn) => change({ scope: isOn ? 'platform' : 'tenant' })}
        />
      )}
    </>
  );
}

function CanaryFields({ draft, change }: FieldsProps) {
  const { t } = useTranslation();
  const { canary } = draft;
  return (
    <div className="space-y-3">
      <Switch
        label={t('routing.canary')}
        hint={t('routing.canaryHint')}
        isOn={canary !== null}
        onChange={(isOn) =>
          change({ canary: isOn ? { target: '', percent: CANARY_PERCENT } : null })
        }
      />
      {canary !== null && (
        <div className="grid items-end gap-4 sm:grid-cols-2">
          <Field id="route-canary" label={t('routing.canaryTarget')}>
            <TargetSelect
              id="route-canary"
              ownName={draft.name}
              value={canary.target}
              onChange={(target) => change({ canary: { ...canary, target } })}
            />
          </Field>
          <Slider
            label={t('routing.canaryPercent')}
            min={0}
            max={100}
            step={0.5}
            value={canary.percent}
            onChange={(percent) => change({ canary: { ...canary, percent } })}
          />
        </div>
      )}
    </div>
  );
}

function ConditionFields({ draft, change }: FieldsProps) {
  const { t } = useTranslation();
  return (
    <fieldset className="space-y-2.5">
      <legend className="mb-2 text-sm font-medium">{t('routing.fallbackOn')}</legend>
      {CONDITIONS.map((condition) => (
        <Switch
          key={condition}
          label={t(CONDITION_LABELS[condition])}
          isOn={draft.fallbackOn.includes(condition)}
          onChange={(isOn) =>
            change({
              fallbackOn: CONDITIONS.filter((each) =>
                each === condition ? isOn : draft.fallbackOn.includes(each),
              ),
            })
          }
        />
      ))}
    </fieldset>
  );
}

function StickyField({ draft, change }: FieldsProps) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-col items-start gap-1.5">
      <span className="text-sm font-medium">{t('routing.sticky')}</span>
      <Segmented
        label={t('routing.sticky')}
        value={draft.sticky}
        onChange={(sticky) => change({ sticky })}
        choices={(['key', 'session', 'none'] as const).map((value) => ({
          value,
          label: t(STICKY_LABELS[value]),
        }))}
      />
      <p className="text-xs text-muted">{t('routing.stickyHint')}</p>
    </div>
  );
}
