/** How strictly gateways keep to a balance: of one tenant, or of the cloud for all that chose nothing. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type LeaseModeView, type Tenant, cloud } from '../cloud.ts';
import { Failure, describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Banner } from '../ui/notice.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { notify } from '../ui/toast.tsx';
import { leaseModeQuery } from './queries.ts';

/** Null is the cloud's own. */
type LeaseModeProps = Readonly<{ tenant: Tenant | null; onClose: () => void }>;

export function LeaseModeDialog({ tenant, onClose }: LeaseModeProps) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(leaseModeQuery(tenant?.id ?? 'all'));
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={tenant === null ? t('leaseMode.ofCloud') : t('leaseMode.of', { name: tenant.name })}
      closeLabel={t('action.close')}
    >
      {data === undefined && error === null && <SkeletonRows rows={2} />}
      {data === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
      {data !== undefined && <ModeForm now={data} tenant={tenant} onClose={onClose} />}
    </Dialog>
  );
}

function ModeForm({ now, tenant, onClose }: LeaseModeProps & Readonly<{ now: LeaseModeView }>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const set = useMutation({
    mutationFn: (mode: LeaseModeView['mode'] | null) =>
      cloud.ledger.setMode({ tenantId: tenant?.id ?? null, mode }),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('leaseMode.saved'));
      onClose();
      await queries.invalidateQueries({ queryKey: ['lease-mode'] });
    },
  });
  const [chosen, setChosen] = useState(now.isOwn ? now.mode : null);
  // Arrow keys walk through the choices: what they pass must not hold at once.
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    set.mutate(chosen);
  };
  const choices = [
    ...(tenant === null ? [] : [{ mode: null, ...CLOUD }]),
    { mode: 'strict', ...STRICT },
    { mode: 'relaxed', ...RELAXED },
  ] as const;
  return (
    <form onSubmit={submit} className="space-y-4">
      <p className="text-sm text-muted">{t('leaseMode.text')}</p>
      <fieldset className="space-y-2" disabled={set.isPending}>
        <legend className="sr-only">{t('leaseMode.title')}</legend>
        {choices.map(({ mode, label, text }) => (
          <ModeChoice
            key={label}
            label={t(label)}
            text={t(text)}
            isChosen={mode === chosen}
            onChoose={() => setChosen(mode)}
          />
        ))}
      </fieldset>
      {set.error !== null && <Banner tone="bad">{describeFailure(set.error)}</Banner>}
      <DialogActions>
        <Button onClick={onClose}>{t('action.cancel')}</Button>
        <Button type="submit" variant="primary" isBusy={set.isPending}>
          {t('action.save')}
        </Button>
      </DialogActions>
    </form>
  );
}

type ModeChoiceProps = Readonly<{
  label: string;
  text: string;
  isChosen: boolean;
  onChoose: () => void;
}>;

function ModeChoice({ label, text, isChosen, onChoose }: ModeChoiceProps) {
  const id = useId();
  return (
    <div className="flex gap-3 rounded-lg border p-3 has-checked:border-accent-line has-checked:bg-inset">
      <input
        id={id}
        type="radio"
        name="lease-mode"
        checked={isChosen}
        onChange={onChoose}
        aria-describedby={`${id}-text`}
        className="mt-1 size-4 accent-(--accent)"
      />
      <div className="min-w-0">
        <label htmlFor={id} className="block cursor-pointer text-sm font-medium">
          {label}
        </label>
        <p id={`${id}-text`} className="text-sm text-muted">
          {text}
        </p>
      </div>
    </div>
  );
}

const CLOUD = { label: 'leaseMode.cloud', text: 'leaseMode.cloudText' } as const;
const STRICT = { label: 'leaseMode.strict', text: 'leaseMode.strictText' } as const;
const RELAXED = { label: 'leaseMode.relaxed', text: 'leaseMode.relaxedText' } as const;
