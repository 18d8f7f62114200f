/** One price of a draft, with all its dimensions. Saving makes a draft, or the next revision of the one it belongs to. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Price, type PriceDraft, cloud } from '../cloud.ts';
import { modelsQuery } from '../models/queries.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { CurrencyField } from '../ui/currency-field.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { notify } from '../ui/toast.tsx';
import { NEW_PRICE, type PriceForm, formOfItem, formOfPrice, itemOfForm } from './price-form.ts';
import { PriceMultiples } from './prices-multiples.tsx';
import { PriceRates } from './prices-rate.tsx';

export type PriceEditorProps = Readonly<{
  start: Readonly<{
    /** Null makes a new one. */
    draft: PriceDraft | null;
    /** Which of its prices; one past the last is a new one. */
    index: number | null;
    /** What a new one begins with. */
    price: Price | null;
  }>;
  onClose: () => void;
  onSaved: (draftId: string) => void;
}>;

export function PriceEditor({ start, onClose, onSaved }: PriceEditorProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { draft } = start;
  const item = draft?.items[start.index ?? 0] ?? null;
  const [form, setForm] = useState<PriceForm>(() => {
    if (item !== null) return formOfItem(item);
    return start.price === null ? NEW_PRICE : formOfPrice(start.price);
  });
  const [title, setTitle] = useState(start.price?.modelName ?? '');
  const save = useMutation({
    mutationFn: () => write(form, title.trim() || form.model, start),
    meta: { isSilent: true },
    onSuccess: async ({ id }) => {
      notify(t('prices.saved'));
      await Promise.all(
        [['price-drafts'], ['price-events']].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      );
      onSaved(id);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width="46rem"
      title={item === null ? t('prices.newPrice') : t('prices.changeOf', { name: item.model })}
      description={t('prices.editorText')}
      closeLabel={t('action.close')}
    >
      <form onSubmit={submit} className="space-y-5">
        <Head form={form} onChange={setForm} />
        {draft === null && (
          <TextField
            label={t('prices.title')}
            hint={t('prices.titleHint')}
            maxLength={200}
            value={title}
            onChange={(event) => setTitle(event.target.value)}
          />
        )}
        <PriceRates rates={form.rates} onChange={(rates) => setForm({ ...form, rates })} />
        <PriceMultiples form={form} onChange={setForm} />
        {save.error !== null && <Banner tone="bad">{describeFailure(save.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" isBusy={save.isPending}>
            {t('prices.saveDraft')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function write(
  form: PriceForm,
  title: string,
  { draft, index }: PriceEditorProps['start'],
): Promise<PriceDraft> {
  const item = itemOfForm(form);
  if (draft === null) return cloud.priceDrafts.create({ title, items: [item] });
  const items = [...draft.items];
  items[index ?? items.length] = item;
  return cloud.priceDrafts.update(draft.id, {
    title: draft.title,
    items,
    revision: draft.revision,
  });
}

export type FormPartProps = Readonly<{
  form: PriceForm;
  onChange: (form: PriceForm) => void;
}>;

function Head({ form, onChange }: FormPartProps) {
  const { t } = useTranslation();
  const { data: models = [] } = useInfiniteQuery(modelsQuery);
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField
        label={t('usage.byModel')}
        required
        list="price-models"
        placeholder="owner/name"
        value={form.model}
        onChange={(event) => onChange({ ...form, model: event.target.value })}
      />
      <datalist id="price-models">
        {models.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </datalist>
      <TextField
        label={t('prices.from')}
        hint={t('prices.fromHint')}
        type="datetime-local"
        value={form.from}
        onChange={(event) => onChange({ ...form, from: event.target.value })}
      />
      <CurrencyField
        value={form.currency}
        onChange={(currency) => onChange({ ...form, currency })}
        hint={t('prices.currencyHint')}
      />
    </div>
  );
}
