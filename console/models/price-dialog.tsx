/** The operator's price of a model. A new price is valid from now on; calls already admitted keep theirs. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Price, type PriceCreate, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button, buttonClass } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { DECIMAL_PATTERN, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { notify } from '../ui/toast.tsx';
import { pricesQuery } from './queries.ts';

const FIELDS = [
  { name: 'inputPerMillion', label: 'usage.input', isRequired: true },
  { name: 'outputPerMillion', label: 'usage.output', isRequired: true },
  { name: 'cacheReadPerMillion', label: 'usage.cached', isRequired: false },
  { name: 'reasoningPerMillion', label: 'usage.reasoning', isRequired: false },
] as const;

type Draft = Record<(typeof FIELDS)[number]['name'], string>;

export type PriceDialogProps = Readonly<{
  model: string;
  price: Price | null;
  onClose: () => void;
}>;

export function PriceDialog({ model, price, onClose }: PriceDialogProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>(() => draftOf(price));
  const create = useMutation({
    mutationFn: () => cloud.prices.create(parseDraft(model, draft)),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('price.set'));
      onClose();
      await queries.invalidateQueries({ queryKey: pricesQuery.queryKey });
    },
  });
  if (price !== null && !isPlain(price)) return <RichPrice onClose={onClose} />;
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('price.title')}
      description={t('price.text')}
      closeLabel={t('action.close')}
    >
      <form onSubmit={onSubmit} className="space-y-4">
        <div className="grid gap-4 sm:grid-cols-2">
          {FIELDS.map(({ name, label, isRequired }) => (
            <TextField
              key={name}
              label={t(label)}
              hint={isRequired ? t('price.unit') : t('price.optional')}
              required={isRequired}
              inputMode="decimal"
              pattern={DECIMAL_PATTERN}
              value={draft[name]}
              onChange={(event) => setDraft((now) => ({ ...now, [name]: event.target.value }))}
            />
          ))}
        </div>
        {create.error !== null && <Banner tone="bad">{describeFailure(create.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" isBusy={create.isPending}>
            {t('price.submit')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** Four amounts cannot say it, and would silently drop the rest. */
function RichPrice({ onClose }: Pick<PriceDialogProps, 'onClose'>) {
  const { t } = useTranslation();
  return (
    <Dialog isOpen onClose={onClose} title={t('price.title')} closeLabel={t('action.close')}>
      <p className="text-sm text-muted">{t('prices.rich')}</p>
      <DialogActions>
        <Link to="/finance" search={{ tab: 'prices' }} className={buttonClass('primary')}>
          {t('finance.prices')}
        </Link>
      </DialogActions>
    </Dialog>
  );
}

function isPlain({ rates, serviceTiers, regions }: Price): boolean {
  const isBare = Object.keys(serviceTiers).length + Object.keys(regions).length === 0;
  return (
    isBare &&
    rates.every(
      ({ unit, direction, mode, per, tiers, ...conditions }) =>
        unit === 'token' &&
        direction !== 'cache_write' &&
        mode === 'whole_request' &&
        per > 0 &&
        tiers.length === 1 &&
        Object.keys(conditions).length === 0,
    )
  );
}

function draftOf(price: Price | null): Draft {
  return {
    inputPerMillion: price?.inputPerMillion ?? '',
    outputPerMillion: price?.outputPerMillion ?? '',
    cacheReadPerMillion: price?.cacheReadPerMillion ?? '',
    reasoningPerMillion: price?.reasoningPerMillion ?? '',
  };
}

function parseDraft(model: string, draft: Draft): PriceCreate {
  const optional = (text: string): string | null => (text.trim() === '' ? null : text.trim());
  return {
    model,
    inputPerMillion: draft.inputPerMillion.trim(),
    outputPerMillion: draft.outputPerMillion.trim(),
    cacheReadPerMillion: optional(draft.cacheReadPerMillion),
    reasoningPerMillion: optional(draft.reasoningPerMillion),
  };
}
